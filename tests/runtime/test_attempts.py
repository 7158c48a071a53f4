"""Attempts that take long: noted at the next tick, ended by their timeout, forgotten when they end."""

from __future__ import annotations

from typing import Any

from penstock.engine.domain.artifact import Work
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.attempts import TICK_S, Attempts
from tests.runtime.manual_clock import manual_loop, run_on_manual_clock

NODE = BoundNode(
    index=0,
    name="charge",
    work=Work.FUNCTION,
    is_pipeline=False,
    is_async=True,
    timeout_us=2_000_000,
    function=len,
    decode=len,
    encode=bytes,
)
TIMEOUT_S = 2.0
ALMOST = 0.999


class Watch:
    """Attempts, and what they told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Attempt]] = []
        self.attempts = Attempts(
            lambda attempt: self.told.append(("slow", attempt)), lambda attempt: self.told.append(("timeout", attempt))
        )
        self.loop = manual_loop()

    def begin(self) -> Attempt:
        nobody: Any = None
        attempt = Attempt(nobody, NODE, 1, 0)
        self.attempts.begin(attempt)
        return attempt

    @property
    def timer_count(self) -> int:
        return len([timer for timer in self.loop._scheduled if not timer.cancelled()])  # type: ignore[attr-defined]


def test_attempt_that_ends_before_the_tick_is_nobodys_business() -> None:
    async def scenario() -> None:
        watch = Watch()
        watch.attempts.end(watch.begin())
        await watch.loop.advance(TICK_S)
        await watch.loop.advance(TIMEOUT_S + TICK_S)
        assert watch.told == []

    run_on_manual_clock(scenario())


def test_attempt_that_is_there_at_the_tick_is_slow_and_later_times_out() -> None:
    async def scenario() -> None:
        watch = Watch()
        attempt = watch.begin()
        await watch.loop.advance(TICK_S * ALMOST)
        assert watch.told == []
        await watch.loop.advance(TICK_S)
        assert watch.told == [("slow", attempt)]
        await watch.loop.advance(TIMEOUT_S * ALMOST)
        assert watch.told == [("slow", attempt)]
        await watch.loop.advance(TIMEOUT_S)
        assert watch.told == [("slow", attempt), ("timeout", attempt)]
        await watch.loop.advance(10 * TIMEOUT_S)
        assert len(watch.told) == 2

    run_on_manual_clock(scenario())


def test_attempt_that_ends_in_time_does_not_time_out() -> None:
    async def scenario() -> None:
        watch = Watch()
        attempt = watch.begin()
        await watch.loop.advance(TICK_S)
        watch.attempts.end(attempt)
        await watch.loop.advance(10 * TIMEOUT_S)
        assert watch.told == [("slow", attempt)]

    run_on_manual_clock(scenario())


def test_one_tick_serves_all_attempts() -> None:
    async def scenario() -> None:
        watch = Watch()
        first, quick, second = watch.begin(), watch.begin(), watch.begin()
        watch.attempts.end(quick)
        assert watch.timer_count == 1
        await watch.loop.advance(TICK_S)
        third = watch.begin()
        await watch.loop.advance(TICK_S)
        assert watch.told == [("slow", first), ("slow", second), ("slow", third)]

    run_on_manual_clock(scenario())


def test_idle_process_has_no_timer() -> None:
    async def scenario() -> None:
        watch = Watch()
        watch.attempts.end(watch.begin())
        await watch.loop.advance(TICK_S)
        assert watch.timer_count == 0
        slow = watch.begin()
        await watch.loop.advance(TICK_S)
        assert watch.told == [("slow", slow)]
        watch.attempts.end(slow)
        await watch.loop.advance(TICK_S)
        assert watch.timer_count == 0

    run_on_manual_clock(scenario())


def test_attempts_of_one_timeout_share_a_timer_and_each_ends_on_time() -> None:
    async def scenario() -> None:
        watch = Watch()
        first = watch.begin()
        await watch.loop.advance(TICK_S)
        ended, last = watch.begin(), watch.begin()
        await watch.loop.advance(TICK_S)
        await watch.loop.advance(TICK_S)
        assert watch.timer_count == 1
        watch.attempts.end(ended)
        await watch.loop.advance(TIMEOUT_S)
        assert watch.told[-2:] == [("timeout", first), ("timeout", last)]
        assert watch.timer_count == 0

    run_on_manual_clock(scenario())
