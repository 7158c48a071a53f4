"""Reserved numbers and names: what keeps them from being given to something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""First and last number."""


def holds(spans: Iterable[Span], number: int) -> bool:
    return any(first <= number <= last for first, last in spans)


def missing(before: Iterable[Span], after: Iterable[Span]) -> Iterator[Span]:
    """The numbers of `before` that are not in `after`."""
    covered = sorted(after)
    for first, last in before:
        for start, end in covered:
            if start <= last and first <= end:
                if first < start:
                    yield first, start - 1
                first = end + 1
        if first <= last:
            yield first, last


def text(span: Span) -> str:
    first, last = span
    return str(first) if first == last else f"{first} to {last}"
