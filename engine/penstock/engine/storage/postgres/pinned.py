"""Executions that have not ended, counted by the artifact that they stay with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import LIVE_STATUSES

# Purpose: how many executions of some flows have not ended. Index: executions_not_completed.
_COUNT = f"""select graph_id, version, count(*) from executions
where account = %s and status in ({LIVE_STATUSES}) and flow = any(%s)
group by flow, graph_id, version order by flow, version"""


@dataclass(frozen=True, slots=True)
class PinnedRow:
    """An artifact and how many of its executions have not ended: at least one."""

    graph_id: str
    version: int
    count: int


class Pinned:
    """Statements on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, account: str, flows: Collection[str]) -> list[PinnedRow]:
        """By flow and version."""
        rows = await self._database.fetch_all(_COUNT, (account, list(flows)))
        return [PinnedRow(*row) for row in rows]
