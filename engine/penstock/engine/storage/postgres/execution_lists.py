"""Pages of executions that a filter lets through, each read from where an index begins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import psycopg

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.execution_fields import NEWEST_FIRST, OLDEST_FIRST, Order
from penstock.engine.domain.filter_tree import And, Expression, Present
from penstock.engine.domain.ids import lowest_id
from penstock.engine.storage.postgres.database import Database, Row, to_time
from penstock.engine.storage.postgres.execution_finders import (
    CANDIDATES_MAX,
    Finder,
    Sql,
    ordered_finder,
    unordered_finders,
)
from penstock.engine.storage.postgres.executions import execution_row
from penstock.engine.storage.postgres.list_sql import (
    Condition,
    Place,
    Query,
    count_sql,
    flows_sql,
    newest_sql,
    page_sql,
    plan_sql,
    slow_sql,
)
from penstock.engine.storage.postgres.list_walks import is_through_all
from penstock.engine.storage.records import ExecutionRow

COUNTED_MAX = 10_000
"""Executions that are counted one by one. Beyond it the planner's estimate is as good as anybody needs."""
SORTED_MAX = 20_000
"""Executions that are sorted by duration: it takes some 10 ms."""
_LOOKED_AT = 2_000
"""Executions that are looked at first for what may be common: it takes two milliseconds."""
_FLOWS_MAX = 1_000
"""Flows that are looked at one by one where a filter names none: it takes some 10 µs each."""
_SAMPLE = 4
"""Pages of executions by the ends of which a page in the order of the ends is bounded."""
_SLOW_US = 1_000_000
_TIME_S_MAX = 10
"""A list that takes longer is given up: the filter has to name more."""

# A page looks at as few rows as an index allows, one after the other, whatever the statistics say: scans of the table,
# joins that read all of an index and walks that leave most rows out are what makes a list slow for those who are
# unlucky. Workers and compiled plans cost more than a page takes.
_SETTINGS = f"""set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off;
set local random_page_cost = 1; set local cpu_tuple_cost = 1; set local max_parallel_workers_per_gather = 0;
set local jit = off; set local statement_timeout = '{_TIME_S_MAX}s'"""

_Connection = psycopg.AsyncConnection[Row]


class Total(NamedTuple):
    """How many there are. `is_exact` says whether they were counted."""

    size: int
    is_exact: bool


class ExecutionLists:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, account: str, expression: Expression | None, order: Order, after: Place | None, count_max: int
    ) -> list[ExecutionRow]:
        """Executions of an account. Orders by complete_time and duration leave out those that have not ended."""
        query = Query(account, expression, order, after)
        async with self._reading() as connection:
            return [execution_row(row) for row in await _page(connection, query, count_max)]

    async def total(self, account: str, expression: Expression | None, order: Order) -> Total:
        """How many executions all pages have together."""
        query = Query(account, expression, order)
        async with self._reading() as connection:
            finder = await _few(connection, _finders(query))
            [row] = await fetch(connection, count_sql(query, COUNTED_MAX + 1, finder))
            if row[0] <= COUNTED_MAX:
                return Total(row[0], True)
            [plan] = await fetch(connection, plan_sql(query, finder))
            return Total(max(COUNTED_MAX, int(plan[0][0]["Plan"]["Plan Rows"])), False)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[_Connection]:
        async with self._database.transaction() as connection:
            # Several statements at once, so without parameters.
            await connection.execute(_SETTINGS.encode(), prepare=False)
            try:
                yield connection
            except psycopg.errors.QueryCanceled as error:
                raise InvalidArgument(
                    f"filter: it takes more than {_TIME_S_MAX} s: name a flow, a status or a narrower create_time",
                    field="filter",
                    reason="FILTER_TOO_SLOW",
                ) from error


async def fetch(connection: _Connection, sql: Sql) -> list[Row]:
    # Planned anew each time: what is rare and what is common decides the plan.
    cursor = await connection.execute(sql.text.encode(), sql.parameters, binary=True, prepare=False)
    return await cursor.fetchall()


async def _page(connection: _Connection, query: Query, count_max: int) -> list[Row]:
    finders = _finders(query)
    finder = await _few(connection, [each for each in finders if each.is_counted])
    others = [each for each in finders if not each.is_counted]
    if finder is None and others and not query.order.is_of_ended:
        rows = await fetch(connection, newest_sql(query, count_max, _LOOKED_AT))
        if len(rows) == count_max:
            return rows
    finder = finder or await _few(connection, others)
    if finder is None:
        return await _walked(connection, query, count_max)
    return await fetch(connection, page_sql(query, count_max, finder))


async def _walked(connection: _Connection, query: Query, count_max: int) -> list[Row]:
    """A page that nothing rare leads to."""
    if query.order.key == "complete_time":
        query = query._replace(more=await _ends(connection, query, count_max))
    elif query.order.key == "duration":
        if _may_be_slow(query):
            rows = await fetch(connection, slow_sql(query, count_max))
            if len(rows) == count_max:
                return rows
        await _check_sortable(connection, query)
    elif is_through_all(query.expression, query.order):
        rows = await fetch(connection, newest_sql(query, count_max, _LOOKED_AT))
        if len(rows) == count_max:
            return rows
        query = query._replace(flows=await _flows(connection, query.account))
    return await fetch(connection, page_sql(query, count_max, None))


async def _check_sortable(connection: _Connection, query: Query) -> None:
    """No index has the executions in the order of their durations, but for those that took long: each execution would
    pay for it."""
    [row] = await fetch(connection, count_sql(query, SORTED_MAX + 1, None))
    if row[0] > SORTED_MAX:
        raise InvalidArgument(
            f"order_by: more than {SORTED_MAX:,} executions would have to be sorted by duration: name a flow, a "
            "status, a narrower create_time, or a duration of a second or more",
            field="order_by",
            reason="ORDER_TOO_WIDE",
        )


async def _flows(connection: _Connection, account: str) -> list[str] | None:
    """The flows of an account of which executions ended; None when they are too many to look at each."""
    rows = await fetch(connection, flows_sql(account, _FLOWS_MAX + 1))
    return [row[0] for row in rows] if len(rows) <= _FLOWS_MAX else None


def _finders(query: Query) -> list[Finder]:
    """Where the executions could be found: the first one is the best."""
    ordered = None if query.order.is_of_ended else ordered_finder(query.account, query.expression)
    return [ordered] if ordered is not None else list(unordered_finders(query.account, query.expression))


async def _few(connection: _Connection, finders: list[Finder]) -> Finder | None:
    """The first one that gives so few that they can be looked up one by one; None to walk through the executions."""
    for finder in finders:
        if finder.is_ordered:
            return finder
        count = Sql(f"select count(*) from ({finder.text} limit {CANDIDATES_MAX + 1}) found", finder.parameters)
        [row] = await fetch(connection, count)
        if row[0] <= CANDIDATES_MAX:
            return finder
    return None


def _may_be_slow(query: Query) -> bool:
    """Whether the next ones may be among those that took long, which have an index in that order."""
    is_first = query.after is None or query.after.value_us >= _SLOW_US
    return not query.order.is_ascending and is_first


async def _ends(connection: _Connection, query: Query, count_max: int) -> list[Condition]:
    """When the executions of the next page ended at the latest, or at the earliest.

    Any executions beyond the place say so: the next page ends where they do, or before. Those that were accepted next
    to it ended next to it, but for a few.
    """
    is_ascending = query.order.is_ascending
    ended: Expression = Present("complete_time")
    expression = ended if query.expression is None else And((ended, query.expression))
    by_id = Query(query.account, expression, OLDEST_FIRST if is_ascending else NEWEST_FIRST, columns="e.complete_time")
    if query.after is not None:
        time_ms = query.after.value_us // 1000
        by_id = by_id._replace(after=Place(lowest_id(time_ms)), more=_beyond_end(query))
    rows = await _walked(connection, by_id, count_max * _SAMPLE)
    if len(rows) < count_max:
        return []
    ends = sorted((row[0] for row in rows), reverse=not is_ascending)
    # Purpose of the bound: executions_by_end finds what is within it.
    return [(f"e.complete_time {'<=' if is_ascending else '>='} %s::timestamptz", [ends[count_max - 1]])]


def _beyond_end(query: Query) -> list[Condition]:
    assert query.after is not None
    sign = ">" if query.order.is_ascending else "<"
    return [(f"e.complete_time {sign} %s::timestamptz", [to_time(query.after.value_us)])]
