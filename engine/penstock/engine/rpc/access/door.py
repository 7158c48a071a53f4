"""First to hear of each gRPC call: whether there is room for one more, and whether its caller is known.

gRPC by itself reads the message of a call, however long that takes and however large it is, before it asks anybody who
calls. Here a key that was good a moment ago goes straight through, and any other is looked up before anything is read.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc
from grpc import aio

from penstock.engine.domain import limits
from penstock.engine.domain.errors import PenstockError, Unauthenticated
from penstock.engine.rpc.calls import Context, abort, bearer
from penstock.wire.metrics import Family, counter, gauge
from penstock.wire.status import Code, RpcError

if TYPE_CHECKING:
    from penstock.engine.rpc.keys import Keys

    Handler = grpc.RpcMethodHandler[Any, Any]


class Door(grpc.GenericRpcHandler):
    """Stands before the handlers of all services."""

    def __init__(
        self, handlers: Sequence[grpc.GenericRpcHandler], keyless: Collection[str], keys: Keys | None, calls_max: int
    ) -> None:
        """`keyless` are paths of methods that need no key. `keys` None: nobody is known before the handlers say so."""
        self._handlers = handlers
        self._keyless = frozenset(keyless)
        self._keys = keys
        self._full = _refusing(_too_many(calls_max, "calls"))
        self._crowded = _refusing(_too_many(limits.KEYLESS_CALLS_MAX, "calls of this method"))
        self._calls_max = calls_max
        self._count = 0
        self._keyless_counts: Counter[str] = Counter()
        self._refused = Counter({"calls": 0, "keyless": 0})

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        handler = self._find(handler_call_details)
        if handler is None:
            return None
        if self._count >= self._calls_max:
            self._refused["calls"] += 1
            return self._full
        # gRPC asks in the task that answers the call.
        task = asyncio.current_task()
        assert task is not None
        path = handler_call_details.method
        if path in self._keyless:
            if self._keyless_counts[path] >= limits.KEYLESS_CALLS_MAX:
                self._refused["keyless"] += 1
                return self._crowded
            self._keyless_counts[path] += 1
            task.add_done_callback(lambda _: self._keyless_counts.subtract((path,)))
            handler = _in_time(handler, limits.KEYLESS_MESSAGE_TIMEOUT_S, None)
        elif self._keys is not None and not self._keys.knows(bearer(handler_call_details.invocation_metadata)):
            handler = _in_time(handler, limits.MESSAGE_TIMEOUT_S, self._keys)
        self._count += 1
        task.add_done_callback(self._ended)
        return handler

    def _find(self, details: grpc.HandlerCallDetails) -> Handler | None:
        for each in self._handlers:
            if (found := each.service(details)) is not None:
                return found
        return None

    def _ended(self, _: asyncio.Task[Any]) -> None:
        self._count -= 1

    def families(self) -> list[Family]:
        refused = counter("penstock_grpc_calls_refused", "gRPC calls for which there was no room, by what was full.")
        for what, count in sorted(self._refused.items()):
            refused.add(count, full=what)
        return [
            gauge("penstock_grpc_calls", "gRPC calls that are open.", self._count),
            gauge("penstock_grpc_calls_max", "gRPC calls that may be open.", self._calls_max),
            refused,
        ]


def _in_time(handler: Handler, timeout_s: float, keys: Keys | None) -> Handler:
    """`handler` for a call whose message is read when the key is good, and has to come in time.

    Streams of requests look after themselves.
    """
    if handler.request_streaming:
        return handler
    # Of the two, the one that it is for. gRPC's types know neither coroutines nor the other kind of context.
    unary: Any = handler.unary_unary
    stream: Any = handler.unary_stream

    async def answer(_: Any, context: Context) -> None:
        try:
            raw = await _message(context, timeout_s, keys)
        except RpcError as error:
            await abort(context, error)
        if not handler.response_streaming:
            await context.write(await unary(raw, context))
        elif asyncio.iscoroutinefunction(stream):
            await stream(raw, context)
        else:
            async with aclosing(stream(raw, context)) as messages:
                async for message in messages:
                    await context.write(message)

    return grpc.stream_stream_rpc_method_handler(answer, response_serializer=handler.response_serializer)


async def _message(context: Context, timeout_s: float, keys: Keys | None) -> bytes | None:
    """None: the key is not good, and whoever looks at it next says so. Raises RpcError."""
    try:
        if keys is not None:
            await keys.prove(bearer(context.invocation_metadata()))
    except Unauthenticated:
        return None
    except PenstockError:
        pass  # Whoever looks at the key next says what is wrong.
    try:
        async with asyncio.timeout(timeout_s):
            raw = await context.read()
    except TimeoutError:
        problem = f"request: expected its end within {timeout_s:g} s"
        raise RpcError(Code.INVALID_ARGUMENT, "BODY_TIMEOUT", problem) from None
    if raw is aio.EOF:
        raise RpcError(Code.INVALID_ARGUMENT, "BODY_MISSING", "request: expected a message, got nothing")
    return bytes(raw)


def _refusing(error: RpcError) -> Handler:
    async def answer(_: Any, context: Context) -> None:
        await abort(context, error)

    return grpc.stream_stream_rpc_method_handler(answer)


def _too_many(most: int, what: str) -> RpcError:
    problem = f"the process answers {most:,} {what} at once: try again"
    return RpcError(Code.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS", problem, metadata={"retry_after_s": "1"})
