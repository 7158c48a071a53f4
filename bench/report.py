"""What a question found, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Section:
    """One table. `text` says what is measured and how, in a sentence or two; it may be ""."""

    title: str
    text: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def markdown(section: Section) -> str:
    """The heading, the text and the table, without a newline at the end."""
    lines = [_row(section.header), "|" + "---|" * len(section.header), *(_row(row) for row in section.rows)]
    parts = [f"### {section.title}", section.text, "\n".join(lines)]
    return "\n\n".join(part for part in parts if part)


def rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def middle(results: Sequence[dict[str, float]], *names: str) -> tuple[str, ...]:
    """The median of each named figure over the repetitions, rounded."""
    return tuple(rounded(median(result[name] for result in results)) for name in names)


def middle_ratio(of: Sequence[dict[str, float]], to: Sequence[dict[str, float]], name: str = "per_second") -> str:
    """The median of the ratios of figures of the same repetition, rounded."""
    return rounded(median(one[name] / other[name] for one, other in zip(of, to, strict=True)))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
