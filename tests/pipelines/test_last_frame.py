"""A generator that reads the last recorded frame goes on from it; one that does not gives everything again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from penstock.engine.runtime.runtime import Runtime
from penstock.sdk import context, provisional
from tests.pipelines.staged import AT_ONCE, Staged, brackets, ended, frames, numbers
from tests.pipelines.test_retries import taken_over
from tests.runtime.memory import MemoryStore, begin, turn


async def resuming(message: bytes) -> AsyncIterator[bytes]:
    """Counts on from the last frame; fails twice on the way."""
    last = context.last_frame
    for number in range(0 if last is None else int(last) + 1, 6):
        if number == 2 * context.attempt:
            raise ValueError("not yet")
        yield b"%d" % number


def resuming_plain(message: bytes) -> Iterator[bytes]:
    last = context.last_frame
    for number in range(0 if last is None else int(last) + 1, 6):
        if number == 2 * context.attempt:
            raise ValueError("not yet")
        yield b"%d" % number


@pytest.mark.parametrize("is_plain", [False, True])
async def test_next_attempt_goes_on_from_the_last_frame(runtime: Runtime, memory: MemoryStore, is_plain: bool) -> None:
    source = resuming_plain if is_plain else resuming
    driver = await begin(runtime, Staged(source, retries=AT_ONCE, is_plain=is_plain))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"%d" % number for number in range(6)]


async def test_next_process_goes_on_from_the_last_frame(runtime: Runtime, memory: MemoryStore) -> None:
    held = asyncio.Event()
    seen: list[object] = []

    async def source(message: bytes) -> AsyncIterator[bytes]:
        seen.append(last := context.last_frame)
        for number in range(0 if last is None else int(last) + 1, 4):
            if number == 2:
                await held.wait()
            yield b"%d" % number

    driver = await begin(runtime, Staged(source))
    await turn(30)
    again = await taken_over(runtime, driver, memory)
    held.set()
    await ended(again)
    assert seen == [None, b"1"]
    assert frames(memory, driver.execution_id) == [b"0", b"1", b"2", b"3"]


async def test_generator_that_has_nothing_left_to_give_completes(runtime: Runtime, memory: MemoryStore) -> None:
    async def source(message: bytes) -> AsyncIterator[bytes]:
        if context.last_frame is None:
            yield b"0"
            raise ValueError("not yet")

    driver = await begin(runtime, Staged(source, retries=AT_ONCE))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0"]


@pytest.mark.parametrize("is_plain", [False, True])
async def test_who_reads_it_after_its_first_frame_gives_everything_again(
    runtime: Runtime, memory: MemoryStore, is_plain: bool
) -> None:
    seen: list[object] = []

    def plain(message: bytes) -> Iterator[bytes]:
        yield b"0"
        seen.append(context.last_frame)
        yield b"1"
        if context.attempt == 1:
            raise ValueError("not yet")
        yield b"2"

    async def source(message: bytes) -> AsyncIterator[bytes]:
        for frame in plain(message):
            yield frame

    driver = await begin(runtime, Staged(plain if is_plain else source, retries=AT_ONCE, is_plain=is_plain))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"0", b"1", b"2"]
    assert seen[1] == b"1"


async def test_it_is_the_newest_recorded_one_while_the_attempt_goes_on(runtime: Runtime, memory: MemoryStore) -> None:
    seen: list[object] = []

    async def source(message: bytes) -> AsyncIterator[bytes]:
        for number in range(3):
            seen.append(context.last_frame)
            yield b"%d" % number
            await turn(30)

    driver = await begin(runtime, Staged(source))
    await ended(driver)
    assert seen == [None, b"0", b"1"]


async def test_frames_that_were_rolled_back_are_not_it(runtime: Runtime, memory: MemoryStore) -> None:
    seen: list[object] = []

    async def source(message: bytes) -> AsyncIterator[bytes]:
        seen.append(context.last_frame)
        if context.attempt == 1:
            yield b"firm"
            yield provisional(b"draft")
            raise ValueError("not yet")
        yield b"end"

    driver = await begin(runtime, Staged(source, retries=AT_ONCE))
    await ended(driver)
    assert seen == [None, b"firm"]
    assert frames(memory, driver.execution_id) == [b"firm", b"end"]


async def test_nobody_has_one_when_nodes_behind_make_the_frames(runtime: Runtime, memory: MemoryStore) -> None:
    seen: list[object] = []

    async def source(message: bytes) -> AsyncIterator[bytes]:
        for number in range(3):
            seen.append(context.last_frame)
            yield b"%d" % number
            await turn(30)

    driver = await begin(runtime, Staged(source, brackets))
    await ended(driver)
    assert seen == [None, None, None]


async def test_stream_node_at_the_end_goes_on_from_its_own(runtime: Runtime, memory: MemoryStore) -> None:
    async def totals(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        last = context.last_frame
        count, total = (0, 0) if last is None else map(int, last.split())
        done = count
        async for frame in frames:
            if done:
                done -= 1
                continue
            count, total = count + 1, total + int(frame)
            if count == 3 and last is None:
                raise ValueError("not yet")
            yield b"%d %d" % (count, total)

    driver = await begin(runtime, Staged(numbers(5), totals, retries=AT_ONCE))
    await ended(driver)
    assert frames(memory, driver.execution_id) == [b"1 0", b"2 1", b"3 3", b"4 6", b"5 10"]
