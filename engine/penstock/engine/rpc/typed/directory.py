"""Which typed services there are for a caller. Nothing is registered: an artifact in the database is a service."""

from __future__ import annotations

from penstock.engine.domain.alias import LIVE
from penstock.engine.domain.errors import NotFound
from penstock.engine.domain.standing import Standing, State
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.runtime.programs.program import Program
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.typed import ServiceName


class TypedDirectory:
    """The services of all accounts, in every process alike."""

    def __init__(self, catalog: Catalog, registry: Registry) -> None:
        self._catalog = catalog
        self._registry = registry

    async def program(self, account: str, name: ServiceName, request_id: str | None = None) -> Program:
        """The artifact behind a service, also a retired one. Raises NotFound.

        Where `live` stands for several: the one that a call with this request id runs, "" for none; with None the one
        of most weight.
        """
        if name.version is None:
            graph_id = await self._catalog.resolve(account, name.flow, request_id)
            return await self._catalog.program(account, graph_id)
        return await self._catalog.version(account, name.flow, name.version)

    async def shown(self, account: str, name: ServiceName) -> Program:
        """The artifact of a service that callers see. Raises NotFound, for a retired one as well."""
        program = await self.program(account, name)
        if (await self.standing(account, program)).state is State.RETIRED:
            raise NotFound(f"{name} is retired")
        return program

    async def standing(self, account: str, program: Program) -> Standing:
        """Whether it should still be called."""
        return await self._catalog.standing(account, program.graph_id)

    async def names(self, account: str) -> list[ServiceName]:
        """Every service that the account has, those of retired artifacts aside."""
        versions, aliases = await self._registry.versions(account), await self._registry.flows_with(account, LIVE)
        return [ServiceName(flow, None) for flow in aliases] + [ServiceName(*version) for version in versions]
