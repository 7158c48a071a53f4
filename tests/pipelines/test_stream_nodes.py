"""Nodes that take a stream and give one: what flows between them, and what becomes of errors, ends and waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.event import EventType
from penstock.engine.domain.states import ExecutionStatus, NodeStatus
from penstock.engine.runtime.runtime import Runtime
from penstock.sdk import context, window
from tests.pipelines.staged import Staged, brackets, ended, events, frames, log, numbers, pairs
from tests.runtime.memory import MemoryStore, begin, turn


async def test_messages_go_through_nodes_and_streams_in_order(runtime: Runtime, memory: MemoryStore) -> None:
    async def marked(message: bytes) -> bytes:
        return message + b"!"

    async def again(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            yield frame
            yield frame

    driver = await begin(runtime, Staged(numbers(3), brackets, pairs, marked, again))
    run = await ended(driver)
    expected = [b"(0)+(1)!", b"(0)+(1)!", b"(2)!", b"(2)!"]
    assert frames(memory, driver.execution_id) == expected
    assert run.status is ExecutionStatus.COMPLETED
    assert set(run.node_statuses) == {NodeStatus.SUCCEEDED}


async def test_starts_of_stream_nodes_are_recorded_with_the_start_of_the_source(
    runtime: Runtime, memory: MemoryStore
) -> None:
    held = asyncio.Event()

    async def last(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            await held.wait()
            yield frame

    driver = await begin(runtime, Staged(numbers(1), brackets, last))
    await turn(30)
    assert log(memory, driver.execution_id) == [(EventType.NODE_STARTED, 0), (EventType.NODE_STARTED, 2)]
    held.set()
    await ended(driver)
    assert log(memory, driver.execution_id)[2:] == [
        (EventType.NODE_STARTED, 1),
        (EventType.FRAME_EMITTED, 2),
        (EventType.NODE_SUCCEEDED, 0),
        (EventType.NODE_SUCCEEDED, 1),
        (EventType.NODE_SUCCEEDED, 2),
    ]


async def test_stream_node_that_gives_nothing_has_run(runtime: Runtime, memory: MemoryStore) -> None:
    async def nothing(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            if not frame:
                yield frame

    driver = await begin(runtime, Staged(numbers(3), brackets, nothing))
    run = await ended(driver)
    assert frames(memory, driver.execution_id) == []
    assert (run.status, set(run.node_statuses)) == (ExecutionStatus.COMPLETED, {NodeStatus.SUCCEEDED})


async def test_source_that_gives_nothing_ends_the_stream(runtime: Runtime, memory: MemoryStore) -> None:
    async def count(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield b"%d" % len([frame async for frame in frames])

    driver = await begin(runtime, Staged(numbers(0), count))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0"]


@pytest.mark.parametrize("within", [None, 3600])
async def test_window_in_a_flow(runtime: Runtime, memory: MemoryStore, within: float | None) -> None:
    async def windows(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for some in window(frames, 3, within):
            yield b",".join(some)

    driver = await begin(runtime, Staged(numbers(8), windows))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0,1,2", b"3,4,5", b"6,7"]


async def test_source_is_a_few_messages_ahead_at_most(
    runtime: Runtime, memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FRAMES_BETWEEN_MAX", 4)
    given: list[int] = []
    held = asyncio.Event()

    async def source(message: bytes) -> AsyncIterator[bytes]:
        for number in range(100):
            given.append(number)
            yield b"%d" % number

    async def slow(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            await held.wait()
            yield frame

    driver = await begin(runtime, Staged(source, slow))
    await turn(100)
    # One is in the hands of each, four wait between them.
    assert len(given) == 6
    held.set()
    await ended(driver)
    assert len(frames(memory, driver.execution_id)) == 100


async def test_stream_node_may_stop_before_the_end(runtime: Runtime, memory: MemoryStore) -> None:
    closed = asyncio.Event()

    async def endless(message: bytes) -> AsyncIterator[bytes]:
        try:
            number = 0
            while True:
                yield b"%d" % number
                number += 1
        finally:
            closed.set()

    async def first_two(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        for _ in range(2):
            yield await anext(frames)

    driver = await begin(runtime, Staged(endless, first_two))
    run = await ended(driver)
    await asyncio.wait_for(closed.wait(), 10)
    assert frames(memory, driver.execution_id) == [b"0", b"1"]
    assert (run.status, set(run.node_statuses)) == (ExecutionStatus.COMPLETED, {NodeStatus.SUCCEEDED})


async def test_stream_node_may_stop_while_the_source_waits_for_a_signal(runtime: Runtime, memory: MemoryStore) -> None:
    async def source(message: bytes) -> AsyncIterator[bytes]:
        yield b"0"
        await context.signal("more", bytes)

    waits = asyncio.Event()

    async def first(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield await anext(frames)
        await waits.wait()

    program = Staged(source, first)
    program.nodes = (replace(program.nodes[0], signals={"more": bytes}), program.nodes[1])
    driver = await begin(runtime, program)
    await turn(50)
    assert events(memory, driver.execution_id, EventType.NODE_WAITING) != []
    waits.set()
    run = await ended(driver)
    assert (run.status, set(run.node_statuses)) == (ExecutionStatus.COMPLETED, {NodeStatus.SUCCEEDED})


async def test_who_stops_waiting_takes_no_message_along(runtime: Runtime, memory: MemoryStore) -> None:
    gate = asyncio.Event()

    async def source(message: bytes) -> AsyncIterator[bytes]:
        await gate.wait()
        yield b"0"
        yield b"1"

    async def impatient(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            await asyncio.wait_for(anext(frames), 0)
        except TimeoutError:
            gate.set()
        async for frame in frames:
            yield frame

    driver = await begin(runtime, Staged(source, impatient))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0", b"1"]


@pytest.mark.parametrize("catches", [False, True])
async def test_error_of_the_source_comes_behind_its_frames_and_ends_the_pipeline_whatever_is_made_of_it(
    runtime: Runtime, memory: MemoryStore, catches: bool
) -> None:
    async def source(message: bytes) -> AsyncIterator[bytes]:
        yield b"0"
        yield b"1"
        raise ValueError("line 3 is broken")

    async def careless(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for frame in frames:
                yield frame
        except ValueError:
            if not catches:
                raise
            yield b"made up"

    driver = await begin(runtime, Staged(source, careless, pairs))
    run = await ended(driver)
    assert run.status is ExecutionStatus.FAILED
    assert (run.failure.node, run.failure.message) == ("source", "ValueError: line 3 is broken")
    assert frames(memory, driver.execution_id) == [b"0+1"]


async def test_failure_of_a_stream_node_names_it(runtime: Runtime, memory: MemoryStore) -> None:
    async def picky(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            if frame == b"2":
                raise ValueError("no 2")
            yield frame

    driver = await begin(runtime, Staged(numbers(9), picky, brackets))
    run = await ended(driver)
    assert (run.failure.node, run.failure.message) == ("picky", "ValueError: no 2")
    assert run.node_statuses == [NodeStatus.CANCELLED, NodeStatus.FAILED, NodeStatus.CANCELLED]
    assert frames(memory, driver.execution_id) == [b"(0)", b"(1)"]


@pytest.mark.parametrize("where", ["before", "after"])
async def test_failure_of_a_node_between_streams_names_it(runtime: Runtime, memory: MemoryStore, where: str) -> None:
    async def picky(message: bytes) -> bytes:
        raise ValueError("never")

    behind = (picky, pairs) if where == "before" else (pairs, picky)
    driver = await begin(runtime, Staged(numbers(9), *behind))
    run = await ended(driver)
    assert run.failure.node == "picky"


async def test_each_stage_sees_its_own_context(runtime: Runtime, memory: MemoryStore) -> None:
    async def source(message: bytes) -> AsyncIterator[bytes]:
        for _ in range(20):
            yield context.node.encode()
            await asyncio.sleep(0)

    async def unary(message: bytes) -> bytes:
        return message + b" " + context.node.encode()

    async def stream(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for some in window(frames, 2, 3600):
            yield some[0] + b" " + context.node.encode()

    driver = await begin(runtime, Staged(source, unary, stream))
    await ended(driver)
    assert set(frames(memory, driver.execution_id)) == {b"source unary stream"}


async def test_timeout_of_a_stream_node_bounds_its_whole_stream(runtime: Runtime, memory: MemoryStore) -> None:
    async def stuck(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            yield frame
        await asyncio.Event().wait()

    driver = await begin(runtime, Staged(numbers(3), stuck, timeouts_s=(60, 0.05)))
    run = await ended(driver)
    assert (run.failure.code, run.failure.node) == ("NODE_TIMEOUT", "stuck")
    assert frames(memory, driver.execution_id) == [b"0", b"1", b"2"]
    assert [event.node for event in events(memory, driver.execution_id, EventType.NODE_TIMED_OUT)] == [1]


async def test_cancel_stops_every_stage(runtime: Runtime, memory: MemoryStore) -> None:
    stopped: list[str] = []

    async def source(message: bytes) -> AsyncIterator[bytes]:
        try:
            yield b"0"
            await asyncio.Event().wait()
        finally:
            stopped.append(context.node)

    async def stream(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for frame in frames:
                yield frame
        finally:
            stopped.append(context.node)

    driver = await begin(runtime, Staged(source, stream))
    await turn(50)
    await driver.cancel("enough")
    await turn(50)
    assert sorted(stopped) == ["source", "stream"]
    assert driver.run.node_statuses == [NodeStatus.CANCELLED, NodeStatus.CANCELLED]
    assert frames(memory, driver.execution_id) == [b"0"]


async def test_message_that_the_stream_node_cannot_read_is_its_failure(runtime: Runtime, memory: MemoryStore) -> None:
    def refuse(message: bytes) -> bytes:
        raise ValueError("no such enum value")

    async def stream(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for frame in frames:
                yield frame
        except ValueError:
            return

    program = Staged(numbers(3), stream)
    program.nodes = (program.nodes[0], replace(program.nodes[1], decode=refuse))
    driver = await begin(runtime, program)
    run = await ended(driver)
    assert (run.status, run.failure.node) == (ExecutionStatus.FAILED, "stream")
