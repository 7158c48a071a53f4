"""What the journal writes, read back: whole rows as they were given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.states import Decision, ExecutionStatus, Wait
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.records import Parent
from tests.storage.desk import FAILURE, Desk, desk_on, entry
from tests.storage.samples import ACCEPTED, NOW_US, STARTED, acceptance, accepted, key, row, succeeded


@pytest.fixture
async def desk(store: str) -> AsyncIterator[Desk]:
    async with desk_on(store) as desk:
        yield desk


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
    assert [one.last_event() for one in wanted[:4]] == ends
    assert await desk.events(0) == []


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


async def test_details_land_as_given(desk: Desk) -> None:
    details = (
        Detail(Wait.RETRY, NOW_US + 5, is_fallback=True),
        Detail(Wait.FLOW, child=key(9).hex()),
        Detail(Wait.SIGNAL, signal="more"),
        Detail(item_count=0),
        Detail(item_count=100_000),
        Detail(decision=Decision.REJECTED, by="Zoë (k1)", comment="no\x00pe", request_id="r 1"),
        Detail(is_cache_hit=True, taken_signals=(0, 20)),
        Detail(is_provisional=True),
        Detail(is_compensation=True, ends_as=ExecutionStatus.TIMED_OUT),
        Detail(),
    )
    events = [
        Event(number, EventType.NODE_WAITING, NOW_US, 3, 1, NOW_US - 1, b"payload", detail=detail)
        for number, detail in enumerate(details, 3)
    ]
    await desk.commit(accepted(1))
    await desk.commit(entry(1, *events))
    assert await desk.events(1) == events


async def test_change_of_status_is_a_row_and_changes_the_execution(desk: Desk) -> None:
    moves = [
        (EventType.EXECUTION_PAUSED, ExecutionStatus.PAUSED),
        (EventType.EXECUTION_CONTINUED, ExecutionStatus.RUNNING),
        (EventType.EXECUTION_WAITING_ON_GATE, ExecutionStatus.WAITING_ON_GATE),
        (EventType.EXECUTION_COMPENSATING, ExecutionStatus.COMPENSATING),
    ]
    await desk.commit(accepted(1))
    events = [Event(3 + number, kind, NOW_US, reason="why") for number, (kind, _) in enumerate(moves)]
    for event, (_, status) in zip(events, moves, strict=True):
        await desk.commit(entry(1, event))
        found = await desk.executions.get(key(1).hex(), "default")
        assert found is not None
        assert (found.status, found.complete_us, found.last_event()) == (status, None, None)
        assert (found.start_us, found.cancel_reason, found.failure) == (STARTED.time_us, None, None)
    assert await desk.events(1) == events


async def test_last_of_several_moves_in_one_step_counts(desk: Desk) -> None:
    await desk.commit(accepted(1), accepted(2, is_queued=True))
    paused = Event(3, EventType.EXECUTION_PAUSED, NOW_US)
    end = Event(4, EventType.EXECUTION_CANCELLED, NOW_US + 1, reason="enough")
    start = Event(2, EventType.EXECUTION_STARTED, NOW_US + 9)
    await desk.commit(entry(1, paused, end), entry(2, start, paused))
    one, two = [await desk.executions.get(key(number).hex(), "default") for number in (1, 2)]
    assert one is not None
    assert two is not None
    assert (one.status, one.last_event()) == (ExecutionStatus.CANCELLED, end)
    assert (two.status, two.start_us) == (ExecutionStatus.PAUSED, NOW_US + 9)
    assert (await desk.events(1), await desk.events(2)) == ([paused], [paused])


async def test_execution_that_begins_with_a_wait_lands_whole(desk: Desk) -> None:
    waiting = Event(3, EventType.NODE_WAITING, NOW_US, 0, 1, detail=Detail(Wait.PAUSE))
    paused = Event(4, EventType.EXECUTION_PAUSED, NOW_US)
    await desk.commit(Entry(key(1), (ACCEPTED, STARTED, waiting, paused), acceptance(1), None))
    found = await desk.executions.get(key(1).hex(), "default")
    assert found is not None
    assert (found.status, found.start_us, await desk.events(1)) == (
        ExecutionStatus.PAUSED,
        STARTED.time_us,
        [waiting, paused],
    )


async def test_options_and_parent_land_as_given(desk: Desk) -> None:
    parent = Parent(key(7), 999)
    given = [
        acceptance(1)._replace(options=b"\x00options", parent=parent),
        acceptance(2)._replace(options=b""),
        acceptance(3)._replace(parent=parent),
        acceptance(4)._replace(options=b"hook", has_webhook=True),
    ]
    await desk.commit(*(Entry(one.execution_id, (ACCEPTED, STARTED), one, None) for one in given))
    for one in given:
        found = await desk.executions.get(one.execution_id.hex(), "default")
        assert found is not None
        assert (found.options, found.parent) == (one.options, one.parent)
    end = Event(3, EventType.EXECUTION_COMPLETED, NOW_US + 5)
    await desk.commit(*(entry(number, end) for number in range(1, 5)))
    due = "select (extract(epoch from webhook_time) * 1e6)::bigint from executions order by execution_id"
    assert await desk.database.fetch_all(due) == [(None,), (None,), (None,), (end.time_us,)]
