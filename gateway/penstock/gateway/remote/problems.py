"""Says what is wrong with the way to the engine as the RpcError that a caller gets. All may be tried again."""

from __future__ import annotations

from penstock.wire.status import Code, RpcError


def no_connection() -> RpcError:
    """A 503 for a call that was not sent."""
    return RpcError(Code.UNAVAILABLE, "ENGINE_UNREACHABLE", "the engine cannot be reached; try again")


def connection_broke() -> RpcError:
    """A 503 for a call that was sent and got no answer, or not all of it."""
    return RpcError(
        Code.UNAVAILABLE,
        "ENGINE_LOST",
        "the connection to the engine broke; what was asked may have been done: try again with the same request id",
    )
