"""What every gRPC method does around its own work: who calls, and what they are told when it fails."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import unquote

from grpc import aio
from grpc_status import rpc_status

from penstock.wire.origin import REQUEST_ID_LENGTH_MAX, Origin, origin
from penstock.wire.status import Code, RpcError

log = logging.getLogger(__name__)

Context = aio.ServicerContext[Any, Any]

TRACEPARENT = "traceparent"
"""Name of the metadata and of the field of requests that keep it."""


def bearer(metadata: Any) -> str | None:
    """The key of an `authorization: Bearer …` header; None when there is none."""
    for name, value in metadata or ():
        if name == "authorization":
            scheme, _, key = value.partition(" ")
            return key.strip() if scheme.lower() == "bearer" else None
    return None


def take_traceparent(request: Any, metadata: Any) -> None:
    """Where the caller is in a trace of its own, as the metadata says it, if they do."""
    for name, value in metadata or ():
        if name == TRACEPARENT and isinstance(value, str):
            request.traceparent = value


def take_origin(context: Context) -> None:
    """Notes where a call came from, for whoever records it."""
    request_id = ""
    for name, value in context.invocation_metadata() or ():
        if name == "x-request-id" and isinstance(value, str):
            request_id = value[:REQUEST_ID_LENGTH_MAX]
    origin.set(Origin("GRPC", _address(context.peer()), request_id))


def _address(peer: str) -> str:
    """Of a peer as gRPC names it: ipv4:127.0.0.1:1234, ipv6:%5B::1%5D:1234."""
    family, _, place = peer.partition(":")
    return unquote(place).rpartition(":")[0].strip("[]") if family.startswith("ipv") else peer


async def abort(context: Context, error: RpcError) -> None:
    """Ends the call with the error as google.rpc.Status. Always raises."""
    if error.code is Code.UNAVAILABLE:
        log.warning("a call failed", extra={"action": "call_unavailable", "reason": error.reason})
    await context.abort_with_status(rpc_status.to_status(error.to_status()))
