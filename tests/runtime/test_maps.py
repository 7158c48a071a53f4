"""Maps: no more items at once than they may, each result counted once, and nothing after the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Rules, Work
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.occurrence import NodeFailed
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.running import maps
from penstock.engine.runtime.runtime import Runtime
from tests.runtime.memory import CONCURRENCY, Chain, MemoryStore, begin, turn
from tests.runtime.test_lost_lease import lose_the_lease


class Items:
    """A function of items that ends when the test says so."""

    def __init__(self, retries: RetryPolicy | None = None, timeout_s: float = 60) -> None:
        rules = [Rules(work=Work.MAP, retries=retries)]
        self.program = Chain(self, rules=rules, timeout_s=timeout_s)
        self.begun: list[bytes] = []
        self.may_end: dict[bytes, asyncio.Event] = {}

    async def __call__(self, item: bytes) -> bytes:
        self.begun.append(item)
        await self.may_end.setdefault(item, asyncio.Event()).wait()
        return item.upper()

    def end(self, *items: bytes) -> None:
        for item in items:
            self.may_end.setdefault(item, asyncio.Event()).set()


def mapping(function: Callable[[bytes], Any], **rules: Any) -> Chain:
    return Chain(function, rules=[Rules(work=Work.MAP, **rules)])


def results(memory: MemoryStore, execution_id: str) -> list[tuple[int, bytes | None]]:
    events = memory.stored[execution_id]
    return [(event.frame_index, event.payload) for event in events if event.type is EventType.ITEM_SUCCEEDED]


async def test_only_so_many_items_run_at_once_and_results_are_in_order(runtime: Runtime, memory: MemoryStore) -> None:
    items = Items()
    driver = await begin(runtime, items.program, b"abcde")
    await turn()
    assert items.begun == [b"a", b"b", b"c"]
    items.end(b"c", b"b")
    await turn(30)
    assert items.begun == [b"a", b"b", b"c", b"d", b"e"]
    assert len(items.begun) - 2 == CONCURRENCY
    items.end(b"a", b"d", b"e")
    await driver.rested()
    assert (driver.run.status, driver.run.output) == (ExecutionStatus.COMPLETED, b"ABCDE")
    assert sorted(results(memory, driver.execution_id)) == [(n, b"%c" % one) for n, one in enumerate(b"ABCDE")]


async def test_items_that_end_while_a_commit_is_under_way_go_into_the_next_one(
    runtime: Runtime, memory: MemoryStore
) -> None:
    items = Items()
    driver = await begin(runtime, items.program, b"abc")
    await turn()
    memory.gate.clear()
    items.end(b"a")
    await turn()
    items.end(b"b", b"c")
    await turn()
    assert results(memory, driver.execution_id) == []
    memory.gate.set()
    await driver.rested()
    assert memory.group_sizes[-3:] == [1, 2, 2]


async def test_items_wait_when_too_many_results_are_not_committed(
    runtime: Runtime, memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "_UNCOMMITTED_MAX", 10)
    begun: list[bytes] = []

    async def quick(item: bytes) -> bytes:
        begun.append(item)
        return item

    driver = await begin(runtime, mapping(quick), bytes(100))
    # The start of the map is on its way, then its first results.
    await turn(3)
    memory.gate.clear()
    await turn(30)
    held_at = len(begun)
    assert held_at < 30
    memory.gate.set()
    await driver.rested()
    assert (len(begun), driver.run.output) == (100, bytes(100))


async def test_item_that_was_given_up_and_ends_all_the_same_does_not_count(
    runtime: Runtime, memory: MemoryStore
) -> None:
    ends: list[asyncio.Event] = []

    async def stubborn(item: bytes) -> bytes:
        number = len(ends)
        ends.append(asyncio.Event())
        while number == 0 and not ends[0].is_set():
            try:
                await ends[0].wait()
            except asyncio.CancelledError:
                ends[0].set()
        return b"%d" % number

    program = mapping(stubborn, retries=RetryPolicy(max_attempts=2, initial_us=1))
    driver = await begin(runtime, program, b"a")
    await turn()
    (attempt,) = [one for one in runtime.attempts._fresh if one.item == 0]
    attempt.owner.time_out(attempt)
    await driver.rested()
    assert (driver.run.status, driver.run.output, len(ends)) == (ExecutionStatus.COMPLETED, b"1", 2)
    kinds = [event.type for event in memory.stored[driver.execution_id] if event.frame_index == 0]
    assert kinds == [EventType.NODE_ATTEMPT_FAILED, EventType.ITEM_SUCCEEDED]


async def test_map_whose_results_make_no_message_is_given_up_at_once(
    runtime: Runtime, memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAYLOAD_BYTES_MAX", 100)
    begun: list[bytes] = []

    async def large(item: bytes) -> bytes:
        begun.append(item)
        return item * 30

    driver = await begin(runtime, mapping(large), b"x" * 1000)
    await driver.rested()
    assert driver.run.failure is not None
    assert (driver.run.status, driver.run.failure.code) == (ExecutionStatus.FAILED, "OUTPUT_TOO_LARGE")
    assert len(begun) == 4


@pytest.mark.parametrize("how", ["cancel", "failure"])
async def test_end_of_the_map_stops_its_items(runtime: Runtime, memory: MemoryStore, how: str) -> None:
    items = Items()
    driver = await begin(runtime, items.program, b"abcdef")
    await turn()
    if how == "cancel":
        await driver.cancel("enough")
    else:
        await driver.submit(NodeFailed(0, 1, Failure("NODE_RAISED", "no")))
    log: list[Event] = list(memory.stored[driver.execution_id])
    items.end(b"a", b"b", b"c")
    await turn(30)
    assert items.begun == [b"a", b"b", b"c"]
    assert memory.stored[driver.execution_id] == log
    assert (runtime.live_count, len(runtime.attempts._fresh)) == (0, 0)


async def test_map_of_a_process_that_lost_its_lease_records_nothing(runtime: Runtime, memory: MemoryStore) -> None:
    items = Items()
    driver = await begin(runtime, items.program, b"abcdef")
    await turn()
    log = list(memory.stored[driver.execution_id])
    lose_the_lease(runtime)
    items.end(b"a", b"b", b"c")
    await turn(30)
    assert (memory.stored[driver.execution_id], items.begun) == (log, [b"a", b"b", b"c"])


async def test_map_over_nothing_ends_at_once(runtime: Runtime) -> None:
    driver = await begin(runtime, Items().program, b"")
    await driver.rested()
    assert (driver.run.status, driver.run.output) == (ExecutionStatus.COMPLETED, b"")
