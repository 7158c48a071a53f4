"""The journal on a real Postgres: what was handed in is durable exactly once, or nobody acts on it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.domain.event import Event, EventType
from tests.storage.desk import Desk, desk_on, entry
from tests.storage.samples import NOW_US, accepted, key, row, succeeded
from tests.storage.servers import GivenServer, PostgresServer

CHAINS = 64
STEPS = 20


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal tries again at once: here the database is back sooner than it is for people."""
    monkeypatch.setattr("penstock.engine.storage.journal._RETRY_DELAY_S_FIRST", 0.001)
    monkeypatch.setattr("penstock.engine.storage.journal._RETRY_DELAY_S_MAX", 0.05)


@pytest.fixture
async def desk(store: str) -> AsyncIterator[Desk]:
    async with desk_on(store) as desk:
        yield desk


async def chain(desk: Desk, number: int) -> None:
    """Accepts an execution, checkpoints STEPS nodes one after the other, ends it."""
    await desk.hand_in(accepted(number))
    for step in range(STEPS):
        await desk.hand_in(entry(number, succeeded(4 + 2 * step)))
    await desk.hand_in(entry(number, last_of_a_chain()))


def last_of_a_chain() -> Event:
    return Event(3 + 2 * STEPS, EventType.EXECUTION_COMPLETED, NOW_US, attempt=STEPS)


async def run_chains(desk: Desk) -> None:
    await asyncio.gather(*(chain(desk, number) for number in range(CHAINS)))


async def assert_every_chain_is_durable_exactly_once(desk: Desk) -> None:
    wanted = [
        (UUID(bytes=key(number)), 4 + 2 * step, b"output %d" % (4 + 2 * step))
        for number in range(CHAINS)
        for step in range(STEPS)
    ]
    found = await desk.database.fetch_all(
        "select execution_id, sequence, payload from events order by execution_id, sequence"
    )
    assert found == wanted
    rows = await desk.database.fetch_all(
        "select execution_id, status, last_sequence, attempt_count from executions order by execution_id"
    )
    assert rows == [(UUID(bytes=key(number)), 3, 3 + 2 * STEPS, STEPS) for number in range(CHAINS)]
    assert sorted(desk.told, key=str) == sorted([(key(n), None) for n in range(CHAINS)] * (STEPS + 2), key=str)


async def test_groups_form_under_load(desk: Desk) -> None:
    await run_chains(desk)
    await assert_every_chain_is_durable_exactly_once(desk)
    assert sum(desk.writer.sizes) == CHAINS * (STEPS + 2)
    assert len(desk.writer.sizes) <= 2 * (STEPS + 2) + 1


async def test_all_who_come_at_once_go_on_in_turns(desk: Desk) -> None:
    await run_chains(desk)
    # One group of all of them would stay one for ever, and the database would idle while this process works.
    assert sorted(set(desk.writer.sizes)) == [CHAINS // 2]
    assert len(desk.writer.sizes) == 2 * (STEPS + 2)


async def test_few_who_come_at_once_go_together(desk: Desk) -> None:
    await desk.commit(*(accepted(number) for number in range(15)))
    assert desk.writer.sizes == [15]


async def test_group_is_one_transaction(desk: Desk) -> None:
    await desk.commit(*(accepted(number) for number in range(15)))
    await desk.commit(*(entry(number, succeeded(4)) for number in range(15)))
    written_by = "select count(distinct xmin::text)::int, count(*)::int from "
    assert await desk.database.fetch_one(written_by + "executions") == (1, 15)
    assert await desk.database.fetch_one(written_by + "events") == (1, 15)


async def test_journal_whose_sessions_are_terminated_in_mid_load_commits_everything_once(desk: Desk) -> None:
    async with await psycopg.AsyncConnection.connect(desk.url, autocommit=True) as terminator:
        wanted, ended_count, group_count = asyncio.Event(), 0, 0

        def want_one_in_three_groups() -> None:
            nonlocal group_count
            group_count += 1
            if group_count % 3 == 0:
                wanted.set()

        async def terminate() -> None:
            # At once with the statement: some sessions end before it, some within it, some after it.
            nonlocal ended_count
            while True:
                await wanted.wait()
                wanted.clear()
                cursor = await terminator.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and application_name = 'penstock journal'"
                )
                ended_count += len(await cursor.fetchall())

        desk.writer.before = want_one_in_three_groups
        terminating = asyncio.create_task(terminate())
        await run_chains(desk)
        terminating.cancel()
        await asyncio.gather(terminating, return_exceptions=True)
    assert ended_count > 0
    await assert_every_chain_is_durable_exactly_once(desk)


async def test_group_whose_answer_was_lost_is_sent_again_and_lands_once(desk: Desk) -> None:
    dice = random.Random(7)

    def lose_the_answer() -> None:
        if dice.random() < 0.5:
            raise StoreUnavailable("the connection broke")

    desk.writer.after = lose_the_answer
    desk.writer.before = lose_the_answer
    await desk.commit(accepted(1), accepted(2))
    for sequence in (4, 6, 8):
        await desk.commit(entry(1, succeeded(sequence)), entry(2, succeeded(sequence)))
    await desk.commit(entry(1, Event(9, EventType.EXECUTION_COMPLETED, NOW_US, attempt=3)))
    assert await desk.events(1) == await desk.events(2) == [succeeded(4), succeeded(6), succeeded(8)]
    assert desk.told == [(key(n), None) for n in (1, 2)] * 4 + [(key(1), None)]


async def test_postgres_that_crashes_in_mid_load_loses_nothing_that_was_told(
    server: PostgresServer, store: str
) -> None:
    if isinstance(server, GivenServer):
        pytest.skip("nobody may crash the server that was given")
    async with desk_on(store) as desk:
        crashed, half = asyncio.Event(), CHAINS * STEPS // 2

        def crash_at_half_time() -> None:
            if len(desk.told) > half:
                crashed.set()

        desk.writer.before = crash_at_half_time
        running = asyncio.create_task(run_chains(desk))
        await crashed.wait()
        told_before = len(desk.told)
        await asyncio.to_thread(server.crash)
        assert not running.done()
        await asyncio.to_thread(server.start)
        await running
        assert told_before > half
        await assert_every_chain_is_durable_exactly_once(desk)


# Refusals.


async def test_entry_that_cannot_be_stored_fails_alone(desk: Desk) -> None:
    await desk.commit(accepted(1), accepted(2), accepted(3))
    poisoned = Event(4, EventType.EXECUTION_RESUMED, NOW_US, reason="a\0b")
    answers = await asyncio.gather(
        desk.hand_in(entry(1, succeeded(4))),
        desk.hand_in(entry(2, poisoned)),
        desk.hand_in(entry(3, succeeded(4))),
        return_exceptions=True,
    )
    assert (answers[0], isinstance(answers[1], psycopg.DataError), answers[2]) == (None, True, None)
    assert [await desk.events(number) for number in (1, 2, 3)] == [[succeeded(4)], [], [succeeded(4)]]
    await desk.commit(entry(2, succeeded(4)))
    assert await desk.events(2) == [succeeded(4)]


async def test_after_a_take_over_nothing_is_committed_and_everybody_is_told(desk: Desk) -> None:
    await desk.commit(accepted(1), accepted(2))
    await desk.fence()
    answers = await asyncio.gather(
        desk.hand_in(entry(1, succeeded(4))),
        desk.hand_in(entry(2, Event(3, EventType.EXECUTION_COMPLETED, NOW_US))),
        desk.hand_in(accepted(3)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [LeaseLost] * 3
    assert await desk.executions.get(key(2).hex(), "default") == row(2, desk.lease.lease_id)
    assert (await desk.ids(), await desk.events(1)) == ({key(1), key(2)}, [])


async def test_new_lease_commits_nothing_that_was_handed_in_under_the_lost_one(desk: Desk) -> None:
    await desk.commit(accepted(1), accepted(2))
    other = await desk.fence()
    desk.writer.entered.clear()
    desk.writer.gate.clear()
    under_way = desk.hand_in(entry(1, succeeded(4)))
    await desk.writer.entered.wait()
    waiting = desk.hand_in(entry(2, succeeded(4)))
    desk.journal.renew(other)
    later = desk.hand_in(accepted(3))
    desk.writer.gate.set()
    answers = await asyncio.gather(under_way, waiting, later, return_exceptions=True)
    assert [type(answer) for answer in answers] == [LeaseLost, LeaseLost, type(None)]
    assert (await desk.events(1), await desk.events(2)) == ([], [])
    assert await desk.executions.get(key(3).hex(), "default") == row(3, other.lease_id)


async def test_stop_commits_what_was_handed_in(store: str) -> None:
    async with desk_on(store) as desk:
        handed_in = [desk.hand_in(accepted(number)) for number in range(3000)]
        await desk.journal.stop()
        assert {answer.result() for answer in handed_in} == {None}
        assert await desk.ids() == {key(number) for number in range(3000)}
