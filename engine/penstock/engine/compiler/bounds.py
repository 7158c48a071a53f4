"""How long, how often and how many a flow may ask for; the same as proto/penstock/v1 says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration

from penstock.engine.domain import limits
from penstock.engine.domain.problem import Problem
from penstock.wire import durations

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """The shortest and the longest length of time that is allowed, in nanoseconds."""

    shortest: int
    longest: int

    def check(self, where: str, what: str, found: Duration) -> Iterator[Problem]:
        """`what` is out of range, if so."""
        if not self.shortest <= found.ToNanoseconds() <= self.longest:
            expected = f"{_spell(self.shortest)} to {_spell(self.longest)}"
            yield Problem(where, f"{what} out of range", expected, durations.spell(found))


def _spell(nanoseconds: int) -> str:
    duration = Duration()
    duration.FromNanoseconds(nanoseconds)
    return durations.spell(duration)


_MS = 1_000_000
_TEN_YEARS = 87_600 * 3600 * _NS
"""Nobody plans further, and the time at its end fits in every calendar."""

ATTEMPT = Span(_MS, int(limits.NODE_TIMEOUT_S_MAX * _NS))
"""One attempt of a node."""

BACKOFF = Span(0, 24 * 3600 * _NS)
"""The wait before an attempt: a longer one is a sleep that the flow should show."""

WAIT = Span(_MS, _TEN_YEARS)
"""A sleep, the timeout of a pause, the deadline of an execution."""

KEPT = Span(_NS, _TEN_YEARS)
"""How long an output is cached."""

ATTEMPTS_MAX = 100
"""Attempts of one node: what fails a hundred times will fail again."""

MULTIPLIER_MAX = 100.0
"""Of the wait between attempts: three steps with it are longer than any wait may be."""

RETRY_ON_MAX = 100
"""Codes and classes of failures that are tried again."""

PROMPT_LENGTH_MAX = 4_096
"""Characters of a prompt: it is read with each row of a list."""

CACHE_VERSION_LENGTH_MAX = 64
"""Characters."""

SEARCHABLE_MAX = 16
"""Searchable fields of a flow: each value is a row that is written with the execution."""

MAP_ITEMS_MAX = 100_000
"""Items of a map."""

MAP_CONCURRENCY_MAX = 1_000
MAP_CONCURRENCY_DEFAULT = 8
"""Items of a map at once."""
