"""Turns the filter of a list of executions into a condition over the columns of `executions`.

Every condition is true or false, never null, so that NOT is its opposite. Values are parameters.
Text is compared by code point, whatever the collation of the database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from typing import LiteralString

from penstock.engine.domain.filter_tree import (
    And,
    Comparison,
    Expression,
    Not,
    Operator,
    Or,
    Present,
    Value,
    Wildcard,
)

_LABELS = "labels"
_TEXT = frozenset({"flow", "graph_id", _LABELS})
_NULLABLE = frozenset({"parent_execution_id", "complete_time", "failure_class"})
_LIKE_SPECIAL = re.compile(r"[\\%_]")

_SIGNS: Mapping[Operator, LiteralString] = {
    Operator.EQUAL: "=",
    Operator.NOT_EQUAL: "<>",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
}

_COLUMNS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "execution_id": ("execution_id", "%s::uuid"),
    "parent_execution_id": ("parent_id", "%s::uuid"),
    "status": ("status", "%s::smallint"),
    "flow": ("flow", "%s::text"),
    "graph_id": ("graph_id", "%s::text"),
    "version": ("version", "%s::bigint"),
    "mode": ("mode", "%s::smallint"),
    "create_time": ("create_time", "%s::timestamptz"),
    "complete_time": ("complete_time", "%s::timestamptz"),
    "failure_class": ("failure_class", "%s::smallint"),
}
"""Column and parameter by field."""


def to_sql(expression: Expression) -> tuple[LiteralString, list[object]]:
    """The condition, with a `%s` for each of the parameters."""
    parameters: list[object] = []
    return _condition(expression, parameters), parameters


def _condition(expression: Expression, parameters: list[object]) -> LiteralString:
    match expression:
        case And(operands):
            return "(" + " and ".join([_condition(operand, parameters) for operand in operands]) + ")"
        case Or(operands):
            return "(" + " or ".join([_condition(operand, parameters) for operand in operands]) + ")"
        case Not(operand):
            return "not (" + _condition(operand, parameters) + ")"
        case Present():
            return _present(expression, parameters)
        case Comparison():
            return _label(expression, parameters) if expression.field == _LABELS else _column(expression, parameters)


def _present(present: Present, parameters: list[object]) -> LiteralString:
    if present.field != _LABELS:
        return _COLUMNS[present.field][0] + " is not null"
    if present.key is None:
        return "labels <> '{}'::jsonb"
    parameters.append(present.key)
    return "labels ? %s::text"


def _column(comparison: Comparison, parameters: list[object]) -> LiteralString:
    column, parameter = _COLUMNS[comparison.field]
    parameters.append(_parameter(comparison.value))
    if isinstance(comparison.value, Wildcard):
        return column + (" like " if comparison.operator is Operator.EQUAL else " not like ") + parameter
    if comparison.operator is Operator.NOT_EQUAL:
        return column + " is distinct from " + parameter
    condition = column + " " + _SIGNS[comparison.operator] + " " + parameter + _collation(comparison)
    return "(" + column + " is not null and " + condition + ")" if comparison.field in _NULLABLE else condition


def _label(comparison: Comparison, parameters: list[object]) -> LiteralString:
    if comparison.operator is Operator.NOT_EQUAL:
        return "not (" + _label(replace(comparison, operator=Operator.EQUAL), parameters) + ")"
    value = comparison.value
    if comparison.operator is Operator.EQUAL and not isinstance(value, Wildcard):
        parameters.append(json.dumps({comparison.key: value}))
        return "labels @> %s::jsonb"
    sign: LiteralString = "like" if isinstance(value, Wildcard) else _SIGNS[comparison.operator]
    parameters += (comparison.key, _parameter(value))
    return "coalesce(labels ->> %s::text " + sign + " %s::text" + _collation(comparison) + ", false)"


def _collation(comparison: Comparison) -> LiteralString:
    """Only where text is ordered: an index serves `=` in its own collation alone."""
    ordered = comparison.operator not in (Operator.EQUAL, Operator.NOT_EQUAL)
    return ' collate "C"' if ordered and isinstance(comparison.value, str) and comparison.field in _TEXT else ""


def _parameter(value: Value) -> object:
    if isinstance(value, Wildcard):
        return "%".join(_LIKE_SPECIAL.sub(r"\\\g<0>", part) for part in value.parts)
    return int(value) if isinstance(value, IntEnum) else value
