"""Which executions used most is answered from their sums, as it would be from all that they used."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from penstock.engine.domain.filter import parse
from penstock.engine.domain.usage_fields import USAGE_FIELDS
from penstock.engine.storage.postgres import usage_queries, usage_totals
from penstock.engine.storage.postgres.usage import REMOVE_USED
from penstock.engine.storage.postgres.usage_questions import Question
from tests.docs.documents import blocks
from tests.storage.samples import opened
from tests.usage.conftest import EMPTY
from tests.usage.desk import ADA, BOB, Desk, ManualClock, execution, usage

pytestmark = pytest.mark.asyncio(loop_scope="module")

_MIGRATION = Path(usage_queries.__file__).parent / "migrations" / "0020_bulk_resume.sql"
_FIRST = date(2026, 1, 1)
_COUNT = 60
_MOST = (("cost_nanos", True), ("execution_id", False))
_SUMS_OF = """select 'total', account, flow, execution_id::text, min(day)::text, max(day)::text, sum(calls),
  sum(cost_nanos)
from usage_executions group by account, flow, execution_id
union all select 'kept', account, flow, '', day::text, '', sum(calls), sum(cost_nanos)
from usage_executions group by account, flow, day order by 1, 2, 3, 4, 5"""
_SUMS = """select 'total', account, flow, execution_id::text, first_day::text, last_day::text, calls, cost_nanos
from usage_totals
union all select 'kept', account, flow, '', day::text, '', calls, cost_nanos from usage_kept where calls > 0
order by 1, 2, 3, 4, 5"""


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="desk")
async def spent(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Executions of three flows in ten days, some of which used something on several of them, and many as much."""
    async with opened(database_url) as database:
        await database.execute(EMPTY)
        desk = Desk(database, database_url, ManualClock(), tmp_path_factory.mktemp("usage"))
        await desk.furnish()
        chance = random.Random(7)
        for number in range(_COUNT):
            for _ in range(chance.choice((1, 1, 2, 4))):
                day = _FIRST + timedelta(days=chance.randrange(10))
                cost = str(chance.choice((0, 1, 2, 5)))
                caller = BOB if number % 10 == 9 else ADA
                flow = ("chat", "tea", "Über")[number % 3]
                await desk.report(usage(cost, 1), number=number, flow=flow, caller=caller, day=day.isoformat())
            if number == _COUNT // 2:
                await desk.process.rollup.catch_up()
        await desk.process.rollup.catch_up()
        yield desk


def question(first: int, last: int, filter: str = "", **fields: Any) -> Question:
    days = (_FIRST + timedelta(days=first), _FIRST + timedelta(days=last))
    asked = Question("ada", *days, parse(filter, USAGE_FIELDS), ("execution_id",), _MOST)
    return replace(asked, **fields)


async def answers(desk: Desk, asked: Question, skip: int, count: int) -> tuple[Any, Any]:
    """That of the sums, and that of all that was used."""
    assert usage_totals.is_of_totals(asked)
    found = []
    for statement in (usage_totals.totals_sql, usage_queries._sums_sql):
        sql, parameters = statement(asked, skip, count)
        found.append([tuple(row) for row in await desk.database.fetch_all(sql, parameters)])
    return found[0], found[1]


@pytest.mark.parametrize(("first", "last"), [(0, 9), (0, 30), (3, 3), (2, 5), (9, 12), (20, 22)])
@pytest.mark.parametrize("filter", ["", "flow = chat", 'flow = "t*" OR flow = "Ü*"', "NOT flow = chat", "flow = none"])
async def test_sums_say_what_adding_up_says(desk: Desk, first: int, last: int, filter: str) -> None:
    for skip, count in ((0, 5), (5, 7), (0, 1_000)):
        of_sums, of_all = await answers(desk, question(first, last, filter), skip, count)
        assert of_sums == of_all


@pytest.mark.parametrize(
    ("by", "order"),
    [
        (("execution_id",), (("calls", False), ("execution_id", False))),
        (("execution_id",), (("execution_id", True),)),
        (("flow", "execution_id"), (("cost_nanos", True), ("flow", False), ("execution_id", False))),
        (("execution_id", "flow"), (*_MOST, ("flow", False))),
    ],
)
async def test_other_orders_and_columns_say_the_same(desk: Desk, by: Any, order: Any) -> None:
    of_sums, of_all = await answers(desk, question(2, 6, by=by, order=order), 3, 20)
    assert of_sums == of_all != []


async def test_page_far_behind_goes_on_where_the_one_before_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_totals, "_RANKED_MAX", 10)
    for skip in (5, 6, 30):
        of_sums, of_all = await answers(desk, question(0, 9), skip, 5)
        assert of_sums == of_all != []


@pytest.mark.parametrize("filter", ["node = ask", "model = large", f'execution_id = "{execution(1).hex}"', "node:*"])
async def test_what_the_sums_do_not_tell_is_added_up(filter: str) -> None:
    assert not usage_totals.is_of_totals(question(0, 9, filter))


async def test_sums_are_made_of_what_was_used_before_they_were_kept(desk: Desk) -> None:
    expected = await desk.database.fetch_all(_SUMS_OF)
    await desk.database.execute("truncate usage_totals, usage_kept")
    for statement in _MIGRATION.read_text().split(";"):
        if statement.strip().startswith("insert"):
            await desk.database.execute(statement)
    assert await desk.database.fetch_all(_SUMS) == expected != []


async def test_what_is_removed_is_no_longer_in_the_sums(desk: Desk) -> None:
    before = await desk.database.fetch_all(_SUMS_OF)
    assert await desk.database.fetch_all(_SUMS) == before
    gone: list[UUID] = [execution(number) for number in range(0, _COUNT, 4)]
    async with desk.database.transaction() as connection:
        removed = "delete from usage_totals where execution_id = any(%(ids)s::uuid[])"
        await connection.execute(f"with {REMOVE_USED.rstrip().rstrip(',')} {removed}", {"ids": gone})
    after = await desk.database.fetch_all(_SUMS_OF)
    assert await desk.database.fetch_all(_SUMS) == after != before
    of_sums, of_all = await answers(desk, question(0, 9), 0, 10)
    assert of_sums == of_all


async def test_database_restored_into_another_server_goes_on_adding_up(desk: Desk) -> None:
    await desk.database.execute(EMPTY)
    await desk.furnish()
    await desk.report(usage("1"))
    await desk.process.rollup.catch_up()
    await desk.report(usage("2"), number=2)
    # As in the dump of a server that has seen more transactions.
    far = 10**12
    await desk.database.execute("update events set xid = xid + %s", (far,))
    await desk.database.execute("update usage_progress set xid = xid + %s", (far,))
    [block] = [block for block in blocks("docs/usage.md") if block.language == "sql"]
    for statement in block.text.split(";")[1:-2]:
        await desk.database.execute(statement)
    await desk.report(usage("4"), number=3)
    await desk.process.rollup.catch_up()
    assert [row[6:] for row in await desk.days()] == [(3, 0, 0, 0, 7_000_000_000)]
