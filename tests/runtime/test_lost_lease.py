"""What a process that lost its lease, or is stopping, still does about its executions: nothing."""

from __future__ import annotations

import asyncio

import pytest

from penstock.engine.domain.errors import LeaseLost
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.occurrence import CancelRequested, NodeTimedOut
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.runtime import Runtime
from tests.runtime.memory import NEXT_LEASE, Chain, MemoryStore, begin, turn


class Stubborn:
    """A node that does not end when it is cancelled, but when the test says so."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.program = Chain(self, self._after)
        self.ran_after = False

    async def __call__(self, message: bytes) -> bytes:
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue
        return message

    async def _after(self, message: bytes) -> bytes:
        self.ran_after = True
        return message


async def waits(message: bytes) -> bytes:
    await asyncio.Event().wait()
    return message


def lose_the_lease(runtime: Runtime) -> None:
    """What the keeper does when another process has fenced this one."""
    runtime.keeper._lease = NEXT_LEASE
    runtime._lease_lost(NEXT_LEASE)


def stored(memory: MemoryStore, driver: Driver) -> list[Event]:
    return memory.stored[driver.execution_id]


async def test_executions_are_let_go_of(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await begin(runtime, Chain(waits))
    await turn()
    rested, (walker,) = driver.rested(), driver.walkers
    lose_the_lease(runtime)
    await turn()
    assert (rested.cancelled(), runtime.drives(driver), runtime.live_count) == (True, False, 0)
    assert walker.task is None  # it came to its end
    assert stored(memory, driver) == []


async def test_who_asks_for_the_end_afterwards_does_not_wait(runtime: Runtime) -> None:
    driver = await begin(runtime, Chain(waits))
    lose_the_lease(runtime)
    await followers.wait_for_driver(runtime, driver, 600)
    assert driver.run.status is ExecutionStatus.RUNNING


async def test_node_that_ends_afterwards_records_nothing_and_starts_nothing(
    runtime: Runtime, memory: MemoryStore
) -> None:
    stubborn = Stubborn()
    driver = await begin(runtime, stubborn.program)
    await turn()
    lose_the_lease(runtime)
    stubborn.released.set()
    await turn()
    assert (stored(memory, driver), stubborn.ran_after) == ([], False)


async def test_timeout_that_comes_afterwards_records_nothing(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await begin(runtime, Chain(waits))
    await turn()
    lose_the_lease(runtime)
    with pytest.raises(LeaseLost, match=f"execution {driver.execution_id} is not driven by this process any more"):
        await driver.submit(NodeTimedOut(0, 1, Failure("NODE_TIMEOUT", "too long")))
    assert not memory.rows[driver.execution_id].status.is_terminal


async def test_step_on_its_way_to_the_database_is_not_acted_on(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await begin(runtime, Chain(waits))
    memory.gate.clear()
    under_way = driver.submit(CancelRequested("under way"))
    await turn()
    lose_the_lease(runtime)
    memory.gate.set()
    with pytest.raises(LeaseLost):
        await under_way
    assert driver.run.status is ExecutionStatus.RUNNING


async def test_step_that_waited_for_the_journal_is_not_committed_under_the_next_lease(
    runtime: Runtime, memory: MemoryStore
) -> None:
    blocking, driver = await begin(runtime, Chain(waits)), await begin(runtime, Chain(waits))
    memory.gate.clear()
    blocking.submit(CancelRequested("under way")).add_done_callback(lambda answer: answer.exception())
    await turn()
    waiting = driver.submit(CancelRequested("waits"))
    lose_the_lease(runtime)
    memory.gate.set()
    with pytest.raises(LeaseLost):
        await waiting
    later = await begin(runtime, Chain(waits))
    assert memory.rows[later.execution_id].lease_id == NEXT_LEASE.lease_id
    assert memory.rows[driver.execution_id].complete_us is None


async def test_cancel_that_waits_behind_another_step_is_answered(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await begin(runtime, Chain(waits))
    await turn()
    memory.gate.clear()
    first = driver.submit(CancelRequested("first"))
    second = asyncio.create_task(driver.cancel("second"))
    await turn()
    lose_the_lease(runtime)
    with pytest.raises(LeaseLost):
        await second
    memory.gate.set()
    with pytest.raises(LeaseLost):
        await first


async def test_cancel_behind_a_step_that_failed_is_answered(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await begin(runtime, Chain(waits))
    await turn()
    memory.gate.clear()
    memory.error = LeaseLost("another process")
    first, second = driver.submit(CancelRequested("first")), driver.submit(CancelRequested("second"))
    memory.gate.set()
    answers = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(answer) for answer in answers] == [LeaseLost, LeaseLost]
    assert not runtime.drives(driver)


async def test_acceptance_on_its_way_fails_and_gives_its_place_back(runtime: Runtime, memory: MemoryStore) -> None:
    memory.gate.clear()
    accepting = asyncio.create_task(begin(runtime, Chain(waits)))
    await turn()
    lose_the_lease(runtime)
    memory.gate.set()
    with pytest.raises(LeaseLost):
        await accepting
    assert (runtime.live_count, runtime._running) == (0, set())


async def test_stop_lets_go_and_records_nothing(memory: MemoryStore, runtime: Runtime) -> None:
    driver = await begin(runtime, Chain(waits))
    await turn()
    await runtime.stop()
    assert stored(memory, driver) == []
    assert memory.rows[driver.execution_id].complete_us is None


async def test_node_that_completed_before_the_stop_is_not_run_again(memory: MemoryStore, runtime: Runtime) -> None:
    async def quick(message: bytes) -> bytes:
        return message + b"1"

    driver = await begin(runtime, Chain(quick, waits))
    memory.gate.clear()
    await turn()
    stopping = asyncio.create_task(runtime.stop())
    await turn()
    memory.gate.set()
    await stopping
    assert [(event.sequence, event.type, event.payload) for event in stored(memory, driver)] == [
        (4, EventType.NODE_SUCCEEDED, b"1")
    ]
