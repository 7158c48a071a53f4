"""Places of executions under limits: who has one, who waits for one, and how many there are of each.

Whoever changes them holds the account's lock, so that limits hold across processes, and changes their numbers in the
same transaction, so that nobody counts rows. Accounts without such a limit have no places.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import psycopg

from penstock.engine.domain.execution_limit import EVERY_FLOW, ExecutionLimit, Standing, WhenFull
from penstock.engine.storage.postgres.database import Database, Row

LIMIT_COLUMNS = "l.flow, l.running_max, l.queued_max, l.when_full"

# Purpose: whoever changes the places of an account, one after the other; a process that stands still in between gives
# way. Locks: the account's, until the end.
_LOCK = """select set_config('idle_in_transaction_session_timeout', '5s', true),
  pg_advisory_xact_lock(hashtextextended(%s, 16))"""
# Purpose: count what runs already. Index: executions_live.
_ADD_LIVE = """insert into execution_places (execution_id, account, flow, lease_id, is_running)
select execution_id, account, flow, lease_id, true from executions e
where complete_time is null and account = %(account)s and parent_id is null
  and (%(lease_id)s::uuid is null or lease_id = %(lease_id)s)
  and exists (select 1 from execution_limits l where l.account = e.account and l.flow in ('', e.flow))
order by execution_id on conflict do nothing"""
# Purpose: take the places of those who ended without a word, as those of a process that was killed; of those that a
# process drives it takes them itself. Index: execution_places_by_number, executions_pkey, leases_pkey.
_DROP = """delete from execution_places p using (
  select p.execution_id, e.execution_id is not null as is_there, e.complete_time, l.lease_id is not null as is_held
  from execution_places p left join executions e on e.execution_id = p.execution_id
    left join leases l on l.lease_id = p.lease_id and l.expire_time <> 'infinity'
  where p.account = %(account)s) f
where p.execution_id = f.execution_id and (
  f.complete_time is not null and (p.lease_id = %(lease_id)s or not f.is_held) or not f.is_there and not f.is_held)"""
# Purpose: forget what no limit counts any more. Index: execution_places_by_number, execution_limits_pkey.
_UNCOUNT = """delete from execution_places p where p.account = %(account)s and not exists (
  select 1 from execution_limits l where l.account = p.account and l.flow in ('', p.flow))"""
# Purpose: count anew. Index: place_counts_pkey, execution_places_by_number.
_FORGET_COUNTS = "delete from place_counts where account = %(account)s"
_RECOUNT = """insert into place_counts (account, flow, running, waiting)
select account, flow, count(*) filter (where is_running), count(*) filter (where not is_running)
from execution_places where account = %(account)s group by account, flow"""
# Purpose: give places to those who wait; see migration 0021.
_FILL = "select penstock_fill_places(%(account)s)"
# Purpose: accounts in which a process that is gone has places. Index: none, and nothing is read while no lease is
# fenced.
_LEFT_BEHIND = """select distinct p.account from leases l join execution_places p on p.lease_id = l.lease_id
where l.expire_time = 'infinity'"""
# Purpose: the limits of an execution, and what each counts. Index: execution_limits_pkey, place_counts_pkey,
# execution_places_waiting.
_STANDINGS = f"""select {LIMIT_COLUMNS}, coalesce(sum(c.running), 0)::int, coalesce(sum(c.waiting), 0)::int,
  case when o.is_running then 0 else (
    select count(*) from execution_places p where p.account = o.account and (l.flow = '' or p.flow = l.flow)
      and not p.is_running and not p.is_replaced and p.number <= o.number) end
from execution_places o join execution_limits l on l.account = o.account and l.flow in ('', o.flow)
  left join place_counts c on c.account = o.account and (l.flow = '' or c.flow = l.flow)
where o.execution_id = %s and o.account = %s
group by {LIMIT_COLUMNS}, o.account, o.number, o.is_running order by l.flow desc"""
# Purpose: which of those that waited may run: those that have a place, or need none. Index: execution_places_pkey.
_MAY_RUN = """select w.id from unnest(%s::uuid[]) as w(id)
where not exists (select 1 from execution_places p where p.execution_id = w.id and not p.is_running)"""
# Purpose: what has to make room. Index: execution_places_replaced.
_REPLACED = "select execution_id from execution_places where is_replaced"


class PlaceRows:
    """Statements on places."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self, account: str, lease_id: UUID) -> None:
        """Makes the places of an account agree with what this process drives, and with what is left of dead ones."""
        async with self._database.transaction() as connection:
            await lock(connection, account)
            await connection.execute(_DROP, {"account": account, "lease_id": lease_id})
            await add_live(connection, account, lease_id)
            await recount(connection, account)

    async def standings(self, account: str, execution_id: UUID) -> list[Standing]:
        """The limits that count an execution, that of its flow first."""
        rows = await self._database.fetch_all(_STANDINGS, (execution_id, account))
        return [Standing(to_limit(row), *row[4:7]) for row in rows]

    async def left_behind(self) -> set[str]:
        """Accounts to `settle` because a process is gone."""
        return {row[0] for row in await self._database.fetch_all(_LEFT_BEHIND)}

    async def may_run(self, waiting: Collection[UUID]) -> list[UUID]:
        return [row[0] for row in await self._database.fetch_all(_MAY_RUN, (list(waiting),))]

    async def replaced(self) -> list[UUID]:
        """Executions of any account that have to make room."""
        return [row[0] for row in await self._database.fetch_all(_REPLACED)]


async def lock(connection: psycopg.AsyncConnection[Row], account: str) -> None:
    """Keeps the others away until the transaction ends."""
    await connection.execute(_LOCK, (account,))


async def add_live(connection: psycopg.AsyncConnection[Row], account: str, lease_id: UUID | None) -> None:
    """Counts what runs already in the process with this lease; None stands for all of them."""
    await connection.execute(_ADD_LIVE, {"account": account, "lease_id": lease_id})


async def recount(connection: psycopg.AsyncConnection[Row], account: str) -> None:
    """To be called when limits or rows were changed by anything but a turn; fills what is free."""
    for statement in (_UNCOUNT, _FORGET_COUNTS, _RECOUNT, _FILL):
        await connection.execute(statement, {"account": account})


def to_limit(row: Row) -> ExecutionLimit:
    """From the values of LIMIT_COLUMNS."""
    return ExecutionLimit(row[0] or EVERY_FLOW, row[1], row[2], WhenFull(row[3]))
