"""How one engine process is set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from penstock.engine.webhooks.settings import WebhookSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """`data_dir` holds the embedded database and unpacked packages. `database_url` None means embedded. `grpc_host`
    None means no gRPC server: who runs the engine is the only one to call it.

    `instance` is for one of several processes that share a data directory and both ports: the name under which it
    finds its executions again. Somebody else then holds the directory's lock and has migrated the database, whose
    URL is given. None means that the process has all that to itself.
    """

    data_dir: Path
    database_url: str | None
    grpc_host: str | None
    grpc_port: int
    drain_s: float = 10.0
    webhooks: WebhookSettings = field(default_factory=WebhookSettings, kw_only=True)
    instance: str | None = field(default=None, kw_only=True)
