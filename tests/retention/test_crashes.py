"""A sweep that dies in the middle, and two processes that would sweep."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest

from penstock.engine.domain import limits
from penstock.engine.storage.postgres.retention import Retention, SweepLost
from penstock.engine.storage.postgres.sweeps import Sweeps
from tests.harness import ROOT
from tests.retention.past import DAY, Past

_STEPS = ("claim", "hold", "remove", "looked_at", "move_frontier")
"""What a sweep commits."""
_PATIENCE_S = 30


class Crash(BaseException):
    """The process is gone, and whatever it would have done after its last commit."""


def crash_after(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the process die after so many commits."""
    left = number

    def counting(inner: Any) -> Any:
        async def step(self: Retention, *arguments: object, **more: object) -> object:
            nonlocal left
            found = await inner(self, *arguments, **more)
            left -= 1
            if left == 0:
                raise Crash
            return found

        return step

    for name in _STEPS:
        monkeypatch.setattr(Retention, name, counting(getattr(Retention, name)))


async def test_sweep_that_dies_after_any_commit_is_finished_by_the_next(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SWEEP_LOT", 3)
    monkeypatch.setattr(limits, "SWEEP_EVENTS", 10)
    await past.keep(None, "water")
    kept = set[UUID]()
    number, removed = 0, 0
    is_over = False
    while not is_over:
        past.clock.time_us += 50 * DAY
        for age in (40, 39):
            await past.add_many(5, age * DAY, events=7)
        kept.add(await past.add(40 * DAY, flow="water"))
        number, removed = number + 3, removed + 10
        with monkeypatch.context() as patched:
            crash_after(number, patched)
            try:
                await past.sweep(hold_s=0.0)
                is_over = True
            except Crash:
                pass
        past.clock.time_us += 2 * DAY
        await past.sweep(hold_s=0.0)
        assert (await past.left(), await past.left_behind()) == (kept, set())
        assert (await Sweeps(past.database).status("ada")).removed_count == removed
    assert number > 10


async def test_one_process_sweeps_at_a_time(past: Past) -> None:
    await past.add_many(5, 40 * DAY)
    resting, go_on = asyncio.Event(), asyncio.Event()

    async def rest(_: float) -> None:
        resting.set()
        await go_on.wait()

    one = past.sweeper()
    one._sleep = rest
    sweep = asyncio.create_task(one.sweep())
    await resting.wait()
    assert not await past.sweeper().sweep()
    assert (await Sweeps(past.database).status("ada")).is_running
    go_on.set()
    assert await sweep
    assert await past.left() == set()


async def test_process_that_took_too_long_removes_nothing_more(past: Past) -> None:
    await past.add_many(5, 40 * DAY)
    resting, go_on = asyncio.Event(), asyncio.Event()

    async def rest(_: float) -> None:
        resting.set()
        await go_on.wait()

    one = past.sweeper()
    one._sleep = rest
    sweep = asyncio.create_task(one.sweep())
    await resting.wait()
    await expire(past)
    await past.sweep()
    later = await past.add(40 * DAY)
    go_on.set()
    with pytest.raises(SweepLost):
        await sweep
    assert await past.left() == {later}
    assert (await Sweeps(past.database).status("ada")).removed_count == 5


async def test_sweep_that_is_asked_for_meanwhile_follows(past: Past) -> None:
    await past.add_many(5, 40 * DAY)
    sweeps = Sweeps(past.database)
    one = past.sweeper()
    starts = 0

    async def ask(_: float) -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            await sweeps.ask()
            await past.add(31 * DAY)

    one._sleep = ask
    assert await one.sweep()
    status = await sweeps.status("ada")
    assert (status.is_running, await past.left()) == (False, set())


async def test_killed_process_leaves_the_rest_to_another(past: Past, database_url: str) -> None:
    await past.add_many(40, 40 * DAY, events=7)
    command = [sys.executable, "-m", "tests.retention.process", database_url, str(past.clock.now_us())]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE_S):
        assert await process.stdout.readline() == b"half\n"
        process.kill()
        await process.wait()
    assert 0 < len(await past.left()) < 40
    assert not await past.sweeper().sweep()
    await expire(past)
    past.clock.time_us += DAY
    await past.sweep()
    assert (await past.left(), await past.left_behind()) == (set(), set())
    assert (await Sweeps(past.database).status("ada")).removed_count == 40


async def expire(past: Past) -> None:
    """As after a minute without a sign of life."""
    await past.database.execute("update retention_sweep set hold_time = '-infinity'")
