"""The one clock of the engine."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Final, Protocol

_BYTES: Final = 10
_LOT: Final = 256


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
    return next(_BITS)


def _random_bits() -> Iterator[int]:
    # Many at once: each question to the system is a system call.
    while True:
        lot = secrets.token_bytes(_BYTES * _LOT)
        for start in range(0, len(lot), _BYTES):
            yield int.from_bytes(lot[start : start + _BYTES], "big")


_BITS = _random_bits()
