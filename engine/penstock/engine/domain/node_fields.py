"""What a list of node executions may be filtered by, and what such a filter says of their executions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from penstock.engine.domain.failure import FailureClass
from penstock.engine.domain.filter_pins import conjuncts, leaves, pinned
from penstock.engine.domain.filter_tree import (
    NODE_FAILED,
    And,
    Comparison,
    Expression,
    FieldKind,
    FieldType,
    Not,
    Operator,
    Present,
)
from penstock.engine.domain.states import ExecutionStatus, NodeStatus

NODE_FIELDS: Mapping[str, FieldType] = MappingProxyType(
    {
        "node": FieldType(FieldKind.TEXT, 'node = "charge"'),
        "status": FieldType(FieldKind.ENUM, 'status = "FAILED"', NodeStatus),
        "flow": FieldType(FieldKind.TEXT, 'flow = "orders"'),
        "graph_id": FieldType(FieldKind.TEXT, 'graph_id = "01K00000000000000000000000"'),
        "version": FieldType(FieldKind.INTEGER, "version >= 3"),
        "execution_id": FieldType(FieldKind.EXECUTION_ID, 'execution_id = "019a0000000070008000000000000000"'),
        "create_time": FieldType(FieldKind.TIME, 'create_time > "2026-01-31T12:00:00Z"'),
        "use": FieldType(FieldKind.TEXT, 'use = "orders/charge"'),
        "start_time": FieldType(FieldKind.TIME, 'start_time > "2026-01-31T12:00:00Z"'),
        "complete_time": FieldType(FieldKind.TIME, 'complete_time > "2026-01-31T12:00:00Z"'),
        "duration": FieldType(FieldKind.DURATION, "duration > 10s"),
        "attempt_count": FieldType(FieldKind.INTEGER, "attempt_count > 1"),
        "error.class": FieldType(FieldKind.ENUM, 'error.class = "PROVIDER"', FailureClass),
        "error.code": FieldType(FieldKind.TEXT, 'error.code = "NODE_RAISED"'),
    }
)
"""`create_time` is that of the execution."""

_OF_EXECUTIONS = frozenset({"flow", "graph_id", "version", "execution_id", "create_time"})
_IN_FLIGHT = frozenset({NodeStatus.RUNNING, NodeStatus.WAITING})
_FAILED = frozenset({NodeStatus.FAILED, NodeStatus.TIMED_OUT})
_FROM = (Operator.EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL)
_UNTIL = (Operator.EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL)
_HAS_FAILED = And((Comparison("status", Operator.NOT_EQUAL, ExecutionStatus.COMPLETED), Present(NODE_FAILED)))


def executions_of(expression: Expression | None) -> Expression | None:
    """A filter over executions that lets through all those whose nodes the filter may let through."""
    found = list(_conditions(expression))
    if len(found) < 2:
        return found[0] if found else None
    return And(tuple(found))


def _conditions(expression: Expression | None) -> Iterator[Expression]:
    statuses = pinned(expression, "status")
    if statuses is not None and statuses <= _IN_FLIGHT:
        yield Not(Present("complete_time"))
    elif statuses is not None and statuses <= _FAILED:
        yield _HAS_FAILED
    for each in conjuncts(expression):
        if all(leaf.field in _OF_EXECUTIONS for leaf in leaves(each)):
            yield each
        elif isinstance(each, Comparison):
            yield from _condition(each)


def _condition(comparison: Comparison) -> Iterator[Expression]:
    """What an execution is in which a node is so: a node starts after it, ends before it, and takes no longer."""
    if comparison.operator is Operator.NOT_EQUAL:
        return
    if comparison.field.startswith("error."):
        yield _HAS_FAILED
    elif comparison.field == "duration" and comparison.operator in _FROM:
        yield Comparison("duration", Operator.GREATER_OR_EQUAL, comparison.value)
    elif isinstance(comparison.value, datetime) and comparison.operator in _UNTIL:
        yield Comparison("create_time", Operator.LESS_OR_EQUAL, comparison.value)
