"""The statements for a list of executions: walks along an index, or what a finder gives, in the order of the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from penstock.engine.domain.execution_fields import Order
from penstock.engine.domain.filter_pins import id_times
from penstock.engine.domain.filter_tree import Expression
from penstock.engine.domain.ids import lowest_id
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.postgres.database import to_time
from penstock.engine.storage.postgres.execution_finders import Finder, Sql
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS, LIVE_STATUSES
from penstock.engine.storage.postgres.filter_sql import divided, to_sql
from penstock.engine.storage.postgres.list_walks import Walks, is_through_all, walks

_CLOCK_MS = 60_000
"""How far the clock may have been set back between the id of an execution and its acceptance."""
_WALKS_MAX = 64
"""Flows times statuses that are read side by side: each takes the planner a while."""

_KEYS = {
    "create_time": "e.execution_id",
    "complete_time": "e.complete_time",
    "duration": "(e.complete_time - e.create_time)",
}

Condition = tuple[str, Sequence[Any]]
"""SQL over `executions e`, and its parameters."""

# The planner recognizes the index of those that have ended, and of those that took long, by these.
_ENDED: Condition = ("e.complete_time is not null", ())
_SLOW: Condition = ("e.complete_time - e.create_time >= interval '1 second'", ())


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
    flows: Sequence[str] | None = None
    """All that have executions that ended, when that is known."""
    columns: str = EXECUTION_COLUMNS


def page_sql(query: Query, count_max: int, finder: Finder | None) -> Sql:
    """Purpose: one page. Index: that of the finder; else executions_ended and executions_not_completed, one walk for
    each flow and status; else executions_pkey."""
    ordering = _ordering(query.order)
    rows = _rows(query, finder, ordering, count_max)
    return Sql(f"select {query.columns} {rows.text}{ordering} limit {count_max}", rows.parameters)


def newest_sql(query: Query, count_max: int, looked_at_max: int) -> Sql:
    """Purpose: a page of what is common: the first executions of all are looked at alone. Index: executions_pkey."""
    ordering = _ordering(query.order)
    where, values = _where(query._replace(after=None))
    bounds, places = _all_of(_ids(query, "e.execution_id"))
    first = f"select * from executions e where {bounds}{ordering} limit {looked_at_max}"
    return Sql(f"select {query.columns} from ({first}) e where {where}{ordering} limit {count_max}", [*places, *values])


def slow_sql(query: Query, count_max: int) -> Sql:
    """Purpose: a page by duration of those that took a second or more. Index: executions_slow; executions_ended where
    a flow has few executions."""
    rows = _through_all(query._replace(more=[_SLOW]))
    return Sql(f"select {query.columns} {rows.text}{_ordering(query.order)} limit {count_max}", rows.parameters)


def count_sql(query: Query, count_max: int, finder: Finder | None) -> Sql:
    """Purpose: number of executions, `count_max` at most. Index: as for a page; without one executions_ended and
    executions_not_completed, which have those of an account beside one another."""
    if finder is None and is_through_all(query.expression, query.order):
        rows = _ended_or_live(query)
    else:
        rows = _rows(query, finder, "", count_max)
    return Sql(f"select count(*) from (select 1 {rows.text} limit {count_max}) c", rows.parameters)


def plan_sql(query: Query, finder: Finder | None) -> Sql:
    """Purpose: what the planner thinks of the number of executions. It reads none."""
    rows = _through_all(query) if finder is None else _found(query, finder, "")
    return Sql(f"explain (format json) select 1 {rows.text}", rows.parameters)


def flows_sql(account: str, count_max: int) -> Sql:
    """Purpose: the flows of which an execution has ended, each found from the one before. Index: executions_ended."""
    first = "select e.flow from executions e where e.account = %s and e.complete_time is not null"
    ordering = "order by e.flow limit 1"
    return Sql(
        f"""with recursive found (flow) as (({first} {ordering})
union all select ({first} and e.flow > found.flow {ordering}) from found where found.flow is not null)
select flow from found where flow is not null limit {count_max}""",
        [account, account],
    )


def _rows(query: Query, finder: Finder | None, ordering: str, count_max: int) -> Sql:
    """`from … where …` over `executions e`. With an ordering, what gives the first `count_max` in it soonest."""
    if finder is not None:
        return _found(query, finder, ordering)
    along = walks(query.expression, query.order, query.flows)
    if along is None:
        return _through_all(query)
    if len(along.ended) + len(along.live) > _WALKS_MAX:
        return _spread(query, along, ordering, count_max)
    return _side_by_side(query, along, ordering, count_max)


def _through_all(query: Query) -> Sql:
    where, values = _where(query)
    return Sql(f"from executions e where {where}", values)


def _ended_or_live(query: Query) -> Sql:
    """All of an account, in no order."""
    where, values = _where(query)
    each = f"select * from executions e where {where} and"
    live = f"{each} e.status in ({LIVE_STATUSES})"
    return Sql(f"from ({each} {_ENDED[0]} union all {live}) e", [*values, *values])


def _found(query: Query, finder: Finder, ordering: str) -> Sql:
    """What a finder gives, its ids in the order of the list, so that a page reads no more executions than it has."""
    where, values = _where(query)
    if finder.is_ordered:
        bounds, places = _all_of(_ids(query, "v.execution_id"))
        return Sql(f"{finder.text} and {bounds} and {where}", [*finder.parameters, *places, *values])
    bounds, places = _all_of(_ids(query, "e.execution_id"))
    first = f"select e.execution_id from ({finder.text}) e where {bounds}"
    if not query.order.is_of_ended:
        first += ordering
    source = f"from ({first}) f join executions e on e.execution_id = f.execution_id"
    return Sql(f"{source} where {where}", [*finder.parameters, *places, *values])


def _side_by_side(query: Query, along: Walks, ordering: str, count_max: int) -> Sql:
    """Walks whose executions are merged in the order of the list. What takes other rows to tell is asked of them then:
    asked before, a walk without any such execution would be gone to its end."""
    plain, asked = divided(query.expression)
    if not ordering or query.order.is_of_ended:
        plain, asked = query.expression, None
    where, values = _where(query._replace(expression=plain))
    texts: list[str] = []
    parameters: list[Any] = []
    limited = ordering if asked is not None or not ordering else f"{ordering} limit {count_max}"
    for flow, status in (*along.ended, *((None, status) for status in along.live)):
        walk, named = _walk(flow, status)
        texts.append(f"(select * from executions e where {where} and {walk}{limited})")
        parameters += [*values, *named]
    source = " union all ".join(texts) or "select * from executions where false"
    if asked is None:
        return Sql(f"from ({source}) e where true", parameters)
    condition, more = to_sql(asked)
    # The offset keeps the condition from the walks.
    return Sql(f"from (select * from ({source}) e{ordering} offset 0) e where {condition}", [*parameters, *more])


def _spread(query: Query, along: Walks, ordering: str, count_max: int) -> Sql:
    """More walks than a plan should have: one after the other, each as far as the page could need."""
    where, values = _where(query)
    limited = f"{ordering} limit {count_max}"
    pairs = [[flow for flow, _ in along.ended], [int(status) for _, status in along.ended]]
    ended = f"""select e.* from unnest(%s::text[], %s::smallint[]) w(flow, status), lateral (
select * from executions e where {where} and e.flow = w.flow and e.status = w.status and {_ENDED[0]}{limited}) e"""
    live = [
        f"(select * from executions e where {where} and {_walk(None, status)[0]}{limited})" for status in along.live
    ]
    source = " union all ".join([ended, *live])
    return Sql(f"from ({source}) e where true", [*pairs, *values, *(list(values) * len(live))])


def _walk(flow: str | None, status: ExecutionStatus) -> Condition:
    # The planner recognizes the index of those that have ended by the time.
    if flow is None:
        return f"e.status = {status:d}", ()
    return f"e.flow = %s::text and e.status = {status:d} and {_ENDED[0]}", [flow]


def _ordering(order: Order) -> str:
    way = "asc" if order.is_ascending else "desc"
    text = f" order by {_KEYS[order.key]} {way}"
    return text if order.key == "create_time" else f"{text}, e.execution_id {way}"


def _all_of(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    return " and ".join(text for text, _ in conditions) or "true", [value for _, each in conditions for value in each]


def _where(query: Query) -> tuple[str, list[Any]]:
    where, values = ("true", []) if query.expression is None else to_sql(query.expression)
    ended = [_ENDED, *_beyond(query)] if query.order.is_of_ended else []
    more, others = _all_of([*ended, *_ids(query, "e.execution_id"), *query.more])
    return f"e.account = %s and ({where}) and {more}", [query.account, *values, *others]


def _ids(query: Query, column: str) -> list[Condition]:
    """What times of the filter say of ids, which begin with the time when they were made; and the place of a page in
    their order."""
    first, last = id_times(query.expression)
    found: list[Condition] = []
    if first is not None:
        found.append((f"{column} >= %s::uuid", [_lowest(first, 0)]))
    if last is not None:
        found.append((f"{column} < %s::uuid", [_lowest(last, _CLOCK_MS)]))
    if query.after is not None and not query.order.is_of_ended:
        found.append((f"{column} {_sign(query.order)} %s::uuid", [UUID(query.after.execution_id)]))
    return found


def _lowest(time: datetime, more_ms: int) -> UUID:
    return UUID(lowest_id(int(time.timestamp() * 1000) + more_ms))


def _beyond(query: Query) -> list[Condition]:
    """The place of a page in an order of those that have ended."""
    order, after = query.order, query.after
    if after is None:
        return []
    sign, execution_id = _sign(order), UUID(after.execution_id)
    if order.key == "complete_time":
        return [
            (f"({_KEYS[order.key]}, e.execution_id) {sign} (%s::timestamptz, %s::uuid)", [
                to_time(after.value_us), execution_id
            ])
        ]  # fmt: skip
    length = "%s::bigint * interval '1 microsecond'"
    return [(f"({_KEYS[order.key]}, e.execution_id) {sign} ({length}, %s::uuid)", [after.value_us, execution_id])]


def _sign(order: Order) -> str:
    return ">" if order.is_ascending else "<"
