"""The gRPC server: every service of the face, health and reflection on one port."""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from grpc_status import rpc_status

from penstock.engine.domain import limits
from penstock.engine.rpc.reflection import Reflection
from penstock.wire.gen.services import SERVICES
from penstock.wire.service import Engine, MethodSpec, ServiceSpec
from penstock.wire.status import Code, RpcError

log = logging.getLogger(__name__)

_OPTIONS = (
    ("grpc.max_receive_message_length", limits.REQUEST_BYTES_MAX),
    ("grpc.max_send_message_length", limits.REQUEST_BYTES_MAX),
    # Two processes must not share a port by accident.
    ("grpc.so_reuseport", 0),
)


class GrpcServer:
    """Started after the engine, stopped before it."""

    def __init__(self, engine: Engine, services: Sequence[ServiceSpec] = SERVICES) -> None:
        self._server = aio.server(options=_OPTIONS)
        self._health = health.HealthServicer()
        self._server.add_generic_rpc_handlers(
            (
                _Services(engine, services),
                _Reflection(
                    engine,
                    (health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, *(s.full_name for s in services)),
                ),
            )
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._services = services
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Port 0 picks a free one: see `port`. Raises OSError when the address cannot be used."""
        _check_address(host, port)
        try:
            self.port = self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise OSError(f"cannot listen on {host}:{port} for gRPC") from error
        await self._server.start()
        for name in ("", *(spec.full_name for spec in self._services)):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace_s: float) -> None:
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)


def _check_address(host: str, port: int) -> None:
    """Finds out why an address cannot be used, which gRPC tells to its own log alone."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port} for gRPC: {error.strerror or error}") from error


class _Services(grpc.GenericRpcHandler):
    """Authenticates, calls the service, answers with google.rpc.Status on errors."""

    def __init__(self, engine: Engine, services: Sequence[ServiceSpec]) -> None:
        self._handlers = {
            method.path: _handler(engine, getattr(engine.service(spec.name), method.attribute), method)
            for spec in services
            for method in spec.methods
        }

    def service(self, handler_call_details: Any) -> Any:
        return self._handlers.get(handler_call_details.method)


class _Reflection(grpc.GenericRpcHandler):
    """Reflection for those who have a key."""

    def __init__(self, engine: Engine, services: Iterable[str]) -> None:
        self._engine = engine
        self._reflection = Reflection(services, _NoArtifacts())

    def service(self, handler_call_details: Any) -> Any:
        handler: Any = self._reflection.service(handler_call_details)
        if handler is None:
            return None

        async def answer(requests: Any, context: aio.ServicerContext[Any, Any]) -> Any:
            try:
                await self._engine.authenticate(bearer(context.invocation_metadata()))
            except RpcError as error:
                await _abort(context, error)
            async for response in handler.stream_stream(requests, context):
                yield response

        return grpc.stream_stream_rpc_method_handler(
            answer,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


class _NoArtifacts:
    """The directory of an engine that serves the fixed services alone."""

    async def services(self) -> Iterable[str]:
        return ()

    async def pool_for(self, symbol: str) -> DescriptorPool | None:
        return None

    async def pools(self) -> Iterable[DescriptorPool]:
        return ()


def _handler(engine: Engine, implementation: Callable[..., Any], method: MethodSpec) -> Any:
    make = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
    answer = _streaming(engine, implementation) if method.server_streaming else _unary(engine, implementation)
    return make(
        answer,
        request_deserializer=method.request.FromString,
        response_serializer=method.response.SerializeToString,
    )


def _unary(engine: Engine, implementation: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def answer(request: Any, context: aio.ServicerContext[Any, Any]) -> Any:
        try:
            caller = await engine.authenticate(bearer(context.invocation_metadata()))
            return await implementation(request, caller)
        except RpcError as error:
            await _abort(context, error)

    return answer


def _streaming(engine: Engine, implementation: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(request: Any, context: aio.ServicerContext[Any, Any]) -> Any:
        try:
            caller = await engine.authenticate(bearer(context.invocation_metadata()))
            async with aclosing(implementation(request, caller)) as messages:
                async for message in messages:
                    yield message
        except RpcError as error:
            await _abort(context, error)

    return answer


async def _abort(context: aio.ServicerContext[Any, Any], error: RpcError) -> None:
    if error.code is Code.UNAVAILABLE:
        log.warning("a call failed", extra={"action": "call_unavailable", "reason": error.reason})
    await context.abort_with_status(rpc_status.to_status(error.to_status()))


def bearer(metadata: Any) -> str | None:
    """The key of an `authorization: Bearer …` header; None when there is none."""
    for name, value in metadata or ():
        if name == "authorization":
            scheme, _, key = value.partition(" ")
            return key.strip() if scheme.lower() == "bearer" else None
    return None
