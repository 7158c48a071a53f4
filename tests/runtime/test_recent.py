"""What is remembered for a moment: as long as the mark stands, and no longer than its life."""

from __future__ import annotations

import asyncio

import pytest

from penstock.engine.runtime.programs.recent import Recent


class Surroundings:
    """A mark and a clock that the test moves."""

    def __init__(self) -> None:
        self.mark = b"1"
        self.now_s = 100.0
        self.recent: Recent[str, int] = Recent(lambda: self.mark, lambda: self.now_s)


def test_value_holds_while_nothing_changes() -> None:
    around = Surroundings()
    assert around.recent.get("a") is None
    around.recent.keep("a", 0, around.mark)
    assert (around.recent.get("a"), around.recent.get("b")) == (0, None)


def test_value_is_gone_when_the_mark_has_changed_even_while_it_was_read() -> None:
    around = Surroundings()
    around.recent.keep("a", 1, around.mark)
    around.mark = b"2"
    assert around.recent.get("a") is None
    around.recent.keep("a", 1, b"1")
    assert around.recent.get("a") is None


def test_value_is_gone_after_its_life() -> None:
    around = Surroundings()
    around.recent.keep("a", 1, around.mark)
    around.now_s += 0.999
    assert around.recent.get("a") == 1
    around.now_s += 0.001
    assert around.recent.get("a") is None


async def test_many_who_want_one_value_at_the_same_time_have_it_read_once() -> None:
    around = Surroundings()
    is_there = asyncio.Event()
    reads = 0

    async def read() -> int:
        nonlocal reads
        reads += 1
        await is_there.wait()
        return 7

    first, second, gone = (asyncio.create_task(around.recent.read("a", read)) for _ in range(3))
    await asyncio.sleep(0)
    gone.cancel()
    is_there.set()
    assert (await first, await second, reads, around.recent.get("a")) == (7, 7, 1, 7)


async def test_value_whose_reading_failed_is_read_again() -> None:
    around = Surroundings()

    async def fail() -> int:
        raise LookupError

    async def read() -> int:
        return 7

    with pytest.raises(LookupError):
        await around.recent.read("a", fail)
    assert await around.recent.read("a", read) == 7
