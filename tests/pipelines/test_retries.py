"""Attempts of a pipeline: what is recorded stays, what is provisional goes, and the rest is given again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from penstock.engine.domain.event import EventType
from penstock.engine.domain.fold import fold
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.nodes.authoring import current
from penstock.engine.runtime import steering
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.runtime import Runtime
from penstock.sdk import UserError, context, provisional
from tests.pipelines.staged import AT_ONCE, Staged, brackets, ended, events, frames, log, numbers
from tests.runtime.memory import ACCOUNT, MemoryStore, begin, turn


async def flaky(message: bytes) -> AsyncIterator[bytes]:
    """Fails before frame 1, then before frame 2, then not any more."""
    for number in range(3):
        if number == context.attempt:
            raise ValueError(f"attempt {context.attempt}")
        yield b"%d" % number


async def test_failed_attempt_is_followed_by_one_that_passes_over_what_is_recorded(
    runtime: Runtime, memory: MemoryStore
) -> None:
    driver = await begin(runtime, Staged(flaky, brackets, retries=AT_ONCE))
    run = await ended(driver)
    assert run.status is ExecutionStatus.COMPLETED
    assert frames(memory, driver.execution_id) == [b"(0)", b"(1)", b"(2)"]
    failed = events(memory, driver.execution_id, EventType.NODE_ATTEMPT_FAILED)
    assert [(event.node, event.attempt, event.failure.message) for event in failed if event.failure] == [
        (0, 1, "ValueError: attempt 1"),
        (0, 2, "ValueError: attempt 2"),
    ]


async def test_last_attempt_fails_the_pipeline(runtime: Runtime, memory: MemoryStore) -> None:
    async def broken(message: bytes) -> AsyncIterator[bytes]:
        yield b"0"
        raise ValueError("always")

    driver = await begin(runtime, Staged(broken, retries=AT_ONCE))
    run = await ended(driver)
    assert (run.status, run.failure.attempt) == (ExecutionStatus.FAILED, 3)
    assert frames(memory, driver.execution_id) == [b"0"]


async def test_error_that_is_not_retryable_fails_at_once(runtime: Runtime, memory: MemoryStore) -> None:
    async def broken(message: bytes) -> AsyncIterator[bytes]:
        yield b"0"
        raise UserError("no", code="NO")

    driver = await begin(runtime, Staged(broken, retries=AT_ONCE))
    run = await ended(driver)
    assert (run.status, run.failure.code, run.failure.attempt) == (ExecutionStatus.FAILED, "NO", 1)


@pytest.mark.parametrize("stands", ["node", "stream"])
async def test_failure_behind_is_retried_as_the_source_says(runtime: Runtime, memory: MemoryStore, stands: str) -> None:
    failures = [ValueError("first"), ValueError("second")]

    async def unary(message: bytes) -> bytes:
        if message == b"2" and failures:
            raise failures.pop()
        return message

    async def stream(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            yield await unary(frame)

    behind = unary if stands == "node" else stream
    driver = await begin(runtime, Staged(numbers(4), behind, retries=AT_ONCE))
    run = await ended(driver)
    assert run.status is ExecutionStatus.COMPLETED
    assert frames(memory, driver.execution_id) == [b"0", b"1", b"2", b"3"]
    failed = events(memory, driver.execution_id, EventType.NODE_ATTEMPT_FAILED)
    assert [(event.node, event.failure.node) for event in failed if event.failure] == [(0, stands_name(behind))] * 2


def stands_name(function: object) -> str:
    return str(getattr(function, "__name__", ""))


async def test_timeout_of_the_source_is_retried(runtime: Runtime, memory: MemoryStore) -> None:
    async def stuck(message: bytes) -> AsyncIterator[bytes]:
        yield b"0"
        if context.attempt == 1:
            await asyncio.Event().wait()
        yield b"1"

    driver = await begin(runtime, Staged(stuck, retries=AT_ONCE, timeouts_s=(0.05,)))
    run = await ended(driver)
    assert run.status is ExecutionStatus.COMPLETED
    assert frames(memory, driver.execution_id) == [b"0", b"1"]


async def test_frames_of_an_attempt_that_was_given_up_and_goes_on_do_not_count(
    runtime: Runtime, memory: MemoryStore
) -> None:
    let_go = asyncio.Event()

    async def stubborn(message: bytes) -> AsyncIterator[bytes]:
        if context.attempt == 1:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await let_go.wait()
            yield b"too late"
        yield b"0"
        let_go.set()
        await turn(20)
        yield b"1"

    driver = await begin(runtime, Staged(stubborn, retries=AT_ONCE, timeouts_s=(0.05,)))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0", b"1"]


async def test_node_of_a_failed_attempt_that_goes_on_does_not_time_the_next_one_out(
    runtime: Runtime, memory: MemoryStore
) -> None:
    let_go, is_called, is_again = asyncio.Event(), asyncio.Event(), asyncio.Event()
    stale: list[Any] = []

    async def stubborn(message: bytes) -> bytes:
        if not stale:
            stale.append(current.get().host)
            is_called.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await let_go.wait()
        return message

    async def stream(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        if not is_called.is_set():
            await is_called.wait()
            raise ValueError("not yet")
        async for frame in frames:
            yield frame
        is_again.set()
        await let_go.wait()

    driver = await begin(runtime, Staged(numbers(2), stubborn, stream, retries=AT_ONCE))
    await asyncio.wait_for(is_again.wait(), 10)
    stale[0].owner.time_out(stale[0])
    await turn()
    let_go.set()
    run = await ended(driver)
    assert run.status is ExecutionStatus.COMPLETED
    assert len(events(memory, driver.execution_id, EventType.NODE_ATTEMPT_FAILED)) == 1
    assert frames(memory, driver.execution_id) == [b"0", b"1"]


@pytest.mark.parametrize("listener", ["source", "stream", "unary"])
async def test_next_attempt_gets_the_signals_of_the_one_before(
    runtime: Runtime, memory: MemoryStore, listener: str
) -> None:
    async def heard() -> bytes:
        return bytes(await context.signal("more", bytes))

    async def source(message: bytes) -> AsyncIterator[bytes]:
        yield await heard() if listener == "source" else b""

    async def unary(message: bytes) -> bytes:
        return await heard() if listener == "unary" else message

    async def stream(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            yield await heard() if listener == "stream" else frame

    failures = [ValueError("not yet")]

    async def last(message: bytes) -> bytes:
        if failures:
            raise failures.pop()
        return message

    program = Staged(source, stream, unary, last, retries=AT_ONCE)
    program.nodes = tuple(replace(node, signals={"more": bytes}) for node in program.nodes)
    driver = await begin(runtime, program)
    await steering.signal(driver, "more", b"hello", "somebody", "")
    await ended(driver)
    assert failures == []
    assert frames(memory, driver.execution_id) == [b"hello"]


async def drafts(message: bytes) -> AsyncIterator[bytes]:
    """Firm, then two drafts; the second attempt makes others of them."""
    yield b"firm"
    yield provisional(b"draft %d" % context.attempt)
    yield provisional(b"again %d" % context.attempt)
    if context.attempt == 1:
        raise ValueError("not yet")
    yield b"end"


async def test_provisional_frames_are_rolled_back_when_their_attempt_is_tried_again(
    runtime: Runtime, memory: MemoryStore
) -> None:
    driver = await begin(runtime, Staged(drafts, brackets, retries=AT_ONCE))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"(firm)", b"(draft 2)", b"(again 2)", b"(end)"]
    given = events(memory, driver.execution_id, EventType.FRAME_EMITTED)
    assert [(event.frame_index, bool(event.detail and event.detail.is_provisional)) for event in given] == [
        (0, False),
        (1, True),
        (2, True),
        (1, True),
        (2, True),
        (3, False),
    ]
    assert [e.frame_index for e in events(memory, driver.execution_id, EventType.FRAMES_ROLLED_BACK)] == [1]


async def test_firm_frame_makes_those_before_it_firm(runtime: Runtime, memory: MemoryStore) -> None:
    async def source(message: bytes) -> AsyncIterator[bytes]:
        yield provisional(b"0")
        yield b"1"
        if context.attempt == 1:
            raise ValueError("not yet")

    driver = await begin(runtime, Staged(source, retries=AT_ONCE))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0", b"1"]
    assert events(memory, driver.execution_id, EventType.FRAMES_ROLLED_BACK) == []


async def test_provisional_frames_of_a_run_that_completes_stay(runtime: Runtime, memory: MemoryStore) -> None:
    async def source(message: bytes) -> AsyncIterator[bytes]:
        yield provisional(b"0")

    driver = await begin(runtime, Staged(source))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0"]


async def test_what_a_stream_node_makes_of_a_provisional_message_is_provisional(
    runtime: Runtime, memory: MemoryStore
) -> None:
    async def stream(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            yield frame

    driver = await begin(runtime, Staged(drafts, stream, brackets, stream, retries=AT_ONCE))
    await ended(driver)
    given = events(memory, driver.execution_id, EventType.FRAME_EMITTED)
    assert {event.payload: bool(event.detail and event.detail.is_provisional) for event in given} == {
        b"(firm)": False,
        b"(draft 1)": True,
        b"(again 1)": True,
        b"(draft 2)": True,
        b"(again 2)": True,
        b"(end)": False,
    }
    assert frames(memory, driver.execution_id) == [b"(firm)", b"(draft 2)", b"(again 2)", b"(end)"]


async def test_plain_generator_gives_provisional_frames_too(runtime: Runtime, memory: MemoryStore) -> None:
    def source(message: bytes) -> Iterator[bytes]:
        yield b"0"
        yield provisional(b"draft %d" % context.attempt)
        if context.attempt == 1:
            raise ValueError("not yet")

    driver = await begin(runtime, Staged(source, retries=AT_ONCE, is_plain=True))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0", b"draft 2"]


async def taken_over(runtime: Runtime, driver: Driver, memory: MemoryStore) -> Driver:
    """Another driver of an execution whose process is gone."""
    runtime.lost(driver)
    await turn(30)
    row = memory.rows[driver.execution_id]
    again = Driver(runtime, driver.execution_id, ACCOUNT, driver.program, b"")
    # As the database gives it: frames without their payload.
    stored = [
        event._replace(payload=None) if event.type is EventType.FRAME_EMITTED else event
        for event in memory.stored[driver.execution_id]
    ]
    run = fold(driver.program.graph, (*row.first_events(), *stored))
    runtime.add(again)
    again.take_over(run, "another")
    return again


async def test_take_over_rolls_provisional_frames_back(runtime: Runtime, memory: MemoryStore) -> None:
    held = asyncio.Event()
    rounds: list[int] = []

    async def source(message: bytes) -> AsyncIterator[bytes]:
        rounds.append(0)
        yield b"firm"
        yield provisional(b"draft %d" % len(rounds))
        await held.wait()

    driver = await begin(runtime, Staged(source))
    await turn(30)
    again = await taken_over(runtime, driver, memory)
    held.set()
    await ended(again)
    assert frames(memory, driver.execution_id) == [b"firm", b"draft 2"]
    assert [kind for kind, _ in log(memory, driver.execution_id)][3:6] == [
        EventType.EXECUTION_RESUMED,
        EventType.FRAMES_ROLLED_BACK,
        EventType.NODE_STARTED,
    ]
