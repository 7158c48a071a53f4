"""Remembers for a while whose a key is, so that not every request asks the engine twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from penstock.gateway import limits
from penstock.wire.service import Caller


@dataclass(frozen=True, slots=True)
class RemoteCaller(Caller):
    """A caller with the key: the engine is shown it with each call, and decides by it alone."""

    key: str = field(repr=False)


class KnownKeys:
    """Keys that were good a short while ago."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[RemoteCaller, float]] = {}

    def get(self, key: str) -> RemoteCaller | None:
        known = self._known.get(key)
        return known[0] if known is not None and self._clock() < known[1] else None

    def keep(self, caller: RemoteCaller) -> None:
        if len(self._known) >= limits.KEYS_MAX:
            self._known.clear()
        self._known[caller.key] = (caller, self._clock() + limits.KEY_LIFE_S)

    def forget(self, key: str) -> None:
        self._known.pop(key, None)
