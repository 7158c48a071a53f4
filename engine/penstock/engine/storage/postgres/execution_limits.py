"""Limits of how many executions may run at once."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.engine.domain.execution_limit import ExecutionLimit
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.execution_places import LIMIT_COLUMNS, add_live, lock, recount, to_limit

# Purpose: which flows have limits, for each process. Index: none, every row is wanted.
_FLOWS = "select account, flow from execution_limits"
# Purpose: one page by flow. Index: execution_limits_pkey.
_LIST = f"""select {LIMIT_COLUMNS}, l.set_by, l.update_time from execution_limits l
where l.account = %s and l.flow > %s order by l.flow limit %s"""
_GET = f"select {LIMIT_COLUMNS}, l.set_by, l.update_time from execution_limits l where l.account = %s and l.flow = %s"
# Purpose: set one. Locks: its row. Index: execution_limits_pkey.
_PUT = """insert into execution_limits (account, flow, running_max, queued_max, when_full, set_by, update_time)
values (%s, %s, %s, %s, %s, %s, %s) on conflict (account, flow) do update set running_max = excluded.running_max,
  queued_max = excluded.queued_max, when_full = excluded.when_full, set_by = excluded.set_by,
  update_time = excluded.update_time"""
_DELETE = "delete from execution_limits where account = %s and flow = %s returning 1"


@dataclass(frozen=True, slots=True)
class LimitRow:
    limit: ExecutionLimit
    set_by: str
    update_us: int


class ExecutionLimits:
    """Statements on limits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def flows(self) -> dict[str, set[str]]:
        """Flows that have limits, by their accounts; EVERY_FLOW among them for an account that has one itself."""
        flows: dict[str, set[str]] = {}
        for account, flow in await self._database.fetch_all(_FLOWS):
            flows.setdefault(account, set()).add(flow)
        return flows

    async def limit(self, account: str, flow: str) -> LimitRow | None:
        row = await self._database.fetch_one(_GET, (account, flow))
        return None if row is None else _limit_row(row)

    async def limits(self, account: str, after: str, count_max: int) -> list[LimitRow]:
        """Those of flows by name, behind `after`."""
        return list(map(_limit_row, await self._database.fetch_all(_LIST, (account, after, count_max))))

    async def put(self, account: str, row: LimitRow) -> None:
        """Counts what runs already as well, as far as it is not there to be counted."""
        limit = row.limit
        values = (limit.flow, limit.running_max, limit.queued_max, int(limit.when_full), row.set_by)
        async with self._database.transaction() as connection:
            await lock(connection, account)
            await connection.execute(_PUT, (account, *values, to_time(row.update_us)))
            await add_live(connection, account, None)
            await recount(connection, account)

    async def delete(self, account: str, flow: str) -> bool:
        """Whether there was one. What it alone made wait may run."""
        async with self._database.transaction() as connection:
            await lock(connection, account)
            cursor = await connection.execute(_DELETE, (account, flow))
            await recount(connection, account)
            return cursor.rowcount > 0


def _limit_row(row: Row) -> LimitRow:
    return LimitRow(to_limit(row), row[4], from_time(row[5]) or 0)
