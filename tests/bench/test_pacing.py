"""Calls are made and counted as the two kinds of loop promise."""

from __future__ import annotations

import asyncio

import pytest

from bench.pacing import measure, measure_paced


async def test_a_closed_loop_has_one_call_a_caller_at_a_time() -> None:
    running = 0
    most = 0

    async def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    figures = await measure(call, callers=3, seconds=0.01)
    assert most == 3
    assert figures["count"] >= 3


async def test_an_open_loop_starts_calls_whatever_the_ones_before_do() -> None:
    started = 0
    last = asyncio.Event()

    async def call() -> None:
        nonlocal started
        started += 1
        if started == 20:
            last.set()
        await last.wait()

    figures = await measure_paced(call, rate=1_000, seconds=0.02)
    assert figures["count"] == 20
    # The first one was due 19 ms before the last, for which it waits.
    assert figures["p99_ms"] >= 19


async def test_a_wrong_answer_ends_either_loop() -> None:
    async def call() -> None:
        raise AssertionError("wrong")

    with pytest.raises(AssertionError, match="wrong"):
        await measure(call, callers=2, seconds=0.01)
    with pytest.raises(AssertionError, match="wrong"):
        await measure_paced(call, rate=100, seconds=0.01)
