"""How long executions are kept, as accounts have said."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time

EVERY_FLOW = ""
"""In place of the name of a flow: those that have no policy of their own."""

# Purpose: what was said of a flow, and of those of which nothing was. Index: retention_policies_pkey.
_APPLYING = """select flow, period_s, key_id, update_time from retention_policies
where account = %s and flow in (%s, '') order by flow desc"""
# Purpose: one page by flow. Index: retention_policies_pkey.
_LIST = """select flow, period_s, key_id, update_time from retention_policies
where account = %s and flow > %s order by flow limit %s"""
# Purpose: set one. Locks: its row. Index: retention_policies_pkey.
_PUT = """insert into retention_policies (account, flow, period_s, key_id, update_time) values (%s, %s, %s, %s, %s)
on conflict (account, flow) do update set period_s = excluded.period_s, key_id = excluded.key_id,
  update_time = excluded.update_time"""
_DELETE = "delete from retention_policies where account = %s and flow = %s"
# Purpose: have what was kept under other policies looked at again. Locks: the one row of the sweep, for a moment; then
# a row an hour of history.
_COUNT_CHANGE = "update retention_sweep set policy_count = policy_count + 1"
LOOK_AGAIN = "update retention_hours set due_us = 0, look_us = 0"


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """`period_s` None: for ever."""

    flow: str
    period_s: int | None
    key_id: str
    update_us: int


class RetentionPolicies:
    """Statements on policies. Only the sweep reads them, where they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def applying(self, account: str, flow: str) -> PolicyRow | None:
        """The policy of a flow, else that of the account; None when nothing was said."""
        rows = await self._database.fetch_all(_APPLYING, (account, flow))
        return _policy(rows[0]) if rows else None

    async def policies(self, account: str, after: str, count_max: int) -> list[PolicyRow]:
        """Those of flows by name, behind `after`."""
        return list(map(_policy, await self._database.fetch_all(_LIST, (account, after, count_max))))

    async def put(self, account: str, flow: str, period_s: int | None, key_id: str, now_us: int) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(_COUNT_CHANGE)
            await connection.execute(_PUT, (account, flow, period_s, key_id, to_time(now_us)))
            await connection.execute(LOOK_AGAIN)

    async def delete(self, account: str, flow: str) -> bool:
        """Whether there was one."""
        async with self._database.transaction() as connection:
            await connection.execute(_COUNT_CHANGE)
            cursor = await connection.execute(_DELETE, (account, flow))
            if cursor.rowcount > 0:
                await connection.execute(LOOK_AGAIN)
            return cursor.rowcount > 0


def _policy(row: Row) -> PolicyRow:
    return PolicyRow(row[0], row[1], row[2], from_time(row[3]) or 0)
