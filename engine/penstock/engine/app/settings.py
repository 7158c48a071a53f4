"""How one engine process is set up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`data_dir` holds the embedded database and unpacked packages. `database_url` None means embedded."""

    data_dir: Path
    database_url: str | None
    grpc_host: str
    grpc_port: int
    drain_s: float = 10.0
