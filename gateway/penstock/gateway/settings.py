"""What whoever starts the gateway may choose."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.gateway import limits


@dataclass(frozen=True, slots=True)
class Settings:
    """`docs_api_key` is filled in on the docs page for readers on this machine; None leaves it to the reader.

    `docs_grpc_address` is the HOST:PORT that the page shows in grpcurl lines; None lets the page guess it.
    """

    body_bytes_max: int = limits.BODY_BYTES_MAX
    body_timeout_s: float = limits.BODY_TIMEOUT_S
    keep_alive_s: float = limits.KEEP_ALIVE_S
    send_timeout_s: float = limits.SEND_TIMEOUT_S
    stop_timeout_s: float = limits.STOP_TIMEOUT_S
    docs_api_key: str | None = None
    docs_grpc_address: str | None = None
