"""Reads requests from their bytes, so that what is no message is the caller's error and not the server's.

gRPC would call a deserializer that raises a failure of the server: UNKNOWN, with a traceback in its log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message

from penstock.wire.status import Code, RpcError

_M = TypeVar("_M", bound=Message)


def decoded(message: type[_M], raw: bytes) -> _M:
    """Raises RpcError."""
    try:
        return message.FromString(raw)
    except DecodeError:
        wanted: Any = message.DESCRIPTOR
        problem = f"request: expected {wanted.full_name} in protobuf, got something else"
        raise RpcError(Code.INVALID_ARGUMENT, "MALFORMED", problem) from None


async def all_decoded(message: type[_M], raws: AsyncIterator[bytes]) -> AsyncIterator[_M]:
    """The messages of a stream. Raises RpcError."""
    async for raw in raws:
        yield decoded(message, raw)
