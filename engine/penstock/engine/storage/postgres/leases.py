"""Leases: which process may drive which executions.

A process that stops renewing loses its lease: whoever takes it over raises the epoch, and from then
on the old process's journal commits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from penstock.engine.domain.errors import LeaseLost
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS, execution_row
from penstock.engine.storage.records import ExecutionRow, Lease

# Purpose: register a process, also when the answer to an earlier try was lost. Locks: nothing that exists.
_ACQUIRE = """insert into leases (lease_id, epoch, instance, process, expire_time)
values (%s, 1, %s, %s, now() + make_interval(secs => %s)) on conflict do nothing"""
# Purpose: keep the lease. Locks: its row. Index: leases_pkey.
_RENEW = """update leases set expire_time = now() + make_interval(secs => %s)
where lease_id = %s and epoch = %s returning 1"""
# Purpose: fence processes that are gone: those that stopped renewing, and earlier ones of this instance, which
# cannot be alive because this process holds the instance's lock. Locks: their rows, each until its last journal
# transaction is through.
_FENCE = """update leases set epoch = epoch + 1, expire_time = 'infinity'
where (expire_time < now() or instance = %s) and lease_id <> %s and expire_time <> 'infinity'"""
# Purpose: find a lot of executions of fenced processes. Index: executions_live.
_LEFT_BEHIND = """select execution_id from executions
where complete_time is null and lease_id in (select lease_id from leases where expire_time = 'infinity') limit %s"""
# Purpose: take those of a lot that are still there. Taking them again gives the same ones, so that an answer that
# was lost leaves nothing behind. Locks: the lease row, shared (see the journal's fence), and the executions taken;
# those that another process is taking are skipped. Their places go with them. Index: executions_pkey,
# execution_places_pkey.
_CLAIM = f"""with fence as (select 1 from leases where lease_id = %(lease_id)s and epoch = %(epoch)s for share),
dead as (select lease_id from leases where expire_time = 'infinity'),
lot as (
  select execution_id from executions
  where execution_id = any(%(lot)s::uuid[]) and complete_time is null and exists (select 1 from fence)
    and (lease_id = %(lease_id)s or lease_id in (select lease_id from dead))
  for update skip locked),
placed as (
  update execution_places p set lease_id = %(lease_id)s from lot where p.execution_id = lot.execution_id)
update executions e set lease_id = %(lease_id)s from lot where e.execution_id = lot.execution_id
returning {EXECUTION_COLUMNS}, e.input"""
# Purpose: forget fenced processes that left nothing behind. Index: executions_live; places are looked at only when
# there is such a process.
_FORGET = """delete from leases l where l.expire_time = 'infinity'
and not exists (select 1 from executions e where e.lease_id = l.lease_id and e.complete_time is null)
and not exists (select 1 from execution_places p where p.lease_id = l.lease_id)"""
# Purpose: leave in good order: what is left may be taken at once. Locks: the lease's row.
_RELEASE = "update leases set epoch = epoch + 1, expire_time = 'infinity' where lease_id = %s and epoch = %s"
# Purpose: which of some executions are sub-flows of one that has ended. Index: executions_pkey, twice.
_ORPHANS = """select c.execution_id from executions c join executions p on p.execution_id = c.parent_id
where c.execution_id = any(%s::uuid[]) and p.complete_time is not null"""


class Leases:
    """Statements on the lease table and on who drives what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def acquire(self, instance: str, process: str, life_s: float) -> Lease:
        """A new lease of this process. `instance` names the data directory, `process` is for people."""
        lease = Lease(uuid4(), 1)
        await self._database.execute(_ACQUIRE, (lease.lease_id, instance, process, life_s))
        return lease

    async def renew(self, lease: Lease, life_s: float) -> None:
        """Raises LeaseLost when another process has fenced this one."""
        if await self._database.fetch_one(_RENEW, (life_s, lease.lease_id, lease.epoch)) is None:
            raise LeaseLost("another process has taken over this process's executions")

    async def fence_the_dead(self, instance: str, lease: Lease) -> None:
        await self._database.execute(_FENCE, (instance, lease.lease_id))

    async def left_behind(self, count_max: int) -> list[UUID]:
        """At most `count_max` executions of fenced processes."""
        return [row[0] for row in await self._database.fetch_all(_LEFT_BEHIND, (count_max,))]

    async def claim(self, lease: Lease, lot: Sequence[UUID]) -> list[tuple[ExecutionRow, bytes]]:
        """Takes what nobody else has taken of a lot that was left behind: each with its input as its row holds it.

        Safe to repeat with the same lot after an error. Takes nothing when the lease is not held any more.
        """
        parameters = {"lease_id": lease.lease_id, "epoch": lease.epoch, "lot": list(lot)}
        rows = await self._database.fetch_all(_CLAIM, parameters)
        return [(execution_row(row[:-1]), bytes(row[-1])) for row in rows]

    async def orphans(self, execution_ids: Sequence[str]) -> list[str]:
        """Those of the executions whose parent has ended."""
        rows = await self._database.fetch_all(_ORPHANS, ([UUID(one) for one in execution_ids],))
        return [row[0].hex for row in rows]

    async def forget_the_empty(self) -> None:
        await self._database.execute(_FORGET)

    async def release(self, lease: Lease) -> None:
        await self._database.execute(_RELEASE, (lease.lease_id, lease.epoch))

    async def holder(self, lease_id: UUID) -> str | None:
        """The process that holds a lease, for people; None when it is gone."""
        row = await self._database.fetch_one("select process from leases where lease_id = %s", (lease_id,))
        return None if row is None else str(row[0])
