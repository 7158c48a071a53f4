"""Executions of several branches: each is walked by itself, and all are stopped together."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from penstock.engine.domain.artifact import Graph, Mode, Rules, Work
from penstock.engine.domain.event import EventType
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.states import Decision, ExecutionStatus
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.steering import decide_pause
from penstock.engine.runtime.walker import Walker
from tests.runtime.memory import Chain, Flow, MemoryStore, begin, nothing, turn

START, LEFT, RIGHT, GATE, END = range(5)
DIAMOND = Graph(
    ("start", "left", "right", "gate", "end"),
    ((LEFT, RIGHT), (GATE,), (GATE,), (END,), ()),
    START,
    END,
    Mode.UNARY,
    rules=(Rules(), Rules(), Rules(), Rules(work=Work.GATE, required=2), Rules()),
)
PAUSE = Rules(work=Work.PAUSE)


def diamond(left: Callable[[bytes], Any], right: Callable[[bytes], Any], required: int = 2) -> Flow:
    rules = (*DIAMOND.rules[:GATE], Rules(work=Work.GATE, required=required), Rules())
    return Flow(replace(DIAMOND, rules=rules), (nothing, left, right, nothing, nothing))


async def left(message: bytes) -> bytes:
    return message + b"<"


async def right(message: bytes) -> bytes:
    return message + b">"


async def fails(message: bytes) -> bytes:
    raise ValueError("no")


async def waits(message: bytes) -> bytes:
    await asyncio.Event().wait()
    return message


def kinds(memory: MemoryStore, execution_id: str) -> list[tuple[EventType, int]]:
    return [(event.type, event.node) for event in memory.stored[execution_id]]


async def test_branches_run_at_the_same_time_and_meet_at_the_gate(runtime: Runtime, memory: MemoryStore) -> None:
    meeting = asyncio.Barrier(2)

    async def meet(message: bytes) -> bytes:
        await meeting.wait()
        return message + b"."

    driver = await begin(runtime, diamond(meet, meet), b"in")
    await driver.rested()
    assert (driver.run.status, driver.run.output) == (ExecutionStatus.COMPLETED, b"in.in.")
    sequences = [event.sequence for event in memory.stored[driver.execution_id]]
    assert sequences == sorted(set(sequences))
    assert (runtime.live_count, runtime._running) == (0, set())


@pytest.mark.parametrize("other", [fails, right])
async def test_branch_that_is_not_needed_any_more_is_stopped(
    runtime: Runtime, memory: MemoryStore, other: Callable[[bytes], Any]
) -> None:
    driver = await begin(runtime, diamond(waits, other, required=1 if other is right else 2), b"in")
    tasks = [walker.task for walker in driver.walkers]
    await driver.rested()
    await turn()
    assert all(task is None or task.done() for task in tasks)
    assert driver.walkers == []
    ended = EventType.NODE_SUCCEEDED if other is right else EventType.NODE_FAILED
    assert {(EventType.NODE_CANCELLED, LEFT), (ended, RIGHT)} <= set(kinds(memory, driver.execution_id))


async def test_cancel_stops_every_branch(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await begin(runtime, diamond(waits, waits))
    await turn()
    tasks = [walker.task for walker in driver.walkers]
    await driver.cancel("enough")
    await turn()
    assert (len(tasks), [task.done() for task in tasks if task is not None]) == (2, [True, True])
    assert memory.rows[driver.execution_id].status is ExecutionStatus.CANCELLED
    assert kinds(memory, driver.execution_id)[-2:] == [
        (EventType.NODE_CANCELLED, LEFT),
        (EventType.NODE_CANCELLED, RIGHT),
    ]


async def test_failed_attempts_are_followed_by_others(runtime: Runtime, memory: MemoryStore) -> None:
    errors = [ValueError("one"), ValueError("two")]

    async def shaky(message: bytes) -> bytes:
        if errors:
            raise errors.pop(0)
        return message

    policy = RetryPolicy(max_attempts=3, initial_us=1)
    driver = await begin(runtime, Chain(shaky, rules=[Rules(retries=policy)]))
    await driver.rested()
    assert kinds(memory, driver.execution_id) == [
        (EventType.NODE_ATTEMPT_FAILED, 0),
        (EventType.NODE_STARTED, 0),
        (EventType.NODE_ATTEMPT_FAILED, 0),
        (EventType.NODE_STARTED, 0),
        (EventType.NODE_SUCCEEDED, 0),
    ]
    assert driver.run.status is ExecutionStatus.COMPLETED


async def test_execution_that_is_paused_takes_no_place_and_no_task(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await begin(runtime, Chain(left, nothing, right, rules=[Rules(), PAUSE, Rules()]), b"in")
    await driver.rested()
    await turn()
    assert memory.rows[driver.execution_id].status is ExecutionStatus.PAUSED
    assert (driver.walkers, runtime._running, runtime.live_count) == ([], set(), 1)
    resting = driver.rested()
    await decide_pause(driver, 1, Decision.APPROVED, by="Ada")
    await resting
    assert (driver.run.status, driver.run.output) == (ExecutionStatus.COMPLETED, b"in<>")
    assert (runtime._running, runtime.live_count) == (set(), 0)


async def test_pause_hands_on_what_the_person_gives(runtime: Runtime) -> None:
    driver = await begin(runtime, Chain(left, nothing, right, rules=[Rules(), PAUSE, Rules()]), b"in")
    await driver.rested()
    resting = driver.rested()
    await decide_pause(driver, 1, Decision.RESUMED, b"other")
    await resting
    assert driver.run.output == b"other>"


async def test_drain_does_not_wait_for_who_is_paused(runtime: Runtime) -> None:
    driver = await begin(runtime, Chain(nothing, rules=[PAUSE]))
    await asyncio.wait_for(runtime.drain(3600), 10)
    assert driver.run.status is ExecutionStatus.PAUSED


async def test_nothing_of_an_execution_that_ended_is_left_in_a_circle(runtime: Runtime) -> None:
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(2):  # the journal keeps hold of the last one
            await _ended(runtime)
            await turn()
        gc.collect()
        assert not [each for each in gc.garbage if isinstance(each, Driver | Walker | Attempt)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def _ended(runtime: Runtime) -> None:
    driver = await begin(runtime, Chain(nothing, nothing))
    await driver.rested()
