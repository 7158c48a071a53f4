"""Health of the server, of each fixed service, and of the typed services that the caller may see."""

from __future__ import annotations

from typing import Any

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio

from penstock.engine.rpc.calls import Context
from penstock.engine.rpc.typed.sight import Sight


class Health(aio.HealthServicer):  # type: ignore[misc]  # untyped
    """A typed service is as healthy as the server, whose own status the base class keeps."""

    def __init__(self, sight: Sight) -> None:
        super().__init__()
        self._sight = sight

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Context) -> Any:
        if await self._sight.is_seen(request.service, context):
            return await super().Check(health_pb2.HealthCheckRequest(service=""), context)
        return await super().Check(request, context)

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Context) -> None:
        if await self._sight.is_seen(request.service, context):
            request = health_pb2.HealthCheckRequest(service="")
        await super().Watch(request, context)
