"""Limits of how many executions may run at once, and the places that executions have under them.

Whatever depends on how many there are holds the account's lock, so that it holds across processes. Accounts without
such a limit have no places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

import psycopg

from penstock.engine.domain.execution_limit import EVERY_FLOW, ExecutionLimit, Standing, WhenFull
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time

_COLUMNS = "l.flow, l.running_max, l.queued_max, l.when_full"
# Purpose: which flows have limits, for each process. Index: none, every row is wanted.
_FLOWS = "select account, flow from execution_limits"
# Purpose: one page by flow. Index: execution_limits_pkey.
_LIST = f"""select {_COLUMNS}, l.set_by, l.update_time from execution_limits l
where l.account = %s and l.flow > %s order by l.flow limit %s"""
_GET = f"select {_COLUMNS}, l.set_by, l.update_time from execution_limits l where l.account = %s and l.flow = %s"
# Purpose: set one. Locks: its row. Index: execution_limits_pkey.
_PUT = """insert into execution_limits (account, flow, running_max, queued_max, when_full, set_by, update_time)
values (%s, %s, %s, %s, %s, %s, %s) on conflict (account, flow) do update set running_max = excluded.running_max,
  queued_max = excluded.queued_max, when_full = excluded.when_full, set_by = excluded.set_by,
  update_time = excluded.update_time"""
_DELETE = "delete from execution_limits where account = %s and flow = %s returning 1"
# Purpose: whoever counts the places of an account, one after the other. Locks: the account's, until the end.
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 16))"
# Purpose: count what runs already when a limit is set. Index: executions_live.
_COUNT_LIVE = """insert into execution_places (execution_id, account, flow, lease_id, is_running)
select execution_id, account, flow, lease_id, true from executions
where complete_time is null and account = %(account)s and (%(flow)s = '' or flow = %(flow)s) and parent_id is null
order by execution_id on conflict do nothing"""
# Purpose: forget what no limit counts any more. Index: execution_places_by_number.
_UNCOUNT = """delete from execution_places p where p.account = %s and not exists (
  select 1 from execution_limits l where l.account = p.account and l.flow in ('', p.flow))"""
# Purpose: one more, at the end of the queue. Locks: nothing that exists.
_ADD = """insert into execution_places (execution_id, account, flow, lease_id, is_running)
select %(id)s, %(account)s, %(flow)s, %(lease_id)s, false
where exists (select 1 from execution_limits where account = %(account)s and flow in ('', %(flow)s))
on conflict do nothing returning 1"""
# Purpose: the limits of an execution, and what each counts. Index: execution_limits_pkey, execution_places_by_number.
_STANDINGS = f"""select {_COLUMNS}, count(*) filter (where p.is_running), count(*) filter (where not p.is_running),
  count(*) filter (where not p.is_running and not p.is_replaced and p.number <= o.number and not o.is_running)
from execution_places o join execution_limits l on l.account = o.account and l.flow in ('', o.flow)
  join execution_places p on p.account = o.account and (l.flow = '' or p.flow = l.flow)
where o.execution_id = %s and o.account = %s group by {_COLUMNS} order by l.flow desc"""
# Purpose: have the oldest make room, so that no more are left than may run. Index: execution_places_by_number.
_REPLACE = """update execution_places set is_replaced = true where execution_id in (
  select execution_id from (
    select execution_id, row_number() over (order by number desc) as place from execution_places
    where account = %(account)s and (%(flow)s = '' or flow = %(flow)s) and not is_replaced) newest
  where place > %(most)s) returning 1"""
# Purpose: give free places to those who wait, in their order, as far as both limits of each allow. Index:
# execution_places_by_number, execution_limits_pkey.
_FILL = """with running as (
  select flow, count(*) as count from execution_places where account = %(account)s and is_running group by flow),
room as (
  select l.flow, l.running_max - coalesce(r.count, 0) as count
  from execution_limits l left join running r using (flow) where l.account = %(account)s and l.flow <> ''),
waiting as (
  select execution_id, flow, number, row_number() over (partition by flow order by number) as place
  from execution_places where account = %(account)s and not is_running and not is_replaced),
picked as (
  select w.execution_id from waiting w left join room r using (flow) where w.place <= coalesce(r.count, w.place)
  order by w.number limit (
    select greatest(l.running_max - coalesce((select sum(count) from running), 0), 0)::bigint from execution_limits l
    where l.account = %(account)s and l.flow = ''))
update execution_places p set is_running = true from picked where p.execution_id = picked.execution_id
returning p.execution_id"""
_GONE = """(exists (select 1 from executions e where e.execution_id = p.execution_id and e.complete_time is not null)
  or (p.execution_id = any(%(left)s::uuid[])
      or not exists (select 1 from leases l where l.lease_id = p.lease_id and l.expire_time <> 'infinity'))
    and not exists (select 1 from executions e where e.execution_id = p.execution_id))"""
# Purpose: accounts in which somebody left a place behind. Index: executions_pkey; the places are all looked at.
_LEFT_BEHIND = f"select distinct p.account from execution_places p where {_GONE}"
# Purpose: take the places of those who ended, or never came. Index: execution_places_by_number, executions_pkey.
_LEAVE = f"delete from execution_places p where p.account = %(account)s and {_GONE}"
# Purpose: which of those that waited may run: those that have a place, or need none. Index: execution_places_pkey.
_MAY_RUN = """select w.id from unnest(%s::uuid[]) as w(id)
where not exists (select 1 from execution_places p where p.execution_id = w.id and not p.is_running)"""
# Purpose: what has to make room. Index: none, the table holds what limits count.
_REPLACED = "select execution_id from execution_places where is_replaced"


@dataclass(frozen=True, slots=True)
class LimitRow:
    limit: ExecutionLimit
    set_by: str
    update_us: int


class ExecutionLimits:
    """Statements on limits and places."""

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
            await _lock(connection, account)
            await connection.execute(_PUT, (account, *values, to_time(row.update_us)))
            await connection.execute(_COUNT_LIVE, {"account": account, "flow": limit.flow})
            await connection.execute(_FILL, {"account": account})

    async def delete(self, account: str, flow: str) -> bool:
        """Whether there was one."""
        async with self._database.transaction() as connection:
            await _lock(connection, account)
            cursor = await connection.execute(_DELETE, (account, flow))
            await connection.execute(_UNCOUNT, (account,))
            await connection.execute(_FILL, {"account": account})
            return cursor.rowcount > 0

    # Places.

    async def enter(
        self, account: str, flow: str, execution_id: UUID, lease_id: UUID, *, can_wait: bool
    ) -> tuple[list[Standing], bool] | None:
        """Counts one more execution. Its standings, and whether others have to make room; None when no limit counts it.

        Raises Full, and counts nothing then.
        """
        values = {"id": execution_id, "account": account, "flow": flow, "lease_id": lease_id}
        async with self._database.transaction() as connection:
            await _lock(connection, account)
            if (await connection.execute(_ADD, values)).rowcount < 1:
                return None
            await connection.execute(_FILL, {"account": account})
            standings = await _standings(connection, account, execution_id)
            if not any(each.position for each in standings):
                return standings, False
            full = _refusing(standings, can_wait)
            if full is not None:
                raise Full(full)
            replaces = False
            for each in standings:
                if each.limit.when_full is WhenFull.REPLACE:
                    values = {"account": account, "flow": each.limit.flow, "most": each.limit.running_max}
                    replaces |= (await connection.execute(_REPLACE, values)).rowcount > 0
            return standings, replaces

    async def standings(self, account: str, execution_id: UUID) -> list[Standing]:
        """The limits that count an execution, that of its flow first."""
        async with self._database.transaction() as connection:
            return await _standings(connection, account, execution_id)

    async def left_behind(self) -> set[str]:
        """Accounts that `leave` finds something in."""
        return {row[0] for row in await self._database.fetch_all(_LEFT_BEHIND, {"left": []})}

    async def leave(self, account: str, left: Iterable[UUID]) -> list[UUID]:
        """Takes the places of all that ended, and of those of `left` that never began. Who got a place by it."""
        async with self._database.transaction() as connection:
            await _lock(connection, account)
            await connection.execute(_LEAVE, {"account": account, "left": list(left)})
            cursor = await connection.execute(_FILL, {"account": account}, binary=True)
            return [row[0] for row in await cursor.fetchall()]

    async def may_run(self, waiting: Collection[UUID]) -> list[UUID]:
        return [row[0] for row in await self._database.fetch_all(_MAY_RUN, (list(waiting),))]

    async def replaced(self) -> list[UUID]:
        """Executions of any account that have to make room."""
        return [row[0] for row in await self._database.fetch_all(_REPLACED)]


class Full(Exception):
    """There is no room for one more."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(str(standing.limit))
        self.standing = standing


def _refusing(standings: list[Standing], can_wait: bool) -> Standing | None:
    """The limit that refuses an execution which is at the end of the queue."""
    for each in standings:
        limit = each.limit
        # What waits for another limit has a place under this one as soon as there is one.
        is_over = each.running + each.queued > limit.running_max
        if limit.when_full is WhenFull.REJECT and is_over:
            return each
        if limit.when_full is WhenFull.QUEUE and is_over and each.queued > limit.queued_max:
            return each
    return None if can_wait else next((each for each in standings if each.is_full), standings[0])


async def _lock(connection: psycopg.AsyncConnection[Row], account: str) -> None:
    await connection.execute(_LOCK, (account,))


async def _standings(connection: psycopg.AsyncConnection[Row], account: str, execution_id: UUID) -> list[Standing]:
    cursor = await connection.execute(_STANDINGS, (execution_id, account), binary=True)
    return [Standing(_limit(row), *row[4:7]) for row in await cursor.fetchall()]


def _limit(row: Row) -> ExecutionLimit:
    return ExecutionLimit(row[0] or EVERY_FLOW, row[1], row[2], WhenFull(row[3]))


def _limit_row(row: Row) -> LimitRow:
    return LimitRow(_limit(row), row[4], from_time(row[5]) or 0)
