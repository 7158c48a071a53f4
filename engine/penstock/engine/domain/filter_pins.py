"""What a filter settles for everything that it lets through: where a store can begin to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from penstock.engine.domain.filter_tree import And, Comparison, Expression, Not, Operator, Or, Present, Value, Wildcard
from penstock.engine.domain.states import TERMINAL_STATUSES, ExecutionStatus

Leaf = Comparison | Present

_LATE_ACCEPTANCE = timedelta(days=1)
"""An id is made just before its execution is accepted; that of a sub-flow stands in its parent's log first, and may be
older by as long as nobody took the parent over."""


_FIRST_TIME = datetime(1971, 1, 1, tzinfo=UTC)
_FROM = (Operator.EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL)
_UNTIL = (Operator.EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL)
_NOT_BEFORE_ID = frozenset({"create_time", "start_time", "update_time", "complete_time"})
_OF_ENDED = frozenset({"complete_time"})
_OF_LIVE = frozenset({"node.waiting"})
_OF_FAILURES = frozenset({"failure_class", "error.class", "error.code", "error.node"})
_MAY_HAVE_FAILED = TERMINAL_STATUSES - {ExecutionStatus.COMPLETED}


def conjuncts(expression: Expression | None) -> Iterator[Expression]:
    """What has to hold, each by itself."""
    if isinstance(expression, And):
        for operand in expression.operands:
            yield from conjuncts(operand)
    elif expression is not None:
        yield expression


def leaves(expression: Expression | None) -> Iterator[Leaf]:
    """Everything that is compared."""
    match expression:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from leaves(operand)
        case Not(operand):
            yield from leaves(operand)
        case Comparison() | Present():
            yield expression


def rewrite(expression: Expression, change: Callable[[Leaf], Expression]) -> Expression:
    """The same filter with each leaf changed."""
    match expression:
        case And(operands):
            return And(tuple(rewrite(operand, change) for operand in operands))
        case Or(operands):
            return Or(tuple(rewrite(operand, change) for operand in operands))
        case Not(operand):
            return Not(rewrite(operand, change))
        case _:
            return change(expression)


def pinned(expression: Expression | None, field: str) -> frozenset[Value] | None:
    """The values of which a field has one, where the filter says so by `=`; None when it does not."""
    found: frozenset[Value] | None = None
    for each in conjuncts(expression):
        values = _values(each, field)
        if values is not None:
            found = values if found is None else found & values
    return found


def _values(expression: Expression, field: str) -> frozenset[Value] | None:
    options = expression.operands if isinstance(expression, Or) else (expression,)
    values: set[Value] = set()
    for each in options:
        if not isinstance(each, Comparison) or each.field != field or each.operator is not Operator.EQUAL:
            return None
        if isinstance(each.value, Wildcard):
            return None
        values.add(each.value)
    return frozenset(values)


def statuses(expression: Expression | None) -> frozenset[ExecutionStatus]:
    """Those that what it lets through can have; all of them when it does not say."""
    found = frozenset(ExecutionStatus)
    for each in conjuncts(expression):
        values = _values(each, "status")
        if values is not None:
            found &= frozenset(ExecutionStatus(value) for value in values if isinstance(value, int))
        elif isinstance(each, Comparison) and each.field == "status" and isinstance(each.value, int):
            found -= {ExecutionStatus(each.value)}
        elif _is_of(each, _OF_ENDED):
            found &= TERMINAL_STATUSES
        elif each == Not(Present("complete_time")) or _is_of(each, _OF_LIVE):
            found -= TERMINAL_STATUSES
        elif _is_of(each, _OF_FAILURES):
            found &= _MAY_HAVE_FAILED
    return found


def _is_of(expression: Expression, fields: frozenset[str]) -> bool:
    """Whether it only holds where one of the fields is set, or for all of them where each is."""
    options = expression.operands if isinstance(expression, Or) else (expression,)
    return all(
        each.field in fields and (isinstance(each, Present) or each.operator is not Operator.NOT_EQUAL)
        if isinstance(each, Comparison | Present)
        else False
        for each in options
    )


def id_times(expression: Expression | None) -> tuple[datetime | None, datetime | None]:
    """From when and until when the ids were made of what it lets through, by the times that it names."""
    first: datetime | None = None
    last: datetime | None = None
    for each in conjuncts(expression):
        if not isinstance(each, Comparison) or not isinstance(each.value, datetime):
            continue
        if each.field == "create_time" and each.operator in _FROM and each.value > _FIRST_TIME:
            begin = each.value - _LATE_ACCEPTANCE
            first = begin if first is None else max(first, begin)
        if each.field in _NOT_BEFORE_ID and each.operator in _UNTIL:
            last = each.value if last is None else min(last, each.value)
    return first, last
