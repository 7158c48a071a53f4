"""Helpers for pipelines: provisional frames and windows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from penstock.sdk import Provisional, provisional, window


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


async def lists(frames: AsyncIterator[list[int]]) -> list[list[int]]:
    return [items async for items in frames]


def test_provisional_frame_is_wrapped() -> None:
    frame: Any = provisional("draft")
    assert (type(frame), frame.frame) == (Provisional, "draft")


@pytest.mark.parametrize("within", [None, 3600])
async def test_window_gives_full_lists_and_the_rest(within: float | None) -> None:
    assert await lists(window(numbers(7), 3, within)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert await lists(window(numbers(6), 3, within)) == [[0, 1, 2], [3, 4, 5]]
    assert await lists(window(numbers(0), 3, within)) == []


@pytest.mark.parametrize("within", [None, 3600])
async def test_what_the_stream_raises_is_raised(within: float | None) -> None:
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        await lists(window(broken(), 2, within))


async def test_window_is_given_when_its_time_is_over_and_no_item_is_lost() -> None:
    given = asyncio.Event()

    async def slow() -> AsyncIterator[int]:
        yield 1
        yield 2
        await given.wait()
        yield 3

    found = []
    async for items in window(slow(), 10, within=0.001):
        found += items
        if 2 in items:
            given.set()
    assert found == [1, 2, 3]


async def test_window_that_is_left_ends_what_it_waits_for() -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            ended.set()

    windows: Any = window(endless(), 10, within=0.001)
    assert await anext(windows) == [1]
    await windows.aclose()
    assert ended.is_set()


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: window(numbers(1), 0), "size: expected 1 to 10,000 items, got 0"),
        (lambda: window(numbers(1), 10_001), "size: expected 1 to 10,000 items, got 10001"),
        (lambda: window(numbers(1), True), "size: expected 1 to 10,000 items, got True"),
        (lambda: window(numbers(1), 2, 0), "within: expected seconds above 0, at most 86,400, got 0"),
        (lambda: window(numbers(1), 2, float("nan")), "within: expected seconds above 0, at most 86,400, got nan"),
        (lambda: window(numbers(1), 2, "1s"), "within: expected seconds above 0, at most 86,400, got '1s'"),  # type: ignore[arg-type]
    ],
)
def test_window_without_bounds_is_refused(make: Callable[[], object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        make()
