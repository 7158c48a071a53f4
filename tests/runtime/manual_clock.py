"""An event loop whose time stands still until the test moves it on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class ManualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0

    def time(self) -> float:
        return self._now_s

    async def advance(self, seconds: float) -> None:
        """Moves the time on, and lets everything run that is due then."""
        self._now_s += seconds
        for _ in range(5):
            await asyncio.sleep(0)


def run_on_manual_clock(scenario: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=ManualLoop) as runner:
        runner.run(scenario)


def manual_loop() -> ManualLoop:
    """The loop that runs now."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ManualLoop)
    return loop
