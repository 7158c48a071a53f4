"""What may be asked of usage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from penstock.engine.domain.filter_tree import Expression

DIMENSIONS = ("execution_id", "flow", "node", "provider", "model", "day")
"""Columns to add up by."""
SUMS = ("calls", "input_tokens", "cached_tokens", "output_tokens", "cost_nanos")
"""Columns that are added up."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which usage: from `first` to `last`, days in UTC. How it is added up: `by` are names of DIMENSIONS.

    `order` are columns, each with whether it descends; they have to tell all groups apart.
    """

    account: str
    first: date
    last: date
    filter: Expression | None
    by: tuple[str, ...]
    order: tuple[tuple[str, bool], ...]


def ordered(column: str, of: str = "") -> str:
    """By code point, whatever the collation of the database."""
    return f"{of}{column}" if column in SUMS or column in ("day", "execution_id") else f'{of}{column} collate "C"'
