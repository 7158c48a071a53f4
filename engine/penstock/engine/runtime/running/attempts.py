"""Attempts that are under way, and what happens to those that take long.

A node that answers at once costs two set operations here. What is still there at the next tick gets
its start recorded and its timeout armed, which costs two more: attempts of one timeout share a timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from penstock.engine.runtime.running.attempt import Attempt

TICK_S = 0.025
"""A timeout is at most this much late, and a node this long under way is seen as RUNNING."""


class Attempts:
    """All attempts of a process. `on_slow` and `on_timeout` are called in the event loop."""

    def __init__(self, on_slow: Callable[[Attempt], None], on_timeout: Callable[[Attempt], None]) -> None:
        self._on_slow = on_slow
        self._on_timeout = on_timeout
        self._loop = asyncio.get_running_loop()
        self._fresh: dict[Attempt, None] = {}
        self._ticker: asyncio.TimerHandle | None = None
        self._deadlines: dict[int, Deadlines] = {}

    def begin(self, attempt: Attempt) -> None:
        self._fresh[attempt] = None
        if self._ticker is None:
            self._ticker = self._loop.call_later(TICK_S, self._tick)

    def end(self, attempt: Attempt) -> None:
        self._fresh.pop(attempt, None)
        if attempt.deadlines is not None:
            attempt.deadlines.remove(attempt)

    def _tick(self) -> None:
        if not self._fresh:
            self._ticker = None
            return
        self._ticker = self._loop.call_later(TICK_S, self._tick)
        fresh, self._fresh = self._fresh, {}
        for attempt in fresh:
            self._on_slow(attempt)
            # The tick came up to TICK_S after the start; the node gets its whole timeout from now.
            self._deadlines_of(attempt.node.timeout_us).add(attempt)

    def _deadlines_of(self, timeout_us: int) -> Deadlines:
        deadlines = self._deadlines.get(timeout_us)
        if deadlines is None:
            deadlines = self._deadlines[timeout_us] = Deadlines(self._loop, timeout_us / 1e6, self._on_timeout)
        return deadlines


class Deadlines:
    """Attempts that have the same timeout, in the order in which it ends: one timer for all of them."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, timeout_s: float, on_timeout: Callable[[Attempt], None]
    ) -> None:
        self._loop = loop
        self._timeout_s = timeout_s
        self._on_timeout = on_timeout
        self._due: dict[Attempt, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, attempt: Attempt) -> None:
        attempt.deadlines = self
        self._due[attempt] = due = self._loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._ring)

    def remove(self, attempt: Attempt) -> None:
        self._due.pop(attempt, None)
        if not self._due and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        """Tells of what is due, and sets the timer for what is due next."""
        self._timer = None
        while self._due:
            attempt, due = next(iter(self._due.items()))
            if due > self._loop.time():
                self._timer = self._loop.call_at(due, self._ring)
                return
            del self._due[attempt]
            self._on_timeout(attempt)


def note_slow(attempt: Attempt) -> None:
    attempt.owner.note_slow(attempt)


def time_out(attempt: Attempt) -> None:
    attempt.owner.time_out(attempt)
