"""Counts the calls of keys that may not make as many as they like.

The processes of one data directory count together, in a few bytes of memory for each key that they share: a caller
whose connections all end at one process gets as much as one whose connections are spread.
"""

from __future__ import annotations

import math
import mmap
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from penstock.engine.domain import limits
from penstock.engine.domain.errors import Overloaded
from penstock.engine.domain.rate import Rate

REASON = "RATE_LIMITED"

_TIME_BYTES = 8


class Meter:
    """Of one key. Nobody waits for a lock: of calls of two processes in the same instant, one may go uncounted."""

    def __init__(self, rate: Rate, file: Path, now: Callable[[], float]) -> None:
        """`file` is made when there is none. What is in it may be of another rate."""
        self.rate = rate
        self._now = now
        self._full_at = _shared(file)

    def take(self) -> None:
        """Raises Overloaded for a call too many. That one does not count."""
        self._full_at[0], wait_s = self.rate.take(self._full_at[0], self._now())
        if wait_s:
            rate = self.rate
            raise Overloaded(
                f"the key may make {rate.per_second:g} calls a second, {rate.burst:,} at once",
                reason=REASON,
                facts={"retry_after_s": str(math.ceil(wait_s))},
            )


class Meters:
    """Those of one process."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.monotonic) -> None:
        """`now` has to be the clock of every process."""
        self._folder = folder
        self._now = now
        self._meters: OrderedDict[str, Meter] = OrderedDict()

    def of(self, key_id: str, rate: Rate | None) -> Meter | None:
        """The meter of a key whose rate is that. What was counted stays when the rate changes."""
        if rate is None:
            return None
        meter = self._meters.get(key_id)
        if meter is None:
            meter = self._meters[key_id] = Meter(rate, self._folder / key_id, self._now)
            if len(self._meters) > limits.METERS_MAX:
                self._meters.popitem(last=False)
        meter.rate = rate
        self._meters.move_to_end(key_id)
        return meter


def _shared(file: Path) -> memoryview[float]:
    """One float that the processes which open the file share."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(descriptor, _TIME_BYTES)
        return memoryview(mmap.mmap(descriptor, _TIME_BYTES)).cast("d")
    finally:
        os.close(descriptor)
