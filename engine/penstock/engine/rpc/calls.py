"""What every gRPC method does around its own work: who calls, and what they are told when it fails."""

from __future__ import annotations

import logging
from typing import Any

from grpc import aio
from grpc_status import rpc_status

from penstock.wire.status import Code, RpcError

log = logging.getLogger(__name__)

Context = aio.ServicerContext[Any, Any]


def bearer(metadata: Any) -> str | None:
    """The key of an `authorization: Bearer …` header; None when there is none."""
    for name, value in metadata or ():
        if name == "authorization":
            scheme, _, key = value.partition(" ")
            return key.strip() if scheme.lower() == "bearer" else None
    return None


async def abort(context: Context, error: RpcError) -> None:
    """Ends the call with the error as google.rpc.Status. Always raises."""
    if error.code is Code.UNAVAILABLE:
        log.warning("a call failed", extra={"action": "call_unavailable", "reason": error.reason})
    await context.abort_with_status(rpc_status.to_status(error.to_status()))
