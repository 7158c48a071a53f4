"""The statements for a list of executions: walks along an index, or what a finder gives, in the order of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from penstock.engine.domain.execution_fields import Order
from penstock.engine.domain.filter_pins import id_times, pinned, statuses
from penstock.engine.domain.filter_tree import Expression
from penstock.engine.domain.ids import lowest_id
from penstock.engine.domain.states import TERMINAL_STATUSES, ExecutionStatus
from penstock.engine.storage.postgres.database import to_time
from penstock.engine.storage.postgres.execution_finders import Finder, Sql
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS
from penstock.engine.storage.postgres.filter_sql import to_sql

_CLOCK_MS = 60_000
"""How far the clock may have been set back between the id of an execution and its acceptance."""
_BRANCHES_MAX = 64
"""Flows times statuses whose pages are read side by side."""

_OF_FAILURES = ("error.code", "error.node")
_KEYS = {
    "create_time": "e.execution_id",
    "complete_time": "e.complete_time",
    "duration": "(e.complete_time - e.create_time)",
}

Condition = tuple[str, Sequence[Any]]
"""SQL over `executions e`, and its parameters."""

# The planner recognizes the index of those that have ended, and of those that took long, by these.
_ENDED: Condition = ("e.complete_time is not null", ())
SLOW: Condition = ("e.complete_time - e.create_time >= interval '1 second'", ())


class Place(NamedTuple):
    """Where a page goes on: after the execution `execution_id`, whose value of the order's key is `value_us`."""

    execution_id: str
    value_us: int = 0
    """Unix time, or a length of time, in microseconds; for an order by create_time it counts for nothing."""


class Query(NamedTuple):
    """Executions of an account that a filter and `more` let through, after a place in an order."""

    account: str
    expression: Expression | None
    order: Order
    after: Place | None = None
    more: Sequence[Condition] = ()


def page_sql(query: Query, count_max: int, finder: Finder | None) -> Sql:
    """Purpose: one page. Index: that of the finder; else executions_ended and executions_not_completed, one walk for
    each flow and status; else executions_pkey."""
    order = query.order
    way = "asc" if order.is_ascending else "desc"
    ordering = f" order by {_KEYS[order.key]} {way}"
    if order.key != "create_time":
        ordering += f", e.execution_id {way}"
    branches, parameters = _branches_sql(query, finder, f"select {EXECUTION_COLUMNS}")
    if len(branches) == 1:
        return Sql(f"{branches[0]}{ordering} limit {count_max}", parameters)
    if order.key == "create_time":
        branches = [f"({branch}{ordering} limit {count_max})" for branch in branches]
    source = f"({' union all '.join(branches)}) e"
    return Sql(f"select {EXECUTION_COLUMNS} from {source}{ordering} limit {count_max}", parameters)


def newest_sql(query: Query, count_max: int, looked_at_max: int) -> Sql:
    """Purpose: a page of what is common: the first executions of all are looked at alone. Index: executions_pkey."""
    way = "asc" if query.order.is_ascending else "desc"
    where, values = _where(query._replace(after=None))
    beyond = "".join(f" and {text}" for text, _ in _beyond(query))
    place = [value for _, each in _beyond(query) for value in each]
    first = f"select * from executions e where true{beyond} order by e.execution_id {way} limit {looked_at_max}"
    return Sql(
        f"select {EXECUTION_COLUMNS} from ({first}) e where {where} order by e.execution_id {way} limit {count_max}",
        [*place, *values],
    )


def ends_sql(query: Query, count_max: int, finder: Finder | None) -> Sql:
    """Purpose: times at which some executions ended that were accepted next to a place. Index: as for a page."""
    walk = page_sql(query, count_max, finder)
    return Sql(f"select e.complete_time from ({walk.text}) e", walk.parameters)


def count_sql(query: Query, count_max: int, finder: Finder | None) -> Sql:
    """Purpose: number of executions, `count_max` at most. Index: as for a page."""
    branches, parameters = _branches_sql(query, finder, "select 1")
    limited = " union all ".join(f"({branch} limit {count_max})" for branch in branches)
    return Sql(f"select count(*) from (select 1 from ({limited}) b limit {count_max}) c", parameters)


def plan_sql(query: Query, finder: Finder | None) -> Sql:
    """Purpose: what the planner thinks of the number of executions. It reads none."""
    branches, parameters = _branches_sql(query, finder, "select 1")
    return Sql("explain (format json) " + " union all ".join(branches), parameters)


def _branches_sql(query: Query, finder: Finder | None, select: str) -> tuple[list[str], list[Any]]:
    """What is read, in branches that each walk along an index; they have no execution in common."""
    where, values = _where(query)
    if finder is not None:
        if finder.is_ordered:
            return [f"{select} {finder.text} and {where}"], [*finder.parameters, *values]
        source = f"from ({finder.text}) f join executions e on e.execution_id = f.execution_id"
        return [f"{select} {source} where {where}"], [*finder.parameters, *values]
    texts: list[str] = []
    parameters: list[Any] = []
    for branch in _branches(query.expression, query.order):
        texts.append(f"{select} from executions e where {where}" + "".join(f" and {text}" for text, _ in branch))
        parameters += [*values, *(value for _, each in branch for value in each)]
    return texts, parameters


def _where(query: Query) -> tuple[str, list[Any]]:
    where, values = ("true", []) if query.expression is None else to_sql(query.expression)
    where = f"e.account = %s and ({where})"
    parameters: list[Any] = [query.account, *values]
    ended = [_ENDED] if query.order.is_of_ended else []
    for text, each in (*ended, *_bounds(query.expression), *_beyond(query), *query.more):
        where += f" and {text}"
        parameters += each
    return where, parameters


def _branches(expression: Expression | None, order: Order) -> list[list[Condition]]:
    """One for each flow and status that the filter settles on, each a walk along one index; else one for all."""
    flows = pinned(expression, "flow")
    names = sorted(name for name in flows or () if isinstance(name, str))
    has_flows = flows is not None and len(names) == len(flows)  # Otherwise one of them has stars.
    allowed = statuses(expression) & TERMINAL_STATUSES if order.is_of_ended else statuses(expression)
    if not allowed or (has_flows and not names):
        return [[("false", ())]]
    if not has_flows and (ExecutionStatus.COMPLETED in allowed or _has_own_index(expression)):
        return [[]]
    of_flows: list[list[Condition]] = [[("e.flow = %s::text", [name])] for name in names] if has_flows else [[]]
    if len(of_flows) * len(allowed) > _BRANCHES_MAX:
        return [[]]
    return [
        [*flow, (f"e.status = {status:d}", ()), *[_ENDED] * (has_flows and status.is_terminal)]
        for flow in of_flows
        for status in sorted(allowed)
    ]


def _has_own_index(expression: Expression | None) -> bool:
    """Whether it settles on something of a failure that is in the order of an index."""
    return any(len(pinned(expression, field) or ()) == 1 for field in _OF_FAILURES)


def _bounds(expression: Expression | None) -> list[Condition]:
    """What the times of a filter say of ids, which begin with the time when they were made."""
    first, last = id_times(expression)
    found: list[Condition] = []
    if first is not None:
        found.append(("e.execution_id >= %s::uuid", [_lowest(first, 0)]))
    if last is not None:
        found.append(("e.execution_id < %s::uuid", [_lowest(last, _CLOCK_MS)]))
    return found


def _lowest(time: datetime, more_ms: int) -> UUID:
    return UUID(lowest_id(int(time.timestamp() * 1000) + more_ms))


def _beyond(query: Query) -> list[Condition]:
    order, after = query.order, query.after
    if after is None:
        return []
    sign = ">" if order.is_ascending else "<"
    execution_id = UUID(after.execution_id)
    if order.key == "create_time":
        return [(f"e.execution_id {sign} %s::uuid", [execution_id])]
    if order.key == "complete_time":
        return [
            (f"({_KEYS[order.key]}, e.execution_id) {sign} (%s::timestamptz, %s::uuid)", [
                to_time(after.value_us), execution_id
            ])
        ]  # fmt: skip
    length = "%s::bigint * interval '1 microsecond'"
    return [(f"({_KEYS[order.key]}, e.execution_id) {sign} ({length}, %s::uuid)", [after.value_us, execution_id])]
