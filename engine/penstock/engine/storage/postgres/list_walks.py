"""Which indexes a list of executions walks along, by what its filter settles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from penstock.engine.domain.execution_fields import Order
from penstock.engine.domain.filter_pins import pinned, statuses
from penstock.engine.domain.filter_tree import Expression
from penstock.engine.domain.states import TERMINAL_STATUSES, ExecutionStatus

_OF_FAILURES = ("error.code", "error.node")


class Walks(NamedTuple):
    """Walks have no execution in common. There are none when nothing can be let through."""

    ended: Sequence[tuple[str | None, ExecutionStatus]]
    """A walk through those of a flow, or of any, that ended so."""
    live: Sequence[ExecutionStatus]
    """A walk through those of any flow that are so now."""


def walks(expression: Expression | None, order: Order, flows: Sequence[str] | None) -> Walks | None:
    """None for one walk through all executions. `flows` are all that have executions that ended, None when that is not
    known."""
    named = pinned(expression, "flow")
    allowed = statuses(expression)
    if not allowed or named == frozenset():
        return Walks((), ())
    live = () if order.is_of_ended else tuple(sorted(allowed - TERMINAL_STATUSES))
    ended = sorted(allowed & TERMINAL_STATUSES)
    if named is not None:
        flows = sorted(str(name) for name in named)
        return Walks([(flow, status) for flow in flows for status in ended], live)
    if ExecutionStatus.COMPLETED not in allowed:
        return None if _has_own_index(expression) else Walks([(None, status) for status in ended], live)
    if flows is None or _has_own_index(expression):
        return None
    return Walks([(flow, status) for flow in flows for status in ended], live)


def is_through_all(expression: Expression | None, order: Order) -> bool:
    """Whether no index leads to what it lets through, unless the flows that there are do."""
    return walks(expression, order, None) is None and not _has_own_index(expression)


def _has_own_index(expression: Expression | None) -> bool:
    """Whether it settles on something that is in the order of an index."""
    if pinned(expression, "execution_id") is not None:
        return True
    return any(len(pinned(expression, field) or ()) == 1 for field in _OF_FAILURES)
