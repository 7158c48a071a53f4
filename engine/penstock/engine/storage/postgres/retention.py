"""Finds executions that were kept long enough, and removes them with everything that belongs to them.

An execution's id holds when it was accepted, so the primary key leads through all of them by age, an hour of acceptance
after the other: no index of their ends is needed, which every execution would pay for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.retention_policies import LOOK_AGAIN
from penstock.engine.storage.postgres.usage import REMOVE_USED

NEVER_US = 2**63 - 1
HOUR_US = 3_600_000_000
OF_EXECUTIONS = ("webhook_deliveries", "commands", "usage_executions", "usage_totals", "search_values")
"""Tables with few rows an execution, each found by its id: removed with it. Events go before, because they are many."""

# Purpose: take the sweep, unless somebody has it. Locks: its one row.
_HELD = """select hold_time > now() and holder <> %s, frontier, default_s, ask_count, ask_count > answer_count
from retention_sweep for update"""
_TAKE = """update retention_sweep set holder = %s, hold_time = now() + make_interval(secs => %s), start_time = %s,
  default_s = %s"""
# Purpose: go on with the sweep, and keep others from it and from changing policies until the transaction ends.
# Locks: its one row.
_HOLD = """update retention_sweep set hold_time = now() + make_interval(secs => %s)
where holder = %s returning policy_count"""
# Purpose: leave the sweep, unless another one was asked for meanwhile.
_RELEASE = """update retention_sweep set answer_count = %(answered)s, end_time = %(now)s, problem = %(problem)s,
  holder = case when ask_count > %(answered)s then holder end,
  hold_time = case when ask_count > %(answered)s then hold_time else '-infinity' end
where holder = %(holder)s returning ask_count > %(answered)s"""
_LET_GO = "update retention_sweep set holder = null, hold_time = '-infinity' where holder = %s"
# Purpose: the shortest time that anything is kept, null for ever. Index: retention_policies_by_period.
_SHORTEST = "select least((select min(period_s) from retention_policies), %s::bigint)"
# Purpose: an hour that was looked at and may hold something old now. Index: retention_hours_by_look, or
# retention_hours_pkey: a row an hour of history.
_NEXT_HOUR = "select hour, look_us from retention_hours where look_us <= %s order by look_us limit 1"
_DUE_HOUR = "select hour, due_us from retention_hours where due_us <= %s order by hour limit 1"
# Purpose: the first execution of the hours that nobody looked at. Index: executions_pkey.
_FIRST = "select execution_id from executions where execution_id > %s order by execution_id limit 1"
# Purpose: one page of an hour: which may go, and when the others may. One that has not ended may go its period from now
# at the soonest; one whose result is not delivered, and the child of one that goes on, when that is over. It is worth
# to look a while after that, when more may go. Index: executions_pkey, retention_policies_pkey.
_LOOK = f"""with page as (
  select execution_id, account, flow, complete_time, webhook_time, parent_id from executions
  where execution_id > %(after)s and execution_id < %(until)s order by execution_id limit %(count_max)s),
kept as (
  select p.execution_id, p.webhook_time, p.parent_id, (extract(epoch from p.complete_time) * 1000000)::bigint as end_us,
    case when own.account is not null then own.period_s when general.account is not null then general.period_s
      else %(default_s)s::bigint end * 1000000 as period_us
  from page p
  left join retention_policies own on own.account = p.account and own.flow = p.flow
  left join retention_policies general on general.account = p.account and general.flow = ''),
judged as (
  select execution_id, least(period_us / 24, %(late_us)s::bigint) as late_us, case
      when period_us is null then {NEVER_US}
      when end_us is null then %(now)s + period_us
      when end_us + period_us <= %(now)s and (webhook_time is not null or exists (
        select 1 from executions above where above.execution_id = k.parent_id and above.complete_time is null))
        then %(now)s + {HOUR_US}
      else end_us + period_us end as due_us
  from kept k)
select count(*), (array_agg(execution_id order by execution_id desc))[1],
  coalesce(array_agg(execution_id order by execution_id) filter (where due_us <= %(now)s), '{{}}'),
  coalesce(min(due_us) filter (where due_us > %(now)s), {NEVER_US}),
  coalesce(min(due_us + late_us) filter (where due_us > %(now)s and due_us < {NEVER_US}), {NEVER_US})
from judged"""
# Purpose: what an hour holds was looked at. Index: retention_hours_pkey.
_KEEP_HOUR = """insert into retention_hours (hour, due_us, look_us) values (%(hour)s, %(due)s, %(look)s)
on conflict (hour) do update set due_us = excluded.due_us, look_us = excluded.look_us"""
_FORGET_HOUR = "delete from retention_hours where hour = %s"
_MOVE_FRONTIER = "update retention_sweep set frontier = %s"
_PASS = "update retention_sweep set frontier = greatest(frontier, %s)"
# Purpose: executions that have ended, for the archive. Index: executions_pkey.
_SUBJECTS = """select execution_id, account, flow, complete_time from executions
where execution_id = any(%s::uuid[]) and complete_time is not null order by execution_id"""
# Without these a plan made of stale statistics may read a whole table.
_SETTINGS = """select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true)"""
# Purpose: remove a slice of the events of some executions, so many rows and about so many bytes. Index: events_pkey.
_REMOVE_EVENTS = """with slice as materialized (
  select execution_id, sequence, coalesce(sum(octet_length(payload)) over (
    order by execution_id, sequence rows between unbounded preceding and 1 preceding), 0) as bytes_before
  from (select execution_id, sequence, payload from events where execution_id = any(%(ids)s::uuid[])
        order by execution_id, sequence limit %(count_max)s) first),
gone as (
  delete from events e using slice s
  where e.execution_id = s.execution_id and e.sequence = s.sequence and s.bytes_before < %(bytes_max)s returning 1)
select (select count(*) from slice) = (select count(*) from gone) and (select count(*) from slice) < %(count_max)s"""
# Purpose: say up to where who reads changes in order may miss some: with the first events that are removed. Locks: the
# row of the account. Index: executions_pkey, removed_up_to_pkey.
_TELL = """insert into removed_up_to as r (account, xid)
select account, max(move_xid) from executions
where execution_id = any(%(ids)s::uuid[]) and complete_time is not null and move_xid is not null group by account
on conflict (account) do update set xid = excluded.xid where r.xid < excluded.xid"""
# Purpose: remove the rest of executions without events, and count them. Locks: their rows. Index: executions_pkey,
# those of OF_EXECUTIONS that begin with execution_id, retention_tallies_pkey.
_THEIRS = "of_{0} as (delete from {0} where execution_id = any(%(ids)s::uuid[])),\n"
_REMOVE = (
    "with "
    + "".join(REMOVE_USED if table == "usage_executions" else _THEIRS.format(table) for table in OF_EXECUTIONS)
    + """gone as (
  delete from executions where execution_id = any(%(ids)s::uuid[]) and complete_time is not null
  returning account),
counted as (
  insert into retention_tallies as t (account, removed_count, archived_count, remove_time)
  select account, count(*), case when %(is_archived)s then count(*) else 0 end, %(now)s from gone group by account
  on conflict (account) do update set removed_count = t.removed_count + excluded.removed_count,
    archived_count = t.archived_count + excluded.archived_count, remove_time = excluded.remove_time)
select count(*) from gone"""
)


class SweepLost(Exception):
    """Another process sweeps: this one took too long."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to sweep. `asked` is how often anybody asked for it, `is_asked` whether this one answers."""

    frontier: int
    asked: int
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Look:
    """One page of an hour: `count` executions up to `last`. Times are of those that are kept."""

    count: int
    last: UUID | None
    due: Sequence[UUID]
    due_us: int
    look_us: int


@dataclass(frozen=True, slots=True)
class Subject:
    """An execution that is to be archived."""

    execution_id: str
    account: str
    flow: str
    end_us: int


def hour_of(execution_id: UUID) -> int:
    """The hour of unix time in which an execution was accepted."""
    return (execution_id.int >> 80) // (HOUR_US // 1000)


def lowest_id(hour: int) -> UUID:
    """Below every execution that was accepted in an hour, and above all before."""
    return UUID(int=hour * (HOUR_US // 1000) << 80)


class Retention:
    """Statements of one who sweeps: `holder`, for `hold_s` seconds after each sign of life."""

    def __init__(self, database: Database, holder: UUID, hold_s: float) -> None:
        self._database = database
        self._holder = holder
        self._hold_s = hold_s

    async def claim(self, default_s: int | None, now_us: int) -> Claim | None:
        """None when another process sweeps. `default_s` is how long executions are kept of which nothing was said."""
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_HELD, (self._holder,))).fetchone()
            assert row is not None
            if row[0]:
                return None
            await connection.execute(_TAKE, (self._holder, self._hold_s, to_time(now_us), default_s))
            if row[2] != default_s:
                await connection.execute(LOOK_AGAIN)
        return Claim(row[1], row[3], row[4])

    async def hold(self) -> int:
        """Goes on. Gives the number of changes of policies. Raises SweepLost."""
        async with self._database.transaction() as connection:
            return await self._hold(connection)

    async def release(self, answered: int, problem: str, now_us: int) -> bool:
        """Whether another sweep was asked for: then this process has it. Raises SweepLost."""
        parameters = {"answered": answered, "problem": problem, "now": to_time(now_us), "holder": self._holder}
        row = await self._database.fetch_one(_RELEASE, parameters)
        if row is None:
            raise SweepLost
        return bool(row[0])

    async def let_go(self) -> None:
        """Leaves the sweep as it is to others."""
        await self._database.execute(_LET_GO, (self._holder,))

    async def shortest_s(self, default_s: int | None) -> int | None:
        """The shortest time that executions of anybody are kept; None for ever."""
        row = await self._database.fetch_one(_SHORTEST, (default_s,))
        return None if row is None else row[0]

    async def hour_to_look_at(self, now_us: int, *, is_asked: bool) -> tuple[int, int] | None:
        """One that was looked at before, and since when somebody should look; 0 for since policies changed."""
        row = await self._database.fetch_one(_DUE_HOUR if is_asked else _NEXT_HOUR, (now_us,))
        return None if row is None else (row[0], row[1])

    async def first_hour(self, frontier: int) -> int | None:
        """The first one from `frontier` on in which executions were accepted."""
        row = await self._database.fetch_one(_FIRST, (lowest_id(frontier),))
        return None if row is None else hour_of(row[0])

    async def look(
        self, hour: int, after: UUID | None, default_s: int | None, late_us: int, now_us: int, count_max: int
    ) -> Look:
        """One page of the executions of an hour. Look again after at most `late_us` when the first of them may go."""
        parameters = {
            "after": after or lowest_id(hour),
            "until": lowest_id(hour + 1),
            "default_s": default_s,
            "late_us": late_us,
            "now": now_us,
            "count_max": count_max,
        }
        row = await self._database.fetch_one(_LOOK, parameters)
        assert row is not None
        return Look(*row)

    async def looked_at(self, hour: int, due_us: int, look_us: int, policy_count: int, is_empty: bool) -> None:
        """Notes what of an hour was kept, unless policies have changed since they were counted. Raises SweepLost."""
        async with self._database.transaction() as connection:
            if await self._hold(connection) != policy_count:
                due_us = look_us = 0
            if is_empty:
                await connection.execute(_FORGET_HOUR, (hour,))
            else:
                await connection.execute(_KEEP_HOUR, {"hour": hour, "due": due_us, "look": look_us})
            await connection.execute(_PASS, (hour + 1,))

    async def move_frontier(self, hour: int) -> None:
        """Notes that nothing is before an hour that nobody looked at, or that something may be from it on."""
        await self._database.execute(_MOVE_FRONTIER, (hour,))

    async def subjects(self, ids: Sequence[UUID]) -> list[Subject]:
        rows = await self._database.fetch_all(_SUBJECTS, (list(ids),))
        return [Subject(row[0].hex, row[1], row[2], from_time(row[3]) or 0) for row in rows]

    async def remove(
        self, ids: Sequence[UUID], now_us: int, count_max: int, bytes_max: int, *, is_archived: bool
    ) -> bool:
        """Removes executions that have ended, but no more than so many events: whether they are gone.

        Raises SweepLost.
        """
        async with self._database.transaction() as connection:
            await self._hold(connection)
            await connection.execute(_SETTINGS)
            await connection.execute(_TELL, {"ids": list(ids)})
            limits = {"ids": list(ids), "count_max": count_max, "bytes_max": bytes_max}
            row = await (await connection.execute(_REMOVE_EVENTS, limits)).fetchone()
            assert row is not None
            if row[0]:
                parameters = {"ids": list(ids), "now": to_time(now_us), "is_archived": is_archived}
                await connection.execute(_REMOVE, parameters)
            return bool(row[0])

    async def _hold(self, connection: psycopg.AsyncConnection[Row]) -> int:
        row = await (await connection.execute(_HOLD, (self._hold_s, self._holder))).fetchone()
        if row is None:
            raise SweepLost
        return int(row[0])
