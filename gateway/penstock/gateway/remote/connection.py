"""One stream to the engine: many calls at once, their requests and answers in batches."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from grpc import aio

from penstock.gateway import limits
from penstock.gateway.problems import body_too_large
from penstock.gateway.remote.problems import connection_broke, no_connection
from penstock.wire import relay
from penstock.wire.batches import Batches
from penstock.wire.gen.relay_service_pb2 import RelayRequest, RelayResponse
from penstock.wire.origin import origin
from penstock.wire.status import RpcError

_log = logging.getLogger("penstock.gateway")

Stream = aio.StreamStreamCall[RelayRequest, RelayResponse]


class Receiver(Protocol):
    """Takes the answers of one call. Both are called in the loop and must not wait."""

    def take(self, answer: RelayResponse.Answer) -> None:
        """One message, or the end, or both; no error."""
        ...

    def fail(self, error: RpcError) -> None:
        """The end, with an error. Called at most once, and nothing afterwards."""
        ...


class Connection:
    """The calls of one stream. It does not come back when it breaks: another one takes its place."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._requests = Batches(RelayRequest, relay.BATCH_BYTES_MAX)
        self._receivers: dict[int, Receiver] = {}
        self._last_id = 0
        self._is_broken = False

    async def run(self) -> None:
        """Sends and receives until the stream breaks. Every call that has not ended fails then."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_broken = True
            self._stream.cancel()
            for task in tasks:
                task.cancel()
            reason, _ = await asyncio.gather(*tasks, return_exceptions=True)
            if isinstance(reason, Exception) and not isinstance(reason, aio.AioRpcError):
                fields = {"action": "gateway.engine_not_understood"}
                _log.error("what the engine sent could not be read", exc_info=reason, extra=fields)
            receivers, self._receivers = self._receivers, {}
            for receiver in receivers.values():
                receiver.fail(connection_broke())

    def begin(self, method: str, key: str, request: bytes, receiver: Receiver, credit: int = 0) -> int:
        """Sends a call and gives its id. Raises RpcError when it cannot be sent."""
        if self._is_broken:
            raise no_connection()
        if len(request) > limits.BODY_BYTES_MAX:
            # Sent all the same, it would end the stream and every call on it.
            raise body_too_large(limits.BODY_BYTES_MAX)
        self._last_id = call_id = self._last_id + 1
        self._receivers[call_id] = receiver
        call = self._requests.open(len(request)).calls.add(
            id=call_id, method=method, api_key=key, request=request, credit=credit
        )
        if (came := origin.get()) is not None:
            call.address, call.request_id = came.address, came.request_id
        return call_id

    def grant(self, call_id: int, size: int) -> None:
        """Lets a streaming call send `size` more bytes."""
        self._requests.open(0).credits.add(call_id=call_id, bytes=size)

    def cancel(self, call_id: int) -> None:
        """Ends a call whose answers nobody wants any more. Does nothing when it has ended."""
        if self._receivers.pop(call_id, None) is not None and not self._is_broken:
            self._requests.open(0).cancels.append(call_id)

    async def _read(self) -> None:
        async for batch in self._stream:
            for answer in batch.answers:
                self._receive(answer)

    async def _write(self) -> None:
        while (batch := await self._requests.take()) is not None:
            await self._stream.write(batch)

    def _receive(self, answer: RelayResponse.Answer) -> None:
        call_id = answer.call_id
        receiver = self._receivers.pop(call_id, None) if answer.is_end else self._receivers.get(call_id)
        if receiver is None:
            return  # Answers to a call that was cancelled still come for a while.
        if answer.HasField("error"):
            receiver.fail(relay.read_error(answer.error))
        else:
            receiver.take(answer)
