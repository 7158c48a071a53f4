"""Measures how late the event loop is: whatever it serves waits at least as long."""

from __future__ import annotations

import asyncio

from penstock.wire.metrics import Family, Histogram, histogram

EVERY_S = 0.25


class LoopLag:
    """Has itself called at even times and keeps by how much each call was late. `start` and `stop` in the loop."""

    def __init__(self) -> None:
        self._lags = Histogram()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + EVERY_S
        self._timer = loop.call_at(due, self._ring, loop, due)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._lags.observe(max(0.0, loop.time() - due))
        due = loop.time() + EVERY_S
        self._timer = loop.call_at(due, self._ring, loop, due)

    def families(self) -> list[Family]:
        about = f"How late the event loop called what was due, looked at every {EVERY_S:g} s."
        return [histogram("penstock_event_loop_lag_seconds", about, self._lags)]
