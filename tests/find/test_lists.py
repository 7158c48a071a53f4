"""Pages of many executions: what they hold, and that an index leads to them."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.execution_fields import EXECUTION_FIELDS, NEWEST_FIRST, Order
from penstock.engine.domain.filter import parse
from penstock.engine.domain.filter_tree import Expression, FieldKind, FieldType, SearchKind
from penstock.engine.domain.node_fields import NODE_FIELDS, executions_of
from penstock.engine.storage.postgres import execution_lists, list_sql
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.execution_finders import Sql
from penstock.engine.storage.postgres.execution_lists import ExecutionLists, Total, fetch
from penstock.engine.storage.postgres.filter_sql import to_sql
from penstock.engine.storage.postgres.list_sql import Place, Query, page_sql
from tests.find.rows import ACCOUNT, fill

SEARCHABLE = {
    "input.id": FieldType(FieldKind.SEARCHED, "input.id = c1", searched=frozenset({SearchKind.TEXT})),
    "output.total": FieldType(FieldKind.SEARCHED, "output.total = 1", searched=frozenset({SearchKind.NUMBER})),
}
FILTERS = (
    "",
    "status = COMPLETED",
    "status = FAILED",
    "status = FAILED OR status = TIMED_OUT",
    "status != COMPLETED",
    "status = RUNNING",
    "NOT complete_time:*",
    "complete_time:*",
    "flow = orders",
    "flow = old",
    "flow = nowhere",
    "flow = old OR flow = orders",
    'flow = "o*"',
    "flow = hello AND status = FAILED",
    "flow = old AND status = FAILED AND error.code = RARE",
    "flow = old AND NOT status = FAILED",
    "error.code = RARE",
    "error.node = bravo AND flow = orders",
    "error.class = TIMEOUT",
    "failure_class = LOGIC OR failure_class = TIMEOUT",
    "duration > 10s",
    "duration > 10s AND flow = orders",
    "duration > 1ms",
    "labels.team = blue",
    "labels.team = red AND status = FAILED",
    "labels:team",
    "parent_execution_id = 11111111111111111111111111111111",
    "create_time > 2026-01-01T05:00:00Z AND create_time <= 2026-01-01T05:10:00Z",
    "complete_time < 2026-01-01T00:10:00Z",
    "version = 2 AND flow = orders",
    "input.id = c7",
    "input.id = c7 AND status = FAILED",
    'input.id = "c1*"',
    "output.total > 600",
    "output.total > 5",
    "input.id = c7 AND output.total > 500",
    "flow = orders AND NOT input.id = c7",
    "status = COMPLETED AND status = FAILED",
)
ORDERS = (
    NEWEST_FIRST,
    Order("create_time", True),
    Order("complete_time", False),
    Order("complete_time", True),
    Order("duration", False),
    Order("duration", True),
)
RARE = (
    "status = FAILED",
    "status = FAILED OR status = TIMED_OUT",
    "flow = old",
    "flow = old OR flow = nowhere",
    "flow = hello AND status = FAILED",
    "error.code = RARE",
    "error.node = alpha",
    "error.class = TIMEOUT",
    "duration > 10s",
    "labels.team = blue",
    "parent_execution_id = 11111111111111111111111111111111",
    "input.id = c7",
    'input.id = "c12*"',
    "output.total > 600",
    "NOT complete_time:*",
    "create_time < 2026-01-01T00:05:00Z",
)
OF_ANY_FLOW = (
    "",
    "status = COMPLETED",
    "version = 1",
    "version = 77",
    "complete_time:*",
    "input.id = c7 OR version = 2",
)
_READ_MAX = 400
"""Rows that a page of rare executions may look at, of 3,000."""


@pytest.fixture(scope="module")
def rows(store: str) -> str:
    fill(store)
    return store


def tree(text: str) -> Expression | None:
    return parse(text, EXECUTION_FIELDS, SEARCHABLE)


def expected(connection: psycopg.Connection[Any], text: str, order: Order) -> list[str]:
    """By a plain statement."""
    key = {"create_time": "create_time", "complete_time": "complete_time", "duration": "complete_time - create_time"}
    expression = tree(text)
    condition, values = ("true", []) if expression is None else to_sql(expression)
    way = "asc" if order.is_ascending else "desc"
    ended = "and complete_time is not null" if order.is_of_ended else ""
    sql = f"""select execution_id from executions e where account = 'mine' and {condition} {ended}
    order by {key[order.key]} {way}, execution_id {way}"""
    return [row[0].hex for row in connection.execute(sql.encode(), values)]


async def test_pages_are_what_a_plain_statement_gives(rows: str) -> None:
    database = Database(rows)
    await database.open()
    lists = ExecutionLists(database)
    try:
        with psycopg.connect(rows) as connection:
            for number, text in enumerate(FILTERS):
                # Each filter in its usual order and in one other; all orders with the first ones.
                for order in ORDERS if number < 3 else (NEWEST_FIRST, ORDERS[1 + number % 5]):
                    found = await whole(lists, tree(text), order, 700)
                    assert found == expected(connection, text, order), (text, order)
    finally:
        await database.close()


async def whole(lists: ExecutionLists, expression: Expression | None, order: Order, size: int) -> list[str]:
    """All pages of a list."""
    found: list[str] = []
    after: Place | None = None
    while page := await lists.page(ACCOUNT, expression, order, after, size):
        found += [row.execution_id for row in page]
        last = page[-1]
        value_us = 0
        if last.complete_us is not None and order.is_of_ended:
            value_us = last.complete_us - (last.create_us if order.key == "duration" else 0)
        after = Place(last.execution_id, value_us)
    return found


async def test_what_is_common_is_walked_through_and_gives_the_same(rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_lists, "CANDIDATES_MAX", 3)
    monkeypatch.setattr(execution_lists, "_LOOKED_AT", 100)
    monkeypatch.setattr(execution_lists, "COUNTED_MAX", 100)
    database = Database(rows)
    await database.open()
    lists = ExecutionLists(database)
    try:
        with psycopg.connect(rows) as connection:
            for text in ("duration > 10s", "labels.team = red", "output.total > 5", "flow = orders"):
                there = expected(connection, text, NEWEST_FIRST)
                assert await whole(lists, tree(text), NEWEST_FIRST, 500) == there
                total = await lists.total(ACCOUNT, tree(text), NEWEST_FIRST)
                assert total == Total(len(there), True) or (total.size >= 100 and len(there) > 100)
            assert await lists.total(ACCOUNT, tree("flow = old"), NEWEST_FIRST) == Total(34, True)
    finally:
        await database.close()


@pytest.mark.parametrize("walks_max", [64, 1])
async def test_what_is_not_among_the_newest_is_found_by_flow(
    rows: str, monkeypatch: pytest.MonkeyPatch, walks_max: int
) -> None:
    """Side by side, or one after the other when there are more flows than a plan should have."""
    monkeypatch.setattr(execution_lists, "_LOOKED_AT", 10)
    monkeypatch.setattr(list_sql, "_WALKS_MAX", walks_max)
    database = Database(rows)
    await database.open()
    lists = ExecutionLists(database)
    try:
        with psycopg.connect(rows) as connection:
            for text in OF_ANY_FLOW:
                for order in (NEWEST_FIRST, Order("create_time", True)):
                    there = expected(connection, text, order)
                    assert await whole(lists, tree(text), order, 400) == there, (text, order)
                    assert (await lists.total(ACCOUNT, tree(text), order)).size == len(there)
            first = await lists.page("small", None, NEWEST_FIRST, None, 51)
            assert [row.flow for row in first] == ["old"] * 3
            assert await lists.total("small", None, NEWEST_FIRST) == Total(3, True)
    finally:
        await database.close()


async def test_what_is_too_many_to_sort_by_duration_is_refused(rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_lists, "SORTED_MAX", 300)
    database = Database(rows)
    await database.open()
    lists = ExecutionLists(database)
    longest, shortest = Order("duration", False), Order("duration", True)
    try:
        with psycopg.connect(rows) as connection:
            for text in ("status = FAILED", "flow = old", "duration > 10s"):
                assert await whole(lists, tree(text), shortest, 100) == expected(connection, text, shortest)
            # Those that took a second or more need not be sorted.
            assert [row.execution_id for row in await lists.page(ACCOUNT, None, longest, None, 20)] == expected(
                connection, "", longest
            )[:20]
        for text, order in (("", shortest), ("flow = hello", longest), ("status = COMPLETED", longest)):
            with pytest.raises(InvalidArgument) as caught:
                await lists.page(ACCOUNT, tree(text), order, None, 700)
            assert (caught.value.field, caught.value.reason) == ("order_by", "ORDER_TOO_WIDE")
            assert str(caught.value) == (
                "order_by: more than 300 executions would have to be sorted by duration: name a flow, a status, a "
                "narrower create_time, or a duration of a second or more"
            )
    finally:
        await database.close()


async def test_who_has_few_executions_reads_no_others(rows: str) -> None:
    query = Query("small", None, NEWEST_FIRST)
    async with await psycopg.AsyncConnection.connect(rows) as connection:
        await connection.execute(execution_lists._SETTINGS.encode())
        query = query._replace(flows=await execution_lists._flows(connection, "small"))
        assert query.flows == ["old"]
        plan = await explained(connection, page_sql(query, 51, None))
    assert read(plan) <= 20, json.dumps(plan, indent=1)


async def test_nodes_that_failed_are_asked_for_in_the_order_of_the_list(rows: str) -> None:
    """None of those that run or timed out has such a node."""
    expression = executions_of(parse("status = FAILED", NODE_FIELDS))
    query = Query(ACCOUNT, expression, NEWEST_FIRST)
    async with await psycopg.AsyncConnection.connect(rows) as connection:
        await connection.execute(execution_lists._SETTINGS.encode())
        sql = page_sql(query, 51, None)
        plan = await explained(connection, sql)
        found = await fetch(connection, sql)
    assert [row[6] for row in found] == [4] * 51
    assert [row[0] for row in found] == sorted((row[0] for row in found), reverse=True)
    assert read(plan) <= _READ_MAX, json.dumps(plan, indent=1)


@pytest.mark.parametrize("text", RARE)
async def test_an_index_leads_to_what_is_rare(rows: str, text: str) -> None:
    async with await psycopg.AsyncConnection.connect(rows) as connection:
        await connection.execute(execution_lists._SETTINGS.encode())
        query = Query(ACCOUNT, tree(text), NEWEST_FIRST)
        sql = page_sql(query, 51, await execution_lists._few(connection, execution_lists._finders(query)))
        plan = await explained(connection, sql)
    assert read(plan) <= _READ_MAX, json.dumps(plan, indent=1)


async def explained(connection: psycopg.AsyncConnection[Any], sql: Sql) -> Any:
    """The plan of a statement after it was carried out, which reads no table from its beginning."""
    [row] = await fetch(connection, Sql(f"explain (analyze, format json) {sql.text}", sql.parameters))
    plan = row[0][0]["Plan"]
    assert [node for node in plans(plan) if node["Node Type"] == "Seq Scan"] == [], json.dumps(plan, indent=1)
    return plan


def read(plan: Any) -> float:
    """Rows that were looked at."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in plans(plan)
        if "Relation Name" in node
    )


def plans(plan: Any) -> Any:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from plans(inner)
