"""What it costs an invocation that its caller has a key: finding out whose it is, and what it may do."""

from __future__ import annotations

from statistics import median

from bench.bed import Bed
from bench.pacing import Figures
from bench.report import Section, middle, rounded

_WORK = "w1"
_CALLERS = 64
_TURNS = 4
"""Of each row in a repetition: what is measured is a small part of what is done."""
ACCESS = {
    "none": "no key, no gate",
    "admin": "a key that may do everything",
    "scoped": "a key that may invoke this flow alone",
    "aliased": "a key that may invoke what `live` of this flow stands for",
}
"""What a job says, and what it means."""


def ask(bed: Bed) -> Section:
    found: dict[str, list[Figures]] = {access: [] for access in ACCESS}
    with bed.engine(bed.database("auth")) as engine:
        for turn in range(bed.repetitions * _TURNS):
            # There and back, so that no row is always the first.
            for access in sorted(found, reverse=turn % 2 == 1):
                job = {"flow": _WORK, "callers": _CALLERS, "seconds": bed.seconds / _TURNS, "access": access}
                found[access].append(_with_cost(engine.run(job)))
    rows = [_row(access, results, found["none"]) for access, results in found.items()]
    return Section(
        "Keys",
        "W1 in process (see there), 64 callers. Each call brings its key as gRPC metadata does, is found whose it is,"
        " and goes through the gate of the engine; without, it goes to the service itself. CPU is that of the process,"
        f" for each call. Medians of {bed.repetitions * _TURNS} turns, of ratios too.",
        ("caller", "/s", "CPU us", "CPU to no key"),
        rows,
    )


def _with_cost(figures: Figures) -> Figures:
    return {**figures, "cpu_us": figures["cpu_s"] / figures["count"] * 1e6}


def _row(access: str, results: list[Figures], without: list[Figures]) -> tuple[str, ...]:
    ratios = [one["cpu_us"] / other["cpu_us"] for one, other in zip(results, without, strict=True)]
    ratio = "" if access == "none" else f"{median(ratios):.3f}"
    return ACCESS[access], *middle(results, "per_second"), rounded(median(r["cpu_us"] for r in results)), ratio
