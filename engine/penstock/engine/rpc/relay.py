"""One stream of a gateway: runs its calls, each with the rights of its own key, and collects their answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

from grpc import aio

from penstock.engine.domain import limits
from penstock.engine.rpc.credit import Credit
from penstock.engine.rpc.decoding import decoded
from penstock.engine.rpc.status import rpc_error
from penstock.wire import relay
from penstock.wire.batches import Batches
from penstock.wire.gen.relay_service_pb2 import RelayIdentity, RelayReadiness, RelayRequest, RelayResponse
from penstock.wire.origin import Origin, origin
from penstock.wire.service import Engine, MethodSpec
from penstock.wire.status import Code, RpcError

Context = aio.ServicerContext[RelayRequest, RelayResponse]


_LAST_WRITE_S = 5.0
"""How long a gateway that ended its stream may take for what was sent to it before."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method with what runs it."""

    spec: MethodSpec
    call: Callable[..., Any]


class Relay:
    """The calls of one stream, from its begin to its end."""

    def __init__(self, engine: Engine, methods: Mapping[str, Method]) -> None:
        """`methods` are by path."""
        self._engine = engine
        self._methods = methods
        self._answers = Batches(RelayResponse, relay.BATCH_BYTES_MAX)
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._credits: dict[int, Credit] = {}
        self._is_stopping = False

    async def run(self, requests: AsyncIterator[RelayRequest], context: Context) -> None:
        """Returns when the gateway ends the stream, or after `stop`. Calls that still run are cancelled then."""
        writing = asyncio.create_task(self._write(context))
        tasks = [asyncio.create_task(self._read(requests)), writing]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # A message that is on its way gets there: gRPC takes no status before it.
            self._answers.close()
            await asyncio.wait([writing], timeout=_LAST_WRITE_S)
        finally:
            tasks.extend(self._calls.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in ended:
            task.result()

    def stop(self) -> None:
        """Begins no more calls, and ends the stream when those that run have been answered."""
        self._is_stopping = True
        self._end_if_idle()

    async def _read(self, requests: AsyncIterator[RelayRequest]) -> None:
        async for batch in requests:
            for call in batch.calls:
                self._begin(call)
            for grant in batch.credits:
                if credit := self._credits.get(grant.call_id):
                    credit.grant(grant.bytes)
            for call_id in batch.cancels:
                if task := self._calls.get(call_id):
                    task.cancel()

    async def _write(self, context: Context) -> None:
        while (batch := await self._answers.take()) is not None:
            await context.write(batch)

    def _begin(self, call: RelayRequest.Call) -> None:
        try:
            running = self._prepare(call)
        except RpcError as error:
            self._fail(call.id, error)
            return
        task = asyncio.create_task(running)
        self._calls[call.id] = task
        task.add_done_callback(partial(self._ended, call.id))

    def _prepare(self, call: RelayRequest.Call) -> Coroutine[Any, Any, None]:
        """What runs the call. It keeps nothing of `call`, which would keep its whole batch. Raises RpcError."""
        if self._is_stopping:
            raise RpcError(Code.UNAVAILABLE, "STOPPING", "the server is stopping; try again")
        if call.id in self._calls:
            raise RpcError(Code.INVALID_ARGUMENT, "CALL_ID_TAKEN", f"id: expected a new one, got {call.id}")
        if len(self._calls) >= limits.RELAY_CALLS_MAX:
            raise RpcError(Code.RESOURCE_EXHAUSTED, "OVERLOADED", "too many calls at once; try again")
        key = call.api_key or None
        if call.method == relay.AUTHENTICATE:
            return self._unary(call.id, self._identify, key)
        if call.method == relay.READY:
            return self._unary(call.id, self._tell_readiness)
        method = self._methods.get(call.method)
        if method is None:
            raise RpcError(Code.UNIMPLEMENTED, "NO_SUCH_METHOD", f"there is no method {call.method}")
        request = decoded(method.spec.request, call.request)
        came = Origin("HTTP", call.address, call.request_id) if method.spec.is_change else None
        if not method.spec.server_streaming:
            return self._unary(call.id, self._invoke, method, request, key, came)
        credit = self._credits[call.id] = Credit(call.credit)
        return self._streaming(call.id, method, request, key, came, credit)

    async def _identify(self, key: str | None) -> RelayIdentity:
        caller = await self._engine.authenticate(key)
        return RelayIdentity(account=caller.account, key_id=caller.key_id, scopes=caller.grants.scopes)

    async def _tell_readiness(self) -> RelayReadiness:
        told = await self._engine.readiness()
        checks = [RelayReadiness.Check(name=name, state=state) for name, state in told.checks.items()]
        return RelayReadiness(is_ready=told.is_ready, checks=checks)

    async def _invoke(self, method: Method, request: Any, key: str | None, came: Origin | None) -> Any:
        origin.set(came)
        return await method.call(request, await self._engine.authenticate(key))

    async def _unary(self, call_id: int, answer: Callable[..., Awaitable[Any]], *given: Any) -> None:
        try:
            message = _serialized(await answer(*given))
        except Exception as error:
            self._fail(call_id, rpc_error(error))
        else:
            self._answers.open(len(message)).answers.add(call_id=call_id, message=message, is_end=True)

    async def _streaming(
        self, call_id: int, method: Method, request: Any, key: str | None, came: Origin | None, credit: Credit
    ) -> None:
        origin.set(came)
        try:
            caller = await self._engine.authenticate(key)
            async with aclosing(method.call(request, caller)) as messages:
                async for each in messages:
                    message = _serialized(each)
                    await credit.spend(relay.cost_bytes(message))
                    self._answers.open(len(message)).answers.add(call_id=call_id, message=message)
        except Exception as error:
            self._fail(call_id, rpc_error(error))
        else:
            self._answers.open(0).answers.add(call_id=call_id, is_end=True)

    def _fail(self, call_id: int, error: RpcError) -> None:
        answer = RelayResponse.Answer(call_id=call_id, is_end=True)
        relay.write_error(error, answer.error)
        self._answers.open(answer.ByteSize()).answers.append(answer)

    def _ended(self, call_id: int, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            # Whoever cancelled does not wait for it, but then it was not always the caller.
            self._fail(call_id, RpcError(Code.CANCELLED, "CANCELLED", "the call was cancelled"))
        del self._calls[call_id]
        self._credits.pop(call_id, None)
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        if self._is_stopping and not self._calls:
            self._answers.close()


def _serialized(message: Any) -> bytes:
    """Raises RpcError for what is too large: sent all the same, it would end the stream and every call on it."""
    serialized: bytes = message.SerializeToString()
    if len(serialized) > limits.REQUEST_BYTES_MAX:
        problem = f"answer: expected at most {limits.REQUEST_BYTES_MAX} bytes, got {len(serialized)}"
        raise RpcError(Code.RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE", problem)
    return serialized
