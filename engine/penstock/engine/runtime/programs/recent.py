"""What a process remembers for a moment of what changes: names, the standing of artifacts, keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")
_LIFE_S = 1.0
"""How long after a process of another data directory changed it this one may still follow what was before."""
_KEPT_MAX = 100_000
"""Entries: as many artifacts and aliases as ever are in use within a second. Beyond it everything is asked anew."""


class Recent(Generic[_K, _V]):
    """Values that hold while the mark that they were read under does, and no longer than `life_s`."""

    def __init__(
        self, mark: Callable[[], bytes], clock: Callable[[], float] = monotonic, *, life_s: float = _LIFE_S
    ) -> None:
        """`mark` is that of a bulletin."""
        self._mark = mark
        self._clock = clock
        self._life_s = life_s
        self._kept: dict[_K, tuple[_V, bytes, float]] = {}
        self._reading: dict[_K, tuple[asyncio.Task[_V], bytes]] = {}

    def get(self, key: _K) -> _V | None:
        """None when it has to be read, before which `mark` has to be looked at."""
        kept = self._kept.get(key)
        if kept is not None and kept[1] == self._mark() and self._clock() < kept[2]:
            return kept[0]
        return None

    def keep(self, key: _K, value: _V, mark: bytes) -> None:
        """`mark` is that of the moment before `value` was read."""
        if len(self._kept) >= _KEPT_MAX:
            self._kept.clear()
        self._kept[key] = (value, mark, self._clock() + self._life_s)

    async def read(self, key: _K, read: Callable[[], Coroutine[Any, Any, _V]]) -> _V:
        """What `read` gives for a key that is not known: asked once, however many want it at the same time."""
        mark = self._mark()
        task, its_mark = self._reading.get(key, (None, b""))
        if task is None or its_mark != mark:
            task = asyncio.get_running_loop().create_task(read())
            self._reading[key] = task, mark
            task.add_done_callback(lambda done: self._read(key, done, mark))
        # Who goes away must not stop it for the others.
        return await asyncio.shield(task)

    def _read(self, key: _K, task: asyncio.Task[_V], mark: bytes) -> None:
        if self._reading.get(key, (None, b""))[0] is task:
            del self._reading[key]
        if not task.cancelled() and task.exception() is None:
            self.keep(key, task.result(), mark)
