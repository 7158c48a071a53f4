"""What a caller sees of the typed services: those of its account that its key may look at, and none without a key."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.descriptor_pool import DescriptorPool

from penstock.engine.domain.errors import NotFound
from penstock.engine.rpc.calls import Context, abort, bearer
from penstock.engine.rpc.typed.directory import TypedDirectory
from penstock.wire.scopes import FLOWS_READ
from penstock.wire.service import Caller, Engine
from penstock.wire.status import RpcError
from penstock.wire.typed import ServiceName


class Sight:
    """Finds out for reflection and health what the caller of an RPC may know of."""

    def __init__(self, engine: Engine, directory: TypedDirectory | None) -> None:
        self._engine = engine
        self._directory = directory

    async def by_caller_of(self, context: Context) -> CallersDirectory:
        """Aborts the call when it has no valid key."""
        try:
            caller = await self._engine.authenticate(bearer(context.invocation_metadata()))
        except RpcError as error:
            await abort(context, error)
            raise
        return CallersDirectory(self._directory, caller)

    async def is_seen(self, service: str, context: Context) -> bool:
        """Whether there is such a typed service for the caller; without a valid key there is none."""
        try:
            caller = await self._engine.authenticate(bearer(context.invocation_metadata()))
        except RpcError:
            return False
        return await CallersDirectory(self._directory, caller).pool_for(service) is not None


class CallersDirectory:
    """What one caller sees of it through reflection. Satisfies `reflection.ServiceDirectory`."""

    def __init__(self, directory: TypedDirectory | None, caller: Caller) -> None:
        self._directory = directory
        self._caller = caller

    async def services(self) -> Iterable[str]:
        return [str(name) for name in await self._names()]

    async def pool_for(self, symbol: str) -> DescriptorPool | None:
        name = ServiceName.parse(symbol) or ServiceName.parse(symbol.rpartition(".")[0])
        if name is None or self._directory is None or not self._is_shown(name):
            return None
        try:
            program = await self._directory.shown(self._caller.account, name)
        except NotFound:
            return None
        return program.service_types.pool

    async def pools(self) -> Iterable[DescriptorPool]:
        live = [str(name) for name in await self._names() if name.version is None]
        return [pool for name in live if (pool := await self.pool_for(name)) is not None]

    async def _names(self) -> list[ServiceName]:
        names = [] if self._directory is None else await self._directory.names(self._caller.account)
        return [name for name in names if self._is_shown(name)]

    def _is_shown(self, name: ServiceName) -> bool:
        return self._caller.grants.allows(FLOWS_READ, name.flow)
