"""Turns a filter into a condition over columns that are never null. Filters of executions: see `filter_sql.py`.

Values are parameters. Columns of text have to be of the collation "C": text is compared by code point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import LiteralString, NamedTuple

from penstock.engine.domain.filter_tree import And, Comparison, Expression, Not, Operator, Or, Present, Value, Wildcard

SIGNS: Mapping[Operator, LiteralString] = {
    Operator.EQUAL: "=",
    Operator.NOT_EQUAL: "<>",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
}
_LIKE_SPECIAL = re.compile(r"[\\%_]")


class Column(NamedTuple):
    """What a field of a filter reads, and its parameter with its type."""

    value: LiteralString
    parameter: LiteralString


def condition(expression: Expression, columns: Mapping[str, Column], parameters: list[object]) -> LiteralString:
    """With a `%s` for each parameter that it appends."""
    match expression:
        case And(operands):
            return "(" + " and ".join([condition(operand, columns, parameters) for operand in operands]) + ")"
        case Or(operands):
            return "(" + " or ".join([condition(operand, columns, parameters) for operand in operands]) + ")"
        case Not(operand):
            return "not " + condition(operand, columns, parameters)
        case Present():
            return "true"
        case Comparison():
            column, value = columns[expression.field], expression.value
            sign = SIGNS[expression.operator]
            if isinstance(value, Wildcard):
                sign = "not like" if expression.operator is Operator.NOT_EQUAL else "like"
            parameters.append(parameter(value))
            return "(" + column.value + " " + sign + " " + column.parameter + ")"


def parameter(value: Value) -> object:
    """A value as the database takes it; text with stars as a pattern of LIKE."""
    if isinstance(value, Wildcard):
        return "%".join(_LIKE_SPECIAL.sub(r"\\\g<0>", part) for part in value.parts)
    return int(value) if isinstance(value, IntEnum) else value
