"""Of which flow executions and artifacts are, for keys that are about some flows alone."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from penstock.engine.domain.ids import is_execution_id, is_graph_id
from penstock.engine.storage.postgres.database import Database
from penstock.wire.gen.imported_execution_pb2 import ImportedExecution

# Purpose: flows of executions of the account, of those that were imported too. Index: executions_pkey,
# imports_by_execution.
_OF_EXECUTIONS = """select execution_id, flow, null::bytea from executions
where account = %(account)s and execution_id = any(%(ids)s::uuid[])
union all select execution_id, '', summary from imports
where account = %(account)s and execution_id = any(%(ids)s::uuid[])"""
# Purpose: the flow of an artifact of the account. Index: artifacts_pkey.
_OF_ARTIFACT = "select flow from artifacts where account = %s and graph_id = %s"
# Purpose: whether an alias stood for an artifact not long ago. Index: alias_moves_by_time.
_STOOD_FOR = """select 1 from alias_moves where account = %s and flow = %s and alias = %s
  and move_time > now() - interval '1 minute' and before @> jsonb_build_array(jsonb_build_object('graph_id', %s::text))
limit 1"""


class SubjectRows:
    """Asked for keys that are narrowed to flows alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_executions(self, account: str, execution_ids: Iterable[str]) -> dict[str, str]:
        """Flow by execution id, of those that there are."""
        known = [UUID(each) for each in set(execution_ids) if is_execution_id(each)]
        if not known:
            return {}
        rows = await self._database.fetch_all(_OF_EXECUTIONS, {"account": account, "ids": known})
        return {id.hex: flow if summary is None else _flow(summary) for id, flow, summary in rows}

    async def of_artifact(self, account: str, graph_id: str) -> str | None:
        """None when there is none."""
        if not is_graph_id(graph_id):
            return None
        row = await self._database.fetch_one(_OF_ARTIFACT, (account, graph_id))
        return None if row is None else str(row[0])

    async def stood_for(self, account: str, flow: str, alias: str, graph_id: str) -> bool:
        """Whether the alias was moved away from the artifact within the last minute."""
        return await self._database.fetch_one(_STOOD_FOR, (account, flow, alias, graph_id)) is not None


def _flow(summary: bytes) -> str:
    return ImportedExecution.FromString(bytes(summary)).execution.flow
