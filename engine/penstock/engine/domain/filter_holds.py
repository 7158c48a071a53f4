"""Whether a filter holds for something that is at hand. What it means is what `storage/postgres/filter_sql.py` does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from penstock.engine.domain.filter_tree import And, Comparison, Expression, Not, Operator, Or, Present, Wildcard

Read = Callable[[str], "str | int | datetime | timedelta | None"]
"""The value of a field; None when it is not set."""

_SIGNS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def holds(expression: Expression, read: Read) -> bool:
    """Not for labels, nor for searchable fields."""
    match expression:
        case And(operands):
            return all(holds(operand, read) for operand in operands)
        case Or(operands):
            return any(holds(operand, read) for operand in operands)
        case Not(operand):
            return not holds(operand, read)
        case Present(field):
            return read(field) is not None
        case Comparison(field):
            return _compares(expression, read(field))


def _compares(comparison: Comparison, found: object) -> bool:
    if comparison.operator is Operator.NOT_EQUAL:
        return found is None or not _equals(comparison.value, found)
    if found is None:
        return False
    if comparison.operator is Operator.EQUAL:
        return _equals(comparison.value, found)
    return _SIGNS[comparison.operator](found, comparison.value)


def _equals(value: object, found: object) -> bool:
    if not isinstance(value, Wildcard):
        return value == found
    return isinstance(found, str) and _matches(value.parts, found)


def _matches(parts: tuple[str, ...], text: str) -> bool:
    """Whether the parts stand in the text one after the other, the first at its begin and the last at its end."""
    first, *middle, last = parts
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        place = text.find(part, at, end)
        if place < 0:
            return False
        at = place + len(part)
    return True
