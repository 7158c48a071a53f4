"""One call with a stream of answers over a connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from penstock.gateway.remote.connection import Connection
from penstock.wire import relay
from penstock.wire.gen.relay_service_pb2 import RelayResponse
from penstock.wire.status import RpcError


async def follow(connection: Connection, method: str, key: str, request: bytes) -> AsyncGenerator[bytes, None]:
    """The messages in protobuf. Raises RpcError. The call is cancelled when the generator is closed.

    What is asked for is granted: a reader who takes nothing holds the engine's end back.
    """
    inbox = _Inbox()
    call_id = connection.begin(method, key, request, inbox, relay.CREDIT_BYTES)
    used = 0
    try:
        while (message := await inbox.next()) is not None:
            yield message
            used += relay.cost_bytes(message)
            # In halves, so that few grants are sent and the engine need not wait for one.
            if used >= relay.CREDIT_BYTES // 2:
                connection.grant(call_id, used)
                used = 0
    finally:
        connection.cancel(call_id)


class _Inbox:
    """Messages that came and were not read yet: no more than the credit."""

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._has_ended = False
        self._error: RpcError | None = None
        self._reader: asyncio.Future[None] | None = None

    async def next(self) -> bytes | None:
        """The next message, waiting for it; None at the end. Raises RpcError after the last one when it failed."""
        while not self._messages and not self._has_ended:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        if self._messages:
            return self._messages.popleft()
        if self._error is not None:
            raise self._error
        return None

    def take(self, answer: RelayResponse.Answer) -> None:
        if answer.HasField("message"):
            self._messages.append(answer.message)
        self._has_ended = answer.is_end
        self._wake()

    def fail(self, error: RpcError) -> None:
        self._error, self._has_ended = error, True
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
