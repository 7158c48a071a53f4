"""Waits are timed by the log: what is left of them after a restart, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from penstock.engine.domain.artifact import Rules, Work
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.states import Decision, ExecutionStatus, Wait
from penstock.engine.runtime import timers
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.records import Acceptance
from tests.runtime.memory import ACCOUNT, Chain, MemoryStore, begin, nothing, turn
from tests.runtime.test_recovery import DEAD, Catalog, MemoryLeases

NOW_US = 1_700_000_000_000_000
MINUTE_US = 60_000_000
ID = UUID(int=1)
FIRST = Event(4, EventType.NODE_SUCCEEDED, NOW_US, 0, 1, NOW_US, b"in+")
RETRIED = Rules(retries=RetryPolicy(max_attempts=3))
PAUSED = Rules(work=Work.PAUSE, wait_us=MINUTE_US, on_timeout=Decision.REJECTED)
SLEEPING = Rules(work=Work.SLEEP, wait_us=MINUTE_US)


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.us = NOW_US

    def now_us(self) -> int:
        return self.us


@pytest.fixture
def clock(runtime: Runtime) -> ManualClock:
    substitute: Any = ManualClock()
    runtime.clock = substitute
    return substitute  # type: ignore[no-any-return]


def waiting(wait: Wait, due_us: int) -> Event:
    return Event(5, EventType.NODE_WAITING, NOW_US, 1, 1, detail=Detail(wait, due_us))


def failed(due_us: int) -> Event:
    failure = Failure("NODE_RAISED", "no", retryable=True)
    return Event(
        6, EventType.NODE_ATTEMPT_FAILED, NOW_US, 1, 1, NOW_US, failure=failure, detail=Detail(Wait.RETRY, due_us)
    )


async def taken_over(runtime: Runtime, memory: MemoryStore, rule: Rules, events: Sequence[Event]) -> Driver:
    """The driver of an execution of three nodes that another process left while the second one waited."""
    program: Any = Chain(nothing, nothing, nothing, rules=[Rules(), rule, Rules()])
    substitutes: Any = (MemoryLeases(memory), Catalog(program))
    runtime.leases, runtime.catalog = substitutes
    start = (Event(1, EventType.EXECUTION_ACCEPTED, NOW_US), Event(2, EventType.EXECUTION_STARTED, NOW_US))
    acceptance = Acceptance(ID.bytes, ACCOUNT, "chain", "01J00000000000000000000000", 1, program.mode, b"{}", b"in")
    memory.put(Entry(ID.bytes, start, acceptance, None), DEAD)
    memory.put(Entry(ID.bytes, events, None, None), DEAD)
    assert await runtime.recovery.run() == 1
    driver = runtime.driver(ID.hex, ACCOUNT)
    assert driver is not None
    await turn()
    return driver


def left_s(driver: Driver) -> float:
    """How long the second node still waits."""
    return driver.timers._handles[1][1].when() - driver.runtime.loop.time()


@pytest.mark.parametrize(
    ("rule", "events"),
    [
        pytest.param(RETRIED, [FIRST, failed(NOW_US + 2 * MINUTE_US)], id="retry"),
        pytest.param(SLEEPING, [FIRST, waiting(Wait.SLEEP, NOW_US + 2 * MINUTE_US)], id="sleep"),
        pytest.param(PAUSED, [FIRST, waiting(Wait.PAUSE, NOW_US + 2 * MINUTE_US)], id="pause"),
    ],
)
async def test_wait_that_is_taken_over_lasts_as_long_as_is_left_of_it(
    runtime: Runtime, memory: MemoryStore, clock: ManualClock, rule: Rules, events: list[Event]
) -> None:
    clock.us += MINUTE_US
    driver = await taken_over(runtime, memory, rule, events)
    assert 59 < left_s(driver) <= 60
    # Nothing ran, so nothing is recorded and no place is taken.
    assert (memory.stored[ID.hex], driver.walkers, runtime._running) == (events, [], set())


@pytest.mark.parametrize(
    ("rule", "events", "status"),
    [
        pytest.param(RETRIED, [FIRST, failed(NOW_US + MINUTE_US)], ExecutionStatus.COMPLETED, id="retry"),
        pytest.param(SLEEPING, [FIRST, waiting(Wait.SLEEP, NOW_US + MINUTE_US)], ExecutionStatus.COMPLETED, id="sleep"),
        pytest.param(PAUSED, [FIRST, waiting(Wait.PAUSE, NOW_US + MINUTE_US)], ExecutionStatus.FAILED, id="pause"),
    ],
)
async def test_wait_whose_time_has_passed_meanwhile_ends_at_once(
    runtime: Runtime, memory: MemoryStore, clock: ManualClock, rule: Rules, events: list[Event], status: ExecutionStatus
) -> None:
    clock.us += 10 * MINUTE_US
    driver = await taken_over(runtime, memory, rule, events)
    if not driver.run.status.is_terminal:
        await driver.rested()
    assert (memory.rows[ID.hex].status, driver.run.takeover_count) == (status, 0)
    assert memory.stored[ID.hex][: len(events)] == events


async def test_long_wait_looks_at_the_clock_now_and_then(
    runtime: Runtime, memory: MemoryStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "_LONGEST_S", 0.001)
    driver = await begin(runtime, Chain(nothing, rules=[SLEEPING]))
    looked = [handle := driver.timers._handles[0]]
    while len(looked) < 4:
        await turn()
        if driver.timers._handles.get(0) not in (handle, None):
            looked.append(handle := driver.timers._handles[0])
    assert driver.run.status is ExecutionStatus.RUNNING
    clock.us += MINUTE_US
    await driver.rested()
    assert driver.run.status is ExecutionStatus.COMPLETED


async def test_execution_is_ended_at_its_deadline_also_when_it_waits(
    runtime: Runtime, memory: MemoryStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "_LONGEST_S", 0.001)
    program = Chain(nothing, rules=[Rules(work=Work.PAUSE)])
    object.__setattr__(program.graph, "deadline_us", MINUTE_US)
    driver = await begin(runtime, program)
    assert driver.run.status is ExecutionStatus.PAUSED
    clock.us += MINUTE_US
    while not driver.run.status.is_terminal:
        await turn()
    assert memory.rows[driver.execution_id].status is ExecutionStatus.TIMED_OUT
    assert driver.timers._handles == {}
