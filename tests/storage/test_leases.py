"""Leases: who may drive which executions, between two processes."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest

from penstock.engine.domain.errors import LeaseLost
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.group_writer import PostgresGroupWriter
from penstock.engine.storage.postgres.leases import Leases
from penstock.engine.storage.records import ExecutionRow, Lease
from tests.storage.samples import accepted, key, opened, row, succeeded

LIFE_S = 3600
EXPIRED_S = -1
LOT = 500

COMPLETED = Event(5, EventType.EXECUTION_COMPLETED, 1, attempt=1)


@dataclass(frozen=True, slots=True)
class Process:
    """What one engine process knows of the store."""

    url: str
    leases: Leases
    executions: Executions
    database: Database
    lease: Lease

    async def write(self, *entries: Entry) -> None:
        writer = PostgresGroupWriter(self.url)
        try:
            await writer.write(entries, self.lease)
        finally:
            await writer.close()

    async def take_over(self) -> list[tuple[ExecutionRow, bytes]]:
        """One round: fence who is gone, claim a lot. Ordered by execution."""
        await self.leases.fence_the_dead("", self.lease)
        claimed = await self.leases.claim(self.lease, await self.leases.left_behind(LOT))
        return sorted(claimed, key=lambda found: found[0].execution_id)

    async def lease_ids(self) -> set[UUID]:
        return {found[0] for found in await self.database.fetch_all("select lease_id from leases")}


async def start(database: Database, url: str, instance: str, life_s: float) -> Process:
    leases = Leases(database)
    lease = await leases.acquire(instance, f"host:{instance}", life_s)
    return Process(url, leases, Executions(database), database, lease)


@pytest.fixture
async def database(store: str) -> AsyncIterator[Database]:
    async with opened(store) as database:
        yield database


@pytest.fixture
async def gone(store: str, database: Database) -> Process:
    """A process whose lease has run out."""
    return await start(database, store, "gone", EXPIRED_S)


@pytest.fixture
async def alive(store: str, database: Database) -> Process:
    return await start(database, store, "alive", LIFE_S)


@pytest.fixture
async def other(store: str, database: Database) -> Process:
    return await start(database, store, "other", LIFE_S)


def claimed_by(process: Process, *numbers: int) -> list[tuple[ExecutionRow, bytes]]:
    return [(row(number, process.lease.lease_id), b"\x00\xff input") for number in numbers]


async def test_lease_is_renewed_until_another_process_fences_it(gone: Process, alive: Process) -> None:
    await gone.leases.renew(gone.lease, EXPIRED_S)
    await alive.leases.fence_the_dead("", alive.lease)
    with pytest.raises(LeaseLost):
        await gone.leases.renew(gone.lease, LIFE_S)


async def test_late_renewal_saves_a_lease_that_nobody_has_fenced_yet(gone: Process, alive: Process) -> None:
    await gone.leases.renew(gone.lease, LIFE_S)
    await alive.leases.fence_the_dead("", alive.lease)
    await gone.write(accepted(1))
    assert await alive.take_over() == []


async def test_only_leases_that_ran_out_are_fenced(alive: Process, other: Process) -> None:
    await alive.leases.fence_the_dead("", alive.lease)
    await other.leases.renew(other.lease, LIFE_S)


async def test_process_does_not_fence_itself(gone: Process) -> None:
    await gone.leases.fence_the_dead("gone", gone.lease)
    await gone.leases.renew(gone.lease, LIFE_S)


async def test_earlier_process_of_the_same_instance_is_fenced_before_its_lease_runs_out(
    store: str, database: Database, alive: Process
) -> None:
    await alive.write(accepted(1))
    restarted = await start(database, store, "alive", LIFE_S)
    await restarted.leases.fence_the_dead("alive", restarted.lease)
    assert await restarted.take_over() == claimed_by(restarted, 1)
    with pytest.raises(LeaseLost):
        await alive.write(accepted(2))


async def test_claim_takes_what_fenced_processes_had_not_ended(gone: Process, alive: Process, other: Process) -> None:
    await gone.write(accepted(1), accepted(2), accepted(3))
    await gone.write(Entry(key(2), (succeeded(4), COMPLETED), None, None))
    await other.write(accepted(4))
    assert await alive.take_over() == claimed_by(alive, 1, 3)
    assert await alive.take_over() == []


async def test_queued_execution_is_claimed_with_its_status(gone: Process, alive: Process) -> None:
    await gone.write(accepted(1, is_queued=True))
    [(found, _)] = await alive.take_over()
    running = row(1, alive.lease.lease_id)
    assert found == dataclasses.replace(running, status=ExecutionStatus.QUEUED, start_us=None, last_sequence=1)


async def test_claimed_execution_is_driven_by_who_claimed_it(gone: Process, alive: Process) -> None:
    await gone.write(accepted(1))
    await alive.take_over()
    await alive.write(Entry(key(1), (succeeded(4),), None, None))
    with pytest.raises(LeaseLost):
        await gone.write(Entry(key(1), (succeeded(6),), None, None))
    assert (await alive.executions.events(key(1).hex(), 0, LOT))[0] == [succeeded(4)]
    assert await alive.leases.holder(alive.lease.lease_id) == "host:alive"


async def test_lot_is_bounded(gone: Process, alive: Process) -> None:
    await gone.write(*(accepted(number) for number in range(5)))
    await alive.leases.fence_the_dead("", alive.lease)
    sizes = []
    while lot := await alive.leases.left_behind(2):
        sizes.append(len(await alive.leases.claim(alive.lease, lot)))
    assert sizes == [2, 2, 1]


async def test_claim_whose_answer_was_lost_is_repeated_with_the_same_result(gone: Process, alive: Process) -> None:
    await gone.write(accepted(1), accepted(2))
    await alive.leases.fence_the_dead("", alive.lease)
    lot = await alive.leases.left_behind(LOT)
    first = await alive.leases.claim(alive.lease, lot)
    assert sorted(await alive.leases.claim(alive.lease, lot), key=str) == sorted(first, key=str)
    assert len(first) == 2


async def test_two_processes_that_claim_at_once_share_what_was_left_behind(
    gone: Process, alive: Process, other: Process
) -> None:
    numbers = range(200)
    await gone.write(*(accepted(number) for number in numbers))
    await alive.leases.fence_the_dead("", alive.lease)

    async def claim_all(process: Process) -> list[str]:
        mine: list[str] = []
        while lot := await process.leases.left_behind(20):
            mine += [found.execution_id for found, _ in await process.leases.claim(process.lease, lot)]
        return mine

    shares = await asyncio.gather(claim_all(alive), claim_all(other))
    assert sorted([*shares[0], *shares[1]]) == [key(number).hex() for number in numbers]
    holders = await alive.database.fetch_all("select lease_id, count(*)::int from executions group by lease_id")
    counted = {alive.lease.lease_id: len(shares[0]), other.lease.lease_id: len(shares[1])}
    assert dict(holders) == {lease_id: count for lease_id, count in counted.items() if count}


async def test_execution_that_another_process_is_claiming_is_left_to_it(
    store: str, gone: Process, alive: Process
) -> None:
    await gone.write(accepted(1), accepted(2))
    await alive.leases.fence_the_dead("", alive.lease)
    lot = await alive.leases.left_behind(LOT)
    async with await psycopg.AsyncConnection.connect(store) as claiming:
        await claiming.execute("select 1 from executions where execution_id = %s for update", (UUID(bytes=key(1)),))
        assert await alive.leases.claim(alive.lease, lot) == claimed_by(alive, 2)


async def test_process_that_lost_its_lease_claims_nothing(gone: Process, alive: Process, other: Process) -> None:
    await gone.write(accepted(1))
    await alive.leases.renew(alive.lease, EXPIRED_S)
    await other.leases.fence_the_dead("", other.lease)
    assert await alive.leases.claim(alive.lease, await alive.leases.left_behind(LOT)) == []
    assert await other.take_over() == claimed_by(other, 1)


async def test_released_lease_leaves_its_executions_to_anybody_at_once(alive: Process, other: Process) -> None:
    await alive.write(accepted(1))
    await alive.leases.release(alive.lease)
    assert await other.take_over() == claimed_by(other, 1)
    with pytest.raises(LeaseLost):
        await alive.leases.renew(alive.lease, LIFE_S)


async def test_fenced_lease_is_forgotten_when_nothing_is_left_of_it(gone: Process, alive: Process) -> None:
    await gone.write(accepted(1))
    await alive.leases.fence_the_dead("", alive.lease)
    await alive.leases.forget_the_empty()
    assert await alive.lease_ids() == {gone.lease.lease_id, alive.lease.lease_id}
    await alive.take_over()
    await alive.leases.forget_the_empty()
    assert await alive.lease_ids() == {alive.lease.lease_id}
    assert await alive.leases.holder(gone.lease.lease_id) is None


async def until_somebody_waits_for_a_lock(connection: psycopg.AsyncConnection[tuple[int]]) -> None:
    while True:
        cursor = await connection.execute(
            "select count(*)::int from pg_locks join pg_stat_activity using (pid)"
            " where not granted and datname = current_database()"
        )
        [(count,)] = await cursor.fetchall()
        if count:
            return


async def test_take_over_waits_for_the_journal_transaction_under_way(store: str, gone: Process, alive: Process) -> None:
    await gone.write(accepted(1))
    async with (
        await psycopg.AsyncConnection.connect(store) as journal,
        await psycopg.AsyncConnection.connect(store, autocommit=True) as watcher,
    ):
        await journal.execute("select 1 from leases where lease_id = %s for share", (gone.lease.lease_id,))
        await journal.execute(
            "insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time)"
            " values (%s, 3, 7, 0, 1, -1, -1, now())",
            (UUID(bytes=key(1)),),
        )
        taking_over = asyncio.create_task(alive.take_over())
        await until_somebody_waits_for_a_lock(watcher)
        await journal.commit()
        assert await taking_over == claimed_by(alive, 1)
    assert [event.sequence for event in (await alive.executions.events(key(1).hex(), 0, LOT))[0]] == [3]


async def test_journal_transaction_that_waits_for_a_take_over_commits_nothing(
    store: str, gone: Process, alive: Process
) -> None:
    await gone.write(accepted(1))
    entries: Sequence[Entry] = (accepted(2), Entry(key(1), (succeeded(4), COMPLETED), None, None))
    async with (
        await psycopg.AsyncConnection.connect(store) as fence,
        await psycopg.AsyncConnection.connect(store, autocommit=True) as watcher,
    ):
        await fence.execute("update leases set epoch = epoch + 1 where lease_id = %s", (gone.lease.lease_id,))
        writing = asyncio.create_task(gone.write(*entries))
        await until_somebody_waits_for_a_lock(watcher)
        await fence.commit()
        with pytest.raises(LeaseLost):
            await writing
    assert await alive.executions.get(key(1).hex(), "default") == row(1, gone.lease.lease_id)
    assert await alive.executions.get(key(2).hex(), "default") is None
    assert (await alive.executions.events(key(1).hex(), 0, LOT))[0] == []
