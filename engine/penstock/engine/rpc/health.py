"""Health of the server, of each fixed service, and of the typed services that the caller may see."""

from __future__ import annotations

from typing import Any

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio

from penstock.engine.rpc.calls import Context, abort
from penstock.engine.rpc.decoding import decoded
from penstock.engine.rpc.typed.sight import Sight
from penstock.wire.status import RpcError

NAME = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
PATHS = tuple(f"/{NAME}/{method}" for method in ("Check", "Watch"))


class Health(aio.HealthServicer):  # type: ignore[misc]  # untyped
    """A typed service is as healthy as the server, whose own status the base class keeps."""

    def __init__(self, sight: Sight) -> None:
        super().__init__()
        self._sight = sight

    def handler(self) -> grpc.GenericRpcHandler:
        """Add it to the server."""
        write = health_pb2.HealthCheckResponse.SerializeToString
        methods: dict[str, grpc.RpcMethodHandler[bytes, Any]] = {
            "Check": grpc.unary_unary_rpc_method_handler(self._check, response_serializer=write),
            "Watch": grpc.unary_stream_rpc_method_handler(self._watch, response_serializer=write),
        }
        return grpc.method_handlers_generic_handler(NAME, methods)

    async def _check(self, raw: bytes, context: Context) -> Any:
        return await self.Check(await self._asked(raw, context), context)

    async def _watch(self, raw: bytes, context: Context) -> None:
        await self.Watch(await self._asked(raw, context), context)

    async def _asked(self, raw: bytes, context: Context) -> health_pb2.HealthCheckRequest:
        """About the server, where it is about a typed service that the caller sees."""
        try:
            request = decoded(health_pb2.HealthCheckRequest, raw)
        except RpcError as error:
            await abort(context, error)
            raise AssertionError("abort raises") from error
        if await self._sight.is_seen(request.service, context):
            return health_pb2.HealthCheckRequest(service="")
        return request
