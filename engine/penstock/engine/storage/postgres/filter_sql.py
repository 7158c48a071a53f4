"""Turns the filter of a list of executions into a condition over `executions e`.

Every condition is true or false, never null, so that NOT is its opposite. Values are parameters.
Text is compared by code point, whatever the collation of the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import LiteralString, NamedTuple

from penstock.engine.domain.filter_pins import conjuncts, leaves
from penstock.engine.domain.filter_tree import (
    NODE_FAILED,
    And,
    Comparison,
    Expression,
    Not,
    Operator,
    Or,
    Present,
    Searched,
    Wildcard,
)
from penstock.engine.storage.postgres.conditions import SIGNS
from penstock.engine.storage.postgres.conditions import parameter as in_sql

_LABELS = "labels"
_TEXT = frozenset({"flow", "graph_id", "error.code", "error.node", _LABELS})


class _Column(NamedTuple):
    """`null_with` is the column that is null when the value is; "" for one that is never null."""

    value: LiteralString
    parameter: LiteralString
    null_with: LiteralString = ""


# Of one that has not ended the time of its newest event. Index: events_pkey.
_UPDATE_TIME: LiteralString = """coalesce(e.complete_time, (select max(l.event_time) from events l
  where l.execution_id = e.execution_id), e.start_time, e.create_time)"""

_COLUMNS: Mapping[str, _Column] = {
    "execution_id": _Column("e.execution_id", "%s::uuid"),
    "parent_execution_id": _Column("e.parent_id", "%s::uuid", "e.parent_id"),
    "status": _Column("e.status", "%s::smallint"),
    "flow": _Column("e.flow", "%s::text"),
    "graph_id": _Column("e.graph_id", "%s::text"),
    "version": _Column("e.version", "%s::bigint"),
    "mode": _Column("e.mode", "%s::smallint"),
    "create_time": _Column("e.create_time", "%s::timestamptz"),
    "start_time": _Column("e.start_time", "%s::timestamptz", "e.start_time"),
    "update_time": _Column(_UPDATE_TIME, "%s::timestamptz"),
    "complete_time": _Column("e.complete_time", "%s::timestamptz", "e.complete_time"),
    "duration": _Column("(coalesce(e.complete_time, now()) - e.create_time)", "%s::interval"),
    "failure_class": _Column("e.failure_class", "%s::smallint", "e.failure_class"),
    "error.class": _Column("e.failure_class", "%s::smallint", "e.failure_class"),
    "error.code": _Column("penstock_failure_text(e.failure, 1)", "%s::text", "e.failure"),
    # A failure without a node has none to compare.
    "error.node": _Column("coalesce(penstock_failure_text(e.failure, 4), '')", "%s::text", "e.failure"),
}

# What is asked of each row has an offset, so that the planner never makes a join of it, which could read all there is.
_ASKED: LiteralString = " offset 0)"

# Purpose: whether an attempt of a node is on record. Index: artifacts_pkey, events_pkey.
_RAN: LiteralString = """exists (select 1 from artifacts a join events n on n.execution_id = e.execution_id
  where a.graph_id = e.graph_id and a.account = e.account and a.nodes[n.node + 1] = %s::text
    and (n.type in (7, 8, 9, 10, 18, 27) or (n.type = 11 and n.start_time is not null)) offset 0)"""
# Purpose: whether a node waits: nothing else is on record of it since. Index: events_waits,
# artifacts_pkey, events_pkey.
_WAITING: LiteralString = """(e.complete_time is null and exists (
  select 1 from events w where w.execution_id = e.execution_id and w.type = 19
    and (select a.nodes[w.node + 1] from artifacts a where a.graph_id = e.graph_id and a.account = e.account) = %s::text
    and not exists (select 1 from events l
      where l.execution_id = w.execution_id and l.sequence > w.sequence and l.node = w.node and l.type <> 29)
  offset 0))"""
# Purpose: whether a node failed for good. Index: events_failed.
_FAILED: LiteralString = """exists (select 1 from events f
  where f.execution_id = e.execution_id and f.type in (9, 10) offset 0)"""
_OF_NODES: Mapping[str, LiteralString] = {"node.ran": _RAN, "node.waiting": _WAITING}

# Purpose: the value of a searchable field. Index: search_values_pkey.
_VALUE: LiteralString = """exists (select 1 from search_values v
  where v.execution_id = e.execution_id and v.account = e.account and v.path = %s::text"""


def to_sql(expression: Expression) -> tuple[LiteralString, list[object]]:
    """The condition, with a `%s` for each of the parameters."""
    parameters: list[object] = []
    return _condition(expression, parameters), parameters


def divided(expression: Expression | None) -> tuple[Expression | None, Expression | None]:
    """What the columns of an execution tell, and what takes other rows."""
    plain: list[Expression] = []
    asked: list[Expression] = []
    for each in conjuncts(expression):
        is_plain = all(leaf.field in _COLUMNS or leaf.field == _LABELS for leaf in leaves(each))
        (plain if is_plain else asked).append(each)
    return _all_of(plain), _all_of(asked)


def _all_of(operands: Sequence[Expression]) -> Expression | None:
    if len(operands) < 2:
        return operands[0] if operands else None
    return And(tuple(operands))


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
            return _comparison(expression, parameters)


def _present(present: Present, parameters: list[object]) -> LiteralString:
    column = _COLUMNS.get(present.field)
    if column is not None:
        return (
            _has_node(column) if present.field == "error.node" else (column.null_with or column.value) + " is not null"
        )
    if present.field == NODE_FAILED:
        return _FAILED
    if present.field != _LABELS:
        parameters.append(present.field)
        return _VALUE + _ASKED
    if present.key is None:
        return "e.labels <> '{}'::jsonb"
    parameters.append(present.key)
    return "e.labels ? %s::text"


def _has_node(column: _Column) -> LiteralString:
    return "(" + column.null_with + " is not null and " + column.value + " <> '')"


def _comparison(comparison: Comparison, parameters: list[object]) -> LiteralString:
    if comparison.field == _LABELS:
        return _label(comparison, parameters)
    if comparison.field in _COLUMNS:
        return _column(comparison, parameters)
    if comparison.operator is Operator.NOT_EQUAL:
        return "not " + _comparison(replace(comparison, operator=Operator.EQUAL), parameters)
    if comparison.field in _OF_NODES:
        parameters.append(comparison.value)
        return _OF_NODES[comparison.field]
    parameters.append(comparison.field)
    return _VALUE + " and " + value_condition(comparison, parameters) + _ASKED


def _column(comparison: Comparison, parameters: list[object]) -> LiteralString:
    column, parameter, null_with = _COLUMNS[comparison.field]
    has_stars = isinstance(comparison.value, Wildcard)
    if comparison.operator is Operator.NOT_EQUAL and (has_stars or null_with):
        return "not " + _column(replace(comparison, operator=Operator.EQUAL), parameters)
    parameters.append(in_sql(comparison.value))
    sign: LiteralString = "like" if has_stars else SIGNS[comparison.operator]
    condition = column + " " + sign + " " + parameter + _collation(comparison)
    return "(" + null_with + " is not null and " + condition + ")" if null_with else condition


def _label(comparison: Comparison, parameters: list[object]) -> LiteralString:
    if comparison.operator is Operator.NOT_EQUAL:
        return "not (" + _label(replace(comparison, operator=Operator.EQUAL), parameters) + ")"
    value = comparison.value
    if comparison.operator is Operator.EQUAL and not isinstance(value, Wildcard):
        parameters.append(json.dumps({comparison.key: value}))
        return "e.labels @> %s::jsonb"
    sign: LiteralString = "like" if isinstance(value, Wildcard) else SIGNS[comparison.operator]
    parameters += (comparison.key, in_sql(value))
    return "coalesce(e.labels ->> %s::text " + sign + " %s::text" + _collation(comparison) + ", false)"


def value_condition(comparison: Comparison, parameters: list[object]) -> LiteralString:
    """A comparison with the value of a searchable field, over `search_values v`. Not for NOT_EQUAL."""
    value = comparison.value
    assert isinstance(value, Searched)
    conditions: list[LiteralString] = []
    if value.text is not None:
        sign: LiteralString = "like" if isinstance(value.text, Wildcard) else SIGNS[comparison.operator]
        parameters.append(in_sql(value.text))
        conditions.append("(v.text_value is not null and v.text_value " + sign + " %s::text)")
    if value.number is not None:
        parameters.append(value.number)
        number: LiteralString = "(v.number_value is not null and v.number_value "
        conditions.append(number + SIGNS[comparison.operator] + " %s::numeric)")
    return "(" + " or ".join(conditions) + ")" if len(conditions) > 1 else conditions[0]


def _collation(comparison: Comparison) -> LiteralString:
    """Only where text is ordered: an index serves `=` in its own collation alone."""
    ordered = comparison.operator not in (Operator.EQUAL, Operator.NOT_EQUAL)
    return ' collate "C"' if ordered and isinstance(comparison.value, str) and comparison.field in _TEXT else ""
