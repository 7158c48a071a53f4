"""One call with one answer over a connection."""

from __future__ import annotations

import asyncio

from penstock.gateway.remote.connection import Connection
from penstock.wire.gen.relay_service_pb2 import RelayResponse
from penstock.wire.status import RpcError


async def ask(connection: Connection, method: str, key: str, request: bytes) -> bytes:
    """The answer in protobuf. Raises RpcError. The call is cancelled with its caller."""
    answer = _Answer()
    call_id = connection.begin(method, key, request, answer)
    try:
        return await answer.message
    except asyncio.CancelledError:
        connection.cancel(call_id)
        raise


class _Answer:
    """Receives the one message."""

    __slots__ = ("message",)

    def __init__(self) -> None:
        self.message: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def take(self, answer: RelayResponse.Answer) -> None:
        if not self.message.done():
            self.message.set_result(answer.message)

    def fail(self, error: RpcError) -> None:
        if not self.message.done():
            self.message.set_exception(error)
