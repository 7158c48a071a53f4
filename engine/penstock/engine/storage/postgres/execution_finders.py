"""Where to find the few executions that something rare in a filter lets through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from penstock.engine.domain.filter_pins import conjuncts
from penstock.engine.domain.filter_tree import Comparison, Expression, Operator, Searched, Wildcard
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.postgres.filter_sql import value_condition

CANDIDATES_MAX = 10_000
"""Executions that are looked up one by one. What lets more through is so common that a walk soon fills a page."""

_SLOW = timedelta(seconds=1)
"""What executions_slow begins with."""
_LIVE = ", ".join(str(int(status)) for status in ExecutionStatus if not status.is_terminal)

# Purpose: executions by the value of a searchable field, in their order. Index: search_values_text or
# search_values_number, then executions_pkey.
_BY_VALUE = """from search_values v join executions e on e.execution_id = v.execution_id and e.account = v.account
where v.account = %s and v.path = %s::text and """
# Purpose: the same in the order of the values. Index: search_values_text, search_values_number.
_BY_VALUES = "select v.execution_id from search_values v where v.account = %s and v.path = %s::text and "
# Purpose: the sub-flows of an execution. Index: executions_children.
_BY_PARENT = "select execution_id from executions where account = %s and parent_id = %s::uuid"
# Purpose: executions with a label. Index: executions_labels; executions_not_completed for those in flight.
_BY_LABEL = f"""select execution_id from executions
where account = %s and complete_time is not null and labels <> '{{}}'::jsonb and labels @> %s::jsonb
union all select execution_id from executions
where account = %s and complete_time is null and status in ({_LIVE}) and labels @> %s::jsonb"""
# Purpose: executions that took long, and those in flight. Index: executions_slow, executions_not_completed.
_BY_DURATION = f"""select execution_id from executions
where account = %s and complete_time - create_time >= interval '1 second'
  and complete_time - create_time >= %s::interval
union all select execution_id from executions where account = %s and complete_time is null and status in ({_LIVE})"""


class Sql(NamedTuple):
    text: str
    parameters: list[Any]


class Finder(NamedTuple):
    """`text` gives ids of executions, or when `is_ordered` reads from `executions e` in the order of their ids and ends
    in a condition. What it gives is not all that the filter asks for."""

    text: str
    parameters: list[Any]
    is_ordered: bool = False
    is_counted: bool = True
    """Whether it takes next to nothing to count what it gives, up to a bound."""


def ordered_finder(account: str, expression: Expression | None) -> Finder | None:
    for each in conjuncts(expression):
        if _is_one_value(each):
            assert isinstance(each, Comparison)
            parameters: list[Any] = [account, each.field]
            return Finder(_BY_VALUE + value_condition(each, parameters), parameters, True)
    return None


def unordered_finders(account: str, expression: Expression | None) -> Iterator[Finder]:
    """Those that are likely to give the fewest come first."""
    found = [each for each in conjuncts(expression) if isinstance(each, Comparison)]
    for each in found:
        if each.field == "parent_execution_id" and each.operator is Operator.EQUAL:
            yield Finder(_BY_PARENT, [account, each.value])
    for each in found:
        if isinstance(each.value, Searched) and each.operator is not Operator.NOT_EQUAL:
            parameters: list[Any] = [account, each.field]
            yield Finder(_BY_VALUES + value_condition(each, parameters), parameters)
    for each in found:
        if each.field == "labels" and each.operator is Operator.EQUAL and isinstance(each.value, str):
            label = json.dumps({each.key: each.value})
            yield Finder(_BY_LABEL, [account, label, account, label], is_counted=False)
    for each in found:
        if each.field == "duration" and each.operator in (Operator.GREATER, Operator.GREATER_OR_EQUAL):
            assert isinstance(each.value, timedelta)
            if each.value >= _SLOW:
                yield Finder(_BY_DURATION, [account, each.value, account], is_counted=False)


def _is_one_value(expression: Expression) -> bool:
    """Whether a searchable field has to have one value: then an index has the executions with it in their order."""
    if not isinstance(expression, Comparison) or expression.operator is not Operator.EQUAL:
        return False
    value = expression.value
    if not isinstance(value, Searched) or isinstance(value.text, Wildcard):
        return False
    return (value.text is None) is not (value.number is None)
