"""PackageService: publishes packages and looks at them."""

from __future__ import annotations

from penstock.engine.domain import page
from penstock.engine.domain.errors import NotFound
from penstock.engine.rpc import requests
from penstock.engine.rpc.artifacts.publishing import Publisher
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.package_pb2 import Package
from penstock.wire.gen.package_service_pb2 import (
    GetPackageRequest,
    ListPackagesRequest,
    ListPackagesResponse,
    PublishPackageRequest,
)
from penstock.wire.service import Caller


class PackageService:
    """See proto/penstock/v1/package_service.proto."""

    def __init__(self, registry: Registry, publisher: Publisher) -> None:
        self._registry = registry
        self._publisher = publisher

    async def publish_package(self, request: PublishPackageRequest, caller: Caller) -> Package:
        return await self._publisher.publish_package(caller.account, request.archive)

    async def get_package(self, request: GetPackageRequest, caller: Caller) -> Package:
        package = await self._registry.newest_package(caller.account, request.name)
        if package is None:
            raise NotFound(f"there is no package {request.name}")
        return package

    async def list_packages(self, request: ListPackagesRequest, caller: Caller) -> ListPackagesResponse:
        size = requests.page_size(request)
        after = page.decode(request.page_token, caller.account) if request.page_token else ""
        found = await self._registry.packages(caller.account, after, size + 1)
        for package in found:
            package.ClearField("descriptors")
        return ListPackagesResponse(
            packages=found[:size],
            next_page_token=page.encode(found[size - 1].name, caller.account) if len(found) > size else "",
        )
