"""Whether a key may run what an invocation names: a flow by an alias, or an artifact."""

from __future__ import annotations

from typing import Any

from penstock.engine.domain.alias import LIVE
from penstock.engine.domain.errors import NotFound
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.storage.postgres.subjects import SubjectRows
from penstock.wire.scope_missing import scope_missing
from penstock.wire.scopes import INVOKE
from penstock.wire.service import Caller


class Invocations:
    def __init__(self, rows: SubjectRows, catalog: Catalog) -> None:
        self._rows = rows
        self._catalog = catalog

    async def check(self, request: Any, caller: Caller) -> None:
        """Raises RpcError when the key may not. What there is not is for the service to say."""
        if not request.flow:
            flow = await self._rows.of_artifact(caller.account, request.graph_id)
            if flow is not None and not caller.grants.allows(INVOKE, flow):
                raise scope_missing(INVOKE, flow)
            return
        flow, _, alias = request.flow.partition("@")
        if caller.grants.allows(INVOKE, flow):
            return
        alias = alias or LIVE
        if not caller.grants.allows(INVOKE, flow, alias):
            raise scope_missing(INVOKE, flow, alias)
        if request.graph_id and not await self._stands_for(caller.account, flow, alias, request.graph_id):
            raise scope_missing(INVOKE, flow)

    async def _stands_for(self, account: str, flow: str, alias: str, graph_id: str) -> bool:
        """Whether the alias leads to an artifact, or did so a moment ago, when a gateway asked for its types."""
        try:
            targets = await self._catalog.targets(account, f"{flow}@{alias}")
        except NotFound:
            return False
        if any(target.graph_id == graph_id for target in targets):
            return True
        return await self._rows.stood_for(account, flow, alias, graph_id)
