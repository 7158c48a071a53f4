"""What the journal writes, read back: whole rows as they were given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from tests.storage.desk import FAILURE, Desk, desk_on, entry
from tests.storage.samples import ACCEPTED, NOW_US, STARTED, accepted, key, row, succeeded


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
