"""Which executions a bulk operation is about: those that its filter finds, of the flows that its key is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from penstock.engine.rpc.access.narrowing import narrowed
from penstock.engine.rpc.views.filters import Filters
from penstock.engine.runtime.upkeep.bulk import last_meant
from penstock.engine.storage.postgres.bulk import Bulk
from penstock.engine.storage.postgres.bulk_targets import Target
from penstock.engine.storage.postgres.filter_sql import to_sql
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation
from penstock.wire.scope_missing import scope_missing
from penstock.wire.scopes import APPROVE, EXECUTIONS_WRITE
from penstock.wire.service import Caller

DECIDING = frozenset({BulkOperation.APPROVE, BulkOperation.REJECT, BulkOperation.RESUME})


class TargetFinder:
    """`caller` gives whoever asked for an operation, as far as that key goes now. It raises Unauthenticated."""

    def __init__(self, filters: Filters, caller: Callable[[Bulk], Awaitable[Caller]]) -> None:
        self._filters = filters
        self._caller = caller

    async def find(self, bulk: Bulk, caller: Caller | None = None) -> Target:
        """Raises InvalidArgument for a filter that says nothing, RpcError for what the key may do with no flow,
        Unauthenticated when it is not good any more."""
        grants = (caller or await self._caller(bulk)).grants
        text, verb = bulk.request.filter, bulk.request.verb
        for needed in (EXECUTIONS_WRITE, *([APPROVE] if verb in DECIDING else [])):
            if not grants.has(needed):
                raise scope_missing(needed)
            if needed not in grants.whole:
                text = narrowed(text, grants.patterns(needed))
        flow = bulk.request.parameters.flow.partition("@")[0]
        if flow and not grants.allows(EXECUTIONS_WRITE, flow):
            raise scope_missing(EXECUTIONS_WRITE, flow)
        expression = await self._filters.executions(text, bulk.account)
        where, parameters = ("", []) if expression is None else to_sql(expression)
        return Target(bulk.account, verb, where, parameters, last_meant(bulk.create_us))
