"""Callers who wait for the end of one execution."""

from __future__ import annotations

import asyncio
from typing import Any


class Waiters:
    """Futures of those who wait. Who does not wait any more takes its future back."""

    __slots__ = ("_futures",)

    def __init__(self) -> None:
        self._futures: list[asyncio.Future[None]] = []

    def add(self, future: asyncio.Future[None]) -> None:
        self._futures.append(future)

    def forget(self, future: asyncio.Future[None]) -> None:
        if future in self._futures:
            self._futures.remove(future)

    def wake(self) -> None:
        """The end is durable."""
        for future in self._futures:
            if not future.done():
                future.set_result(None)
        self._futures.clear()

    def give_up(self) -> None:
        """This process does not learn of the end."""
        for future in self._futures:
            future.cancel()
        self._futures.clear()


def ignore_outcome(answer: asyncio.Future[Any]) -> None:
    """For a future that nobody waits for: its error is dealt with where it came from."""
    if not answer.cancelled():
        answer.exception()
