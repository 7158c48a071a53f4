"""The services of penstock.v1 over gRPC."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

import grpc

from penstock.engine.rpc.call_counts import CallCounts
from penstock.engine.rpc.calls import TRACEPARENT, Context, abort, bearer, take_origin, take_traceparent
from penstock.engine.rpc.decoding import decoded
from penstock.wire.deprecation import DEPRECATED_METADATA, FIELD, deprecated_since
from penstock.wire.service import Engine, MethodSpec, ServiceSpec
from penstock.wire.status import RpcError


class FixedServices(grpc.GenericRpcHandler):
    """Authenticates, calls the service, answers with google.rpc.Status on errors."""

    def __init__(self, engine: Engine, services: Sequence[ServiceSpec], counts: CallCounts) -> None:
        self._handlers = {
            method.path: _handler(engine, getattr(engine.service(spec.name), method.attribute), method, counts)
            for spec in services
            for method in spec.methods
        }

    def service(self, handler_call_details: Any) -> Any:
        return self._handlers.get(handler_call_details.method)


def _handler(engine: Engine, implementation: Callable[..., Any], method: MethodSpec, counts: CallCounts) -> Any:
    make = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
    takes_trace = TRACEPARENT in method.request.DESCRIPTOR.fields_by_name
    wrap = _streaming if method.server_streaming else _unary
    answer = wrap(engine, implementation, method.request, takes_trace)
    if method.is_change:
        answer = _streaming_change(answer) if method.server_streaming else _change(answer)
    if FIELD in method.response.DESCRIPTOR.fields_by_name:
        answer = _streaming_deprecation(answer) if method.server_streaming else _with_deprecation(answer)
    counted = counts.of(method.path.removeprefix("/"))
    return make(
        counted.streaming(answer) if method.server_streaming else counted.unary(answer),
        response_serializer=method.response.SerializeToString,
    )


def _change(answer: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def call(request: Any, context: Context) -> Any:
        take_origin(context)
        return await answer(request, context)

    return call


def _streaming_change(answer: Callable[..., Any]) -> Callable[..., Any]:
    def call(request: Any, context: Context) -> Any:
        take_origin(context)
        return answer(request, context)

    return call


def _unary(
    engine: Engine, implementation: Callable[..., Awaitable[Any]], message: type[Any], takes_trace: bool
) -> Callable[..., Awaitable[Any]]:
    async def answer(raw: bytes, context: Context) -> Any:
        try:
            caller = await engine.authenticate(bearer(context.invocation_metadata()))
            request = decoded(message, raw)
            if takes_trace:
                take_traceparent(request, context.invocation_metadata())
            return await implementation(request, caller)
        except RpcError as error:
            await abort(context, error)

    return answer


def _with_deprecation(answer: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def call(request: Any, context: Context) -> Any:
        response = await answer(request, context)
        if (value := deprecated_since(response)) is not None:
            context.set_trailing_metadata(((DEPRECATED_METADATA, value),))
        return response

    return call


def _streaming_deprecation(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The first message tells of it; no other is looked at."""

    async def call(request: Any, context: Context) -> Any:
        async with aclosing(answer(request, context)) as messages:
            async for first in messages:
                if (value := deprecated_since(first)) is not None:
                    context.set_trailing_metadata(((DEPRECATED_METADATA, value),))
                yield first
                break
            async for message in messages:
                yield message

    return call


def _streaming(
    engine: Engine, implementation: Callable[..., Any], message: type[Any], takes_trace: bool
) -> Callable[..., Any]:
    async def answer(raw: bytes, context: Context) -> Any:
        try:
            caller = await engine.authenticate(bearer(context.invocation_metadata()))
            request = decoded(message, raw)
            if takes_trace:
                take_traceparent(request, context.invocation_metadata())
            async with aclosing(implementation(request, caller)) as messages:
                async for each in messages:
                    yield each
        except RpcError as error:
            await abort(context, error)

    return answer
