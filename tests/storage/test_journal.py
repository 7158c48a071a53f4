"""The journal on a real Postgres: everything that was handed in is durable exactly once, or nothing is."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

import psycopg
import pytest

from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.journal import Entry, GroupWriter, Journal
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.group_writer import PostgresGroupWriter
from penstock.engine.storage.postgres.leases import Leases
from penstock.engine.storage.records import Lease
from tests.storage.samples import ACCEPTED, NOW_US, STARTED, accepted, key, opened, row, succeeded
from tests.storage.servers import GivenServer, PostgresServer

ALL = 1_000_000
LIFE_S = 3600

FAILURE = Failure(
    "CARD_DECLINED",
    "the card was declined: „Zoë“",
    FailureKind.SYSTEM,
    FailureClass.PROVIDER,
    retryable=True,
    node="charge",
    attempt=2,
    traceback="Traceback\n  …",
)


class CountingWriter:
    """Passes groups on; remembers how many entries each had, and lets a test step in before and after."""

    def __init__(self, url: str) -> None:
        self.inner = PostgresGroupWriter(url)
        self.sizes: list[int] = []
        self.before: Callable[[], object] = lambda: None
        self.after: Callable[[], object] = lambda: None

    async def write(self, entries: Sequence[Entry], lease: Lease) -> None:
        self.before()
        await self.inner.write(entries, lease)
        self.after()
        self.sizes.append(len(entries))


@dataclass(slots=True)
class Desk:
    """A started journal and what its tests need beside it."""

    url: str
    journal: Journal
    writer: CountingWriter
    lease: Lease
    database: Database
    executions: Executions
    told: list[tuple[bytes, Exception | None]] = field(default_factory=list)

    def hand_in(self, entry: Entry) -> asyncio.Future[None]:
        """Done when the entry is durable, or with its error."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.journal.commit(
            entry.execution_id, entry.events, partial(self._tell, entry.execution_id, done), entry.acceptance
        )
        return done

    def _tell(self, execution_id: bytes, done: asyncio.Future[None], error: Exception | None) -> None:
        self.told.append((execution_id, error))
        done.set_result(None) if error is None else done.set_exception(error)

    async def commit(self, *entries: Entry) -> None:
        await asyncio.gather(*(self.hand_in(entry) for entry in entries))

    async def events(self, number: int) -> list[Event]:
        return await self.executions.events(key(number).hex(), 0, ALL)

    async def ids(self) -> set[bytes]:
        return {found[0].bytes for found in await self.database.fetch_all("select execution_id from executions")}

    async def fence(self) -> Lease:
        """What another process does that takes this one for dead. Gives its lease."""
        leases = Leases(self.database)
        other = await leases.acquire("other", "other", LIFE_S)
        await leases.renew(self.lease, -1)
        await leases.fence_the_dead("", other)
        return other


@asynccontextmanager
async def desk_on(url: str) -> AsyncIterator[Desk]:
    async with opened(url) as database:
        lease = await Leases(database).acquire("one", "one", LIFE_S)
        writer = CountingWriter(url)
        journal = Journal(writer)
        journal.start(lease)
        try:
            yield Desk(url, journal, writer, lease, database, Executions(database))
        finally:
            await journal.stop()
            await writer.inner.close()


@pytest.fixture
async def desk(store: str) -> AsyncIterator[Desk]:
    async with desk_on(store) as desk:
        yield desk


def entry(number: int, *events: Event) -> Entry:
    return Entry(key(number), events, None, None)


# Rows.


async def test_acceptance_lands_as_given(desk: Desk) -> None:
    await desk.commit(accepted(1), accepted(2, is_queued=True))
    running, queued = row(1, desk.lease.lease_id), row(2, desk.lease.lease_id)
    assert await desk.executions.get(key(1).hex(), "default") == running
    assert await desk.executions.get(key(2).hex(), "default") == replace(
        queued, status=ExecutionStatus.QUEUED, start_us=None, last_sequence=1
    )
    assert running.first_events() == (ACCEPTED, STARTED)
    assert await desk.executions.input(key(1).hex()) == b"\x00\xff input"
    assert await desk.events(1) == []


async def test_events_land_as_given(desk: Desk) -> None:
    events = (
        Event(3, EventType.EXECUTION_RESUMED, NOW_US, reason="host:1"),
        Event(4, EventType.NODE_STARTED, NOW_US + 1, 0, 2),
        Event(5, EventType.NODE_SUCCEEDED, NOW_US + 2, 0, 2, NOW_US + 1, b"\x00\xff", 7),
        Event(7, EventType.NODE_SUCCEEDED, NOW_US + 3, 999, 1, NOW_US + 2, b"", -1, 3),
        Event(8, EventType.FRAME_EMITTED, NOW_US + 4, 1, payload=b"\x01" * 1_000_000, frame_index=0),
        Event(9, EventType.FRAME_EMITTED, NOW_US + 4, 1, payload=b"", frame_index=1),
        Event(11, EventType.NODE_FAILED, NOW_US + 5, 2, 1, NOW_US + 4, failure=FAILURE),
        Event(12, EventType.NODE_CANCELLED, NOW_US + 6, 2, 1, NOW_US + 4, reason=""),
    )
    await desk.commit(accepted(1), accepted(2))
    await desk.commit(entry(1, *events), entry(2, succeeded(4)))
    assert await desk.events(1) == list(events)
    assert await desk.events(2) == [succeeded(4)]


async def test_late_start_and_the_end_change_the_row_alone(desk: Desk) -> None:
    await desk.commit(*(accepted(number, is_queued=True) for number in range(5)))
    started = replace(row(0, desk.lease.lease_id), start_us=NOW_US + 9)
    await desk.commit(*(entry(number, Event(2, EventType.EXECUTION_STARTED, NOW_US + 9)) for number in range(5)))
    ends = [
        Event(4, EventType.EXECUTION_COMPLETED, NOW_US + 20, attempt=3),
        Event(5, EventType.EXECUTION_FAILED, NOW_US + 21, attempt=4, failure=FAILURE),
        Event(6, EventType.EXECUTION_CANCELLED, NOW_US + 22, reason="no longer „wanted“"),
        Event(7, EventType.EXECUTION_TIMED_OUT, NOW_US + 23, attempt=1, failure=FAILURE),
    ]
    await desk.commit(*(entry(number, end) for number, end in enumerate(ends)))
    rows = [await desk.executions.get(key(number).hex(), "default") for number in range(5)]
    wanted = [
        replace(started, status=ExecutionStatus.COMPLETED, complete_us=NOW_US + 20, last_sequence=4, attempt_count=3),
        replace(
            started,
            status=ExecutionStatus.FAILED,
            complete_us=NOW_US + 21,
            last_sequence=5,
            attempt_count=4,
            failure=FAILURE,
        ),
        replace(
            started,
            status=ExecutionStatus.CANCELLED,
            complete_us=NOW_US + 22,
            last_sequence=6,
            cancel_reason="no longer „wanted“",
        ),
        replace(
            started,
            status=ExecutionStatus.TIMED_OUT,
            complete_us=NOW_US + 23,
            last_sequence=7,
            attempt_count=1,
            failure=FAILURE,
        ),
        started,
    ]
    assert rows == [replace(one, execution_id=key(number).hex()) for number, one in enumerate(wanted)]
    assert [one.last_event() for one in wanted[:4]] == [replace_attempt(end) for end in ends]
    assert await desk.events(0) == []


def replace_attempt(end: Event) -> Event:
    """The row gives the end without its count of attempts, which is a column of its own."""
    return end._replace(attempt=0)


async def test_failure_class_can_be_asked_for_in_sql(desk: Desk) -> None:
    await desk.commit(accepted(1), accepted(2))
    await desk.commit(
        entry(1, Event(3, EventType.EXECUTION_FAILED, NOW_US, failure=FAILURE)),
        entry(2, Event(3, EventType.EXECUTION_COMPLETED, NOW_US)),
    )
    found = await desk.database.fetch_all("select failure_class from executions order by execution_id")
    assert found == [(2,), (None,)]


async def test_step_that_ends_a_node_and_the_execution_lands_whole(desk: Desk) -> None:
    await desk.commit(accepted(1))
    await desk.commit(entry(1, succeeded(4), Event(5, EventType.EXECUTION_COMPLETED, NOW_US, attempt=1)))
    found = await desk.executions.get(key(1).hex(), "default")
    assert found is not None
    assert (found.status, found.last_sequence, await desk.events(1)) == (ExecutionStatus.COMPLETED, 5, [succeeded(4)])


# Load.

CHAINS = 64
STEPS = 20


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
    assert len(desk.writer.sizes) <= 2 * (STEPS + 2)


async def test_group_is_one_transaction(desk: Desk) -> None:
    await desk.commit(*(accepted(number) for number in range(100)))
    await desk.commit(*(entry(number, succeeded(4)) for number in range(100)))
    written_by = "select count(distinct xmin::text)::int, count(*)::int from "
    assert await desk.database.fetch_one(written_by + "executions") == (1, 100)
    assert await desk.database.fetch_one(written_by + "events") == (1, 100)


async def test_journal_whose_sessions_are_terminated_in_mid_load_commits_everything_once(desk: Desk) -> None:
    async with await psycopg.AsyncConnection.connect(desk.url, autocommit=True) as terminator:
        running = asyncio.create_task(run_chains(desk))
        ended_count = 0
        while not running.done():
            # Again and again: some sessions end before their statement, some within it, some after it.
            cursor = await terminator.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = 'penstock journal' and backend_xid is not null"
            )
            ended_count += len(await cursor.fetchall())
        await running
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
    server: PostgresServer, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(server, GivenServer):
        pytest.skip("nobody may crash the server that was given")
    monkeypatch.setattr("penstock.engine.storage.journal._RETRY_DELAY_S_MAX", 0.05)
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
    assert [type(answer) for answer in answers] == [type(None), psycopg.DataError, type(None)]
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
    held = entry(1, succeeded(4))
    waiting = [desk.hand_in(held)]
    # While the first group is on its way the second waits.
    desk.writer.before = lambda: waiting.append(desk.hand_in(entry(2, succeeded(4)))) or setattr(  # type: ignore[func-returns-value]
        desk.writer, "before", lambda: desk.journal.renew(other)
    )
    answers = [*await asyncio.gather(*waiting, return_exceptions=True)]
    while len(answers) < len(waiting):
        answers += await asyncio.gather(*waiting[len(answers) :], return_exceptions=True)
    assert [type(answer) for answer in answers] == [LeaseLost, LeaseLost]
    desk.writer.before = lambda: None
    await desk.commit(accepted(3))
    assert (await desk.events(1), await desk.events(2)) == ([], [])
    assert await desk.executions.get(key(3).hex(), "default") == row(3, other.lease_id)


async def test_stop_commits_what_was_handed_in(store: str) -> None:
    async with desk_on(store) as desk:
        handed_in = [desk.hand_in(accepted(number)) for number in range(3000)]
        await desk.journal.stop()
        assert {answer.result() for answer in handed_in} == {None}
        assert await desk.ids() == {key(number) for number in range(3000)}


def writes_groups(writer: CountingWriter) -> GroupWriter:
    """CountingWriter is what the journal asks for; mypy holds it to that."""
    return writer
