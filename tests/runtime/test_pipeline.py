"""Pipelines: their frames are durable in order, and neither the log nor a reader is overrun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.runtime import Runtime
from tests.runtime.memory import MemoryStore, Spring, begin, turn


class Source:
    """A generator that gives what the test puts in, and ends when it is told to."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        self.given_count = 0
        self.program = Spring(self)

    def put(self, *items: bytes | BaseException | None) -> None:
        """Frames, an error to raise, or None for the end."""
        for item in items:
            self._items.put_nowait(item)

    async def __call__(self, message: bytes) -> AsyncIterator[bytes]:
        while (item := await self._items.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            self.given_count += 1
            yield item


@pytest.fixture
async def source() -> Source:
    return Source()


def frames(memory: MemoryStore, execution_id: str) -> list[bytes | None]:
    return [event.payload for event in memory.stored[execution_id] if event.type is EventType.FRAME_EMITTED]


def log(memory: MemoryStore, execution_id: str) -> list[tuple[int, EventType]]:
    return [(event.sequence, event.type) for event in memory.stored[execution_id]]


async def test_frames_are_recorded_in_order_and_then_the_end(
    runtime: Runtime, memory: MemoryStore, source: Source
) -> None:
    driver = await begin(runtime, source.program)
    source.put(b"0", b"1", b"2", None)
    await driver.rested()
    assert frames(memory, driver.execution_id) == [b"0", b"1", b"2"]
    assert log(memory, driver.execution_id) == [
        (3, EventType.NODE_STARTED),
        (4, EventType.FRAME_EMITTED),
        (5, EventType.FRAME_EMITTED),
        (6, EventType.FRAME_EMITTED),
        (7, EventType.NODE_SUCCEEDED),
    ]
    assert memory.rows[driver.execution_id].last_sequence == 8


@pytest.mark.parametrize("end", [None, ValueError("no more")])
async def test_generator_may_end_at_the_very_moment_when_its_frame_is_committed(
    runtime: Runtime, memory: MemoryStore, source: Source, end: BaseException | None
) -> None:
    driver = await begin(runtime, source.program)
    memory.gate.clear()
    source.put(b"0")
    await turn()
    # Both are ready in one turn of the loop: the answer of the commit first, then the generator's end.
    memory.gate.set()
    source.put(end)
    await asyncio.wait_for(driver.rested(), 10)
    assert frames(memory, driver.execution_id) == [b"0"]
    status = ExecutionStatus.COMPLETED if end is None else ExecutionStatus.FAILED
    assert memory.rows[driver.execution_id].status is status


async def test_frames_that_come_while_a_commit_is_under_way_go_into_the_next(
    runtime: Runtime, memory: MemoryStore, source: Source
) -> None:
    driver = await begin(runtime, source.program)
    memory.gate.clear()
    source.put(b"0", b"1", b"2")
    await turn()
    assert frames(memory, driver.execution_id) == []
    memory.gate.set()
    await turn(30)
    assert frames(memory, driver.execution_id) == [b"0", b"1", b"2"]
    assert memory.group_sizes[-2:] == [2, 2]


async def test_generator_waits_when_too_many_frames_are_not_committed(
    runtime: Runtime, memory: MemoryStore, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FRAMES_UNCOMMITTED_MAX", 3)
    driver = await begin(runtime, source.program)
    memory.gate.clear()
    source.put(*(b"%d" % number for number in range(10)), None)
    await turn(50)
    # One is on its way, three wait.
    assert source.given_count == 4
    memory.gate.set()
    await driver.rested()
    assert frames(memory, driver.execution_id) == [b"%d" % number for number in range(10)]


async def test_generator_waits_when_too_many_bytes_are_not_committed(
    runtime: Runtime, memory: MemoryStore, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FRAMES_UNCOMMITTED_BYTES_MAX", 100)
    driver = await begin(runtime, source.program)
    memory.gate.clear()
    source.put(*[b"x" * 60] * 10, None)
    await turn(50)
    # One is on its way, two wait.
    assert source.given_count == 3
    memory.gate.set()
    await driver.rested()
    assert frames(memory, driver.execution_id) == [b"x" * 60] * 10


async def test_generator_waits_for_a_paced_reader(
    runtime: Runtime, memory: MemoryStore, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FRAMES_UNREAD_MAX", 5)
    monkeypatch.setattr(limits, "FRAMES_UNCOMMITTED_MAX", 2)
    driver = await begin(runtime, source.program)
    feed = driver.open_feed()
    follower = feed.follow(feed.sequence, is_paced=True)
    source.put(*(b"%d" % number for number in range(50)), None)
    await turn(200)
    held_at = source.given_count
    assert held_at < 10
    feed.advance(follower, feed.sequence)
    await turn(200)
    assert held_at < source.given_count < 20
    feed.unfollow(follower)
    await driver.rested()
    assert frames(memory, driver.execution_id) == [b"%d" % number for number in range(50)]


async def test_frames_before_an_error_are_kept(runtime: Runtime, memory: MemoryStore, source: Source) -> None:
    driver = await begin(runtime, source.program)
    source.put(b"0", b"1", ValueError("line 3 is broken"))
    await driver.rested()
    assert frames(memory, driver.execution_id) == [b"0", b"1"]
    failure = memory.rows[driver.execution_id].failure
    assert failure is not None
    assert (failure.code, failure.message, failure.node) == ("NODE_RAISED", "ValueError: line 3 is broken", "source")


async def test_cancel_ends_a_generator_that_waits(runtime: Runtime, memory: MemoryStore, source: Source) -> None:
    driver = await begin(runtime, source.program)
    source.put(b"0")
    await turn(30)
    await driver.cancel("enough")
    await turn()
    assert driver.walkers == []
    assert frames(memory, driver.execution_id) == [b"0"]
    assert memory.rows[driver.execution_id].status is ExecutionStatus.CANCELLED
    kinds: list[Event] = memory.stored[driver.execution_id]
    assert kinds[-1].type is EventType.NODE_CANCELLED
