"""The one clock of the engine."""

from __future__ import annotations

import secrets
import time
from typing import Protocol


class Clock(Protocol):
    def now_us(self) -> int:
        """Unix time in microseconds. Never goes back within a process."""
        ...


class SystemClock:
    """The machine's time, held still when somebody sets it back."""

    def __init__(self) -> None:
        self._last_us = 0

    def now_us(self) -> int:
        now_us = time.time_ns() // 1000
        if now_us < self._last_us:
            return self._last_us
        self._last_us = now_us
        return now_us


def random_bits() -> int:
    """80 bits that nobody can guess."""
    return secrets.randbits(80)
