"""What whoever starts the gateway may choose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from penstock.gateway import limits
from penstock.gateway.origins import Networks


@dataclass(frozen=True, slots=True)
class Settings:
    """`docs_api_key` is filled in on the docs page for readers on this machine; None leaves it to the reader.

    `docs_grpc_address` is the HOST:PORT that the page shows in grpcurl lines; None lets the page guess it.

    `trusted_proxies` are the networks of proxies that are believed when they say whom they speak for.

    `connections_max` is how many may be open at once, over which those that can be spared are closed.

    `process` is what metrics call this process. `neighbours` is a folder in which processes that share the port find
    each other, so that one scrape gives the metrics of all; None when there are no others.
    """

    body_bytes_max: int = limits.BODY_BYTES_MAX
    body_timeout_s: float = limits.BODY_TIMEOUT_S
    head_timeout_s: float = limits.HEAD_TIMEOUT_S
    keep_alive_s: float = limits.KEEP_ALIVE_S
    send_timeout_s: float = limits.SEND_TIMEOUT_S
    idle_s: float = limits.IDLE_S
    connections_max: int = limits.CONNECTIONS_MAX
    stop_timeout_s: float = limits.STOP_TIMEOUT_S
    trusted_proxies: Networks = ()
    docs_api_key: str | None = None
    docs_grpc_address: str | None = None
    process: str = "0"
    neighbours: Path | None = None
