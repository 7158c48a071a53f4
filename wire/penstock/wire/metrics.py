"""Metrics in the form in which the parts of a server hand them to each other: named, with labels, not yet text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

US = 1_000_000
"""Microseconds in a second: the divisor of histograms that are kept in microseconds."""

DURATIONS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Bounds for what lasts from a millisecond to minutes."""


class Histogram:
    """How many values came up to each bound, and their sum. Written and read in one thread."""

    __slots__ = ("bounds", "counts", "divisor", "sum")

    def __init__(self, bounds: Sequence[float] = DURATIONS_S, divisor: int = 1) -> None:
        """`bounds` rise and are in the unit of the values; readers get both divided by `divisor`.

        Whoever counts in a hot path may keep whole microseconds and leave the division to the reader.
        """
        self.bounds = tuple(bounds)
        self.divisor = divisor
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum: float = 0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        return sum(self.counts)


class Sample(NamedTuple):
    """One number. `suffix` follows the name of its family."""

    suffix: str
    labels: Mapping[str, str]
    value: float


Kind = Literal["counter", "gauge", "histogram"]


@dataclass(slots=True)
class Family:
    """One metric with all its labels. The name of a counter is without `_total`; units are seconds and bytes."""

    name: str
    kind: Kind
    help: str
    samples: list[Sample] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """One number of a counter or of a gauge."""
        self.samples.append(Sample("_total" if self.kind == "counter" else "", labels, value))

    def add_histogram(self, histogram: Histogram, **labels: str) -> None:
        """The numbers of a histogram: each bound counts what is below it too."""
        below = 0
        for bound, count in zip(histogram.bounds, histogram.counts, strict=False):
            below += count
            self.samples.append(Sample("_bucket", {**labels, "le": repr(float(bound / histogram.divisor))}, below))
        count = histogram.count
        self.samples.append(Sample("_bucket", {**labels, "le": "+Inf"}, count))
        self.samples.append(Sample("_count", labels, count))
        self.samples.append(Sample("_sum", labels, histogram.sum / histogram.divisor))


def counter(name: str, about: str) -> Family:
    return Family(name, "counter", about)


def gauge(name: str, about: str, value: float | None = None) -> Family:
    """`value` is for one without labels."""
    family = Family(name, "gauge", about)
    if value is not None:
        family.add(value)
    return family


def total(name: str, about: str, value: float) -> Family:
    """A counter without labels."""
    family = Family(name, "counter", about)
    family.add(value)
    return family


def histogram(name: str, about: str, values: Histogram | None = None) -> Family:
    """`values` is for one without labels."""
    family = Family(name, "histogram", about)
    if values is not None:
        family.add_histogram(values)
    return family
