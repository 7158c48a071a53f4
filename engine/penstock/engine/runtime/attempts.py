"""Attempts that are under way, and what happens to those that take long.

A node that answers at once costs two set operations here. What is still there at the next tick gets
its start recorded and its timeout armed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from penstock.engine.runtime.program import BoundNode

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver

TICK_S = 0.025
"""A timeout is at most this much late, and a node this long under way is seen as RUNNING."""


class Attempt:
    """One attempt of a node. `owner` is the driver of its execution."""

    __slots__ = ("node", "owner", "started_us", "timer")

    def __init__(self, owner: Driver, node: BoundNode, started_us: int) -> None:
        self.owner = owner
        self.node = node
        self.started_us = started_us
        self.timer: asyncio.TimerHandle | None = None


class Attempts:
    """All attempts of a process. `on_slow` and `on_timeout` are called in the event loop."""

    def __init__(self, on_slow: Callable[[Attempt], None], on_timeout: Callable[[Attempt], None]) -> None:
        self._on_slow = on_slow
        self._on_timeout = on_timeout
        self._loop = asyncio.get_running_loop()
        self._fresh: dict[Attempt, None] = {}
        self._ticker: asyncio.TimerHandle | None = None

    def begin(self, attempt: Attempt) -> None:
        self._fresh[attempt] = None
        if self._ticker is None:
            self._ticker = self._loop.call_later(TICK_S, self._tick)

    def end(self, attempt: Attempt) -> None:
        self._fresh.pop(attempt, None)
        if attempt.timer is not None:
            attempt.timer.cancel()

    def _tick(self) -> None:
        if not self._fresh:
            self._ticker = None
            return
        self._ticker = self._loop.call_later(TICK_S, self._tick)
        fresh, self._fresh = self._fresh, {}
        for attempt in fresh:
            self._on_slow(attempt)
            # The tick came up to TICK_S after the start; the node gets its whole timeout from now.
            attempt.timer = self._loop.call_later(attempt.node.timeout_us / 1e6, self._on_timeout, attempt)
