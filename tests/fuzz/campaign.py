"""A run of inputs, several at a time, against one server: how many there were, and with which something was wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.fuzz.inputs import make_input
from tests.fuzz.messages import Stock
from tests.fuzz.ports import Ports

_AT_ONCE = 12
_TROUBLES_MAX = 60
_SHOWN_MAX = 4_000


@dataclass(slots=True)
class Report:
    tried: int = 0
    troubles: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n\n".join(self.troubles)


async def throw(ports: Ports, stock: Stock, seed: str, goes_on: Callable[[int], bool], start: int = 0) -> Report:
    """Inputs from the number `start` on while `goes_on`, which is given how many there were."""
    report, numbers = Report(), count(start)

    async def caller(numbers: Iterator[int]) -> None:
        while goes_on(report.tried) and len(report.troubles) < _TROUBLES_MAX:
            report.tried += 1
            number = next(numbers)
            given = make_input(seed, number, stock)
            if trouble := await ports.trouble(given):
                report.troubles.append(f"input {number}: {trouble}\n  {given!r:.{_SHOWN_MAX}}")

    await asyncio.gather(*(caller(numbers) for _ in range(_AT_ONCE)))
    return report


def until(end: float) -> Callable[[int], bool]:
    """`end` is a time of the monotonic clock."""
    return lambda _: time.monotonic() < end


def memory_bytes(process_id: int) -> int:
    """What a process holds, as Linux counts it."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
