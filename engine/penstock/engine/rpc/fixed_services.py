"""The services of penstock.v1 over gRPC."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

import grpc

from penstock.engine.rpc.calls import Context, abort, bearer
from penstock.wire.deprecation import DEPRECATED_METADATA, FIELD, deprecated_since
from penstock.wire.service import Engine, MethodSpec, ServiceSpec
from penstock.wire.status import RpcError


class FixedServices(grpc.GenericRpcHandler):
    """Authenticates, calls the service, answers with google.rpc.Status on errors."""

    def __init__(self, engine: Engine, services: Sequence[ServiceSpec]) -> None:
        self._handlers = {
            method.path: _handler(engine, getattr(engine.service(spec.name), method.attribute), method)
            for spec in services
            for method in spec.methods
        }

    def service(self, handler_call_details: Any) -> Any:
        return self._handlers.get(handler_call_details.method)


def _handler(engine: Engine, implementation: Callable[..., Any], method: MethodSpec) -> Any:
    make = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
    answer = _streaming(engine, implementation) if method.server_streaming else _unary(engine, implementation)
    if FIELD in method.response.DESCRIPTOR.fields_by_name:
        answer = _streaming_deprecation(answer) if method.server_streaming else _with_deprecation(answer)
    return make(
        answer,
        request_deserializer=method.request.FromString,
        response_serializer=method.response.SerializeToString,
    )


def _unary(engine: Engine, implementation: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def answer(request: Any, context: Context) -> Any:
        try:
            caller = await engine.authenticate(bearer(context.invocation_metadata()))
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


def _streaming(engine: Engine, implementation: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(request: Any, context: Context) -> Any:
        try:
            caller = await engine.authenticate(bearer(context.invocation_metadata()))
            async with aclosing(implementation(request, caller)) as messages:
                async for message in messages:
                    yield message
        except RpcError as error:
            await abort(context, error)

    return answer
