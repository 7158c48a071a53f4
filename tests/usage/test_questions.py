"""Usage is added up as it is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.page import PageTokenError
from penstock.wire.gen import usage_service_pb2 as pb
from penstock.wire.gen.usage_pb2 import Usage
from penstock.wire.service import Caller
from tests.storage.samples import opened
from tests.usage.conftest import EMPTY
from tests.usage.desk import ADA, BOB, Desk, ManualClock, execution, usage

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="desk")
async def spent(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """What Ada's flows used in three days, and Bob's in one: tests share it and change nothing."""
    async with opened(database_url) as database:
        await database.execute(EMPTY)
        desk = Desk(database, database_url, ManualClock(), tmp_path_factory.mktemp("usage"))
        await desk.furnish()
        await spend(desk)
        yield desk


async def spend(desk: Desk) -> None:
    await desk.report(usage("0.5", 10), usage("0.25", model="small"), number=1, day="2026-01-29")
    await desk.report(usage("2", 5, provider="other"), number=2, flow="tea", day="2026-01-30")
    await desk.report(usage("1"), number=1, node=1, day="2026-01-31")
    await desk.report(usage("100"), number=3, caller=BOB)


async def ask(desk: Desk, caller: Caller = ADA, **fields: Any) -> pb.QueryUsageResponse:
    return await desk.service.query_usage(pb.QueryUsageRequest(**fields), caller)


def told(answer: pb.QueryUsageResponse) -> list[tuple[str, ...]]:
    """The groups with their cost."""
    names = ("execution_id", "flow", "node", "provider", "model", "date")
    return [(*(getattr(each, name) for name in names if each.HasField(name)), each.cost) for each in answer.usage]


async def test_everything_is_one_sum(desk: Desk) -> None:
    total = Usage(calls=4, input_tokens=15, cost="3.75")
    assert await ask(desk) == pb.QueryUsageResponse(
        usage=[total], total=total, start_date="2026-01-02", end_date="2026-01-31"
    )


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        (["FLOW"], [("tea", "2"), ("chat", "1.75")]),
        (["PROVIDER", "MODEL"], [("other", "large", "2"), ("acme", "large", "1.5"), ("acme", "small", "0.25")]),
        (["MODEL", "PROVIDER"], [("other", "large", "2"), ("acme", "large", "1.5"), ("acme", "small", "0.25")]),
        (["NODE"], [("ask", "2.75"), ("answer", "1")]),
        (["DAY"], [("2026-01-31", "1"), ("2026-01-30", "2"), ("2026-01-29", "0.75")]),
        (["EXECUTION"], [(execution(2).hex, "2"), (execution(1).hex, "1.75")]),
    ],
)
async def test_usage_is_added_up_by(desk: Desk, group_by: list[str], expected: list[tuple[str, ...]]) -> None:
    answer = await ask(desk, group_by=group_by)
    assert sorted(map(sorted, told(answer))) == sorted(map(sorted, expected))
    assert [row[-1] for row in told(answer)] == [row[-1] for row in expected]
    assert answer.total.cost == "3.75"


@pytest.mark.parametrize(
    ("filter", "cost"),
    [
        ("flow = chat", "1.75"),
        ('flow != "chat"', "2"),
        ('flow = "t*"', "2"),
        ('NOT flow = "t*" AND model = small', "0.25"),
        ("provider = acme OR provider = other", "3.75"),
        ("node:* AND node > ask", "0"),
        ("node >= ask", "2.75"),
        (f'execution_id = "{execution(1).hex}"', "1.75"),
        (f'execution_id = "{execution(3).hex}"', "0"),
        ("flow = nothing", "0"),
    ],
)
async def test_usage_is_filtered(desk: Desk, filter: str, cost: str) -> None:
    answer = await ask(desk, filter=filter)
    assert answer.total.cost == cost
    assert len(answer.usage) == (cost != "0")


@pytest.mark.parametrize(
    ("order_by", "flows"),
    [
        ("cost", ["chat", "tea"]),
        ("cost desc", ["tea", "chat"]),
        ("calls desc", ["chat", "tea"]),
        (" flow  desc ", ["tea", "chat"]),
        ("cached_tokens, flow asc", ["chat", "tea"]),
    ],
)
async def test_usage_is_ordered(desk: Desk, order_by: str, flows: list[str]) -> None:
    answer = await ask(desk, group_by=["FLOW"], order_by=order_by)
    assert [each.flow for each in answer.usage] == flows


@pytest.mark.parametrize(
    ("first", "last", "cost"),
    [
        ("2026-01-30", "2026-01-30", "2"),
        ("2026-01-30", "", "3"),
        ("", "2026-01-29", "0.75"),
        ("2025-02-01", "", "3.75"),
        ("2027-01-01", "2027-01-01", "0"),
        ("", "0001-01-05", "0"),
        ("", "9999-12-31", "0"),
    ],
)
async def test_days_bound_what_counts(desk: Desk, first: str, last: str, cost: str) -> None:
    assert (await ask(desk, start_date=first, end_date=last)).total.cost == cost


async def test_pages_give_every_group_once_and_the_same_total(desk: Desk) -> None:
    dimensions = ["DAY", "MODEL", "NODE"]
    whole = await ask(desk, group_by=dimensions)
    found: list[Usage] = []
    token = ""
    while True:
        answer = await ask(desk, group_by=dimensions, page_size=1, page_token=token)
        assert answer.total == whole.total
        found += answer.usage
        token = answer.next_page_token
        if not token:
            break
    assert found == list(whole.usage)
    assert len(found) == 4


async def test_page_token_holds_for_the_same_question_alone(desk: Desk) -> None:
    token = (await ask(desk, group_by=["FLOW"], page_size=1)).next_page_token
    for other in ({"group_by": ["NODE"]}, {"group_by": ["FLOW"], "filter": "flow = tea"}):
        with pytest.raises(PageTokenError):
            await ask(desk, page_size=1, page_token=token, **other)
    with pytest.raises(PageTokenError):
        await ask(desk, BOB, group_by=["FLOW"], page_size=1, page_token=token)


async def test_another_account_sees_its_own_alone(desk: Desk) -> None:
    assert told(await ask(desk, BOB, group_by=["FLOW"])) == [("chat", "100")]
    assert told(await ask(desk, Caller("eve", "key of Eve"), group_by=["FLOW"])) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"group_by": [0]}, "group_by: expected each of EXECUTION, FLOW, NODE, .* got DIMENSION_UNSPECIFIED"),
        ({"group_by": [77]}, "group_by: expected each of .* got 77"),
        ({"group_by": [2, 2]}, "group_by: expected each of .* at most once, got FLOW twice"),
        ({"filter": "team = blue"}, "filter: .*one of flow, node, provider, model, execution_id"),
        ({"filter": "flow ="}, "filter: "),
        ({"start_date": "2026-1-1"}, "start_date: expected a day such as 2026-01-31, got '2026-1-1'"),
        ({"start_date": "2026-W01-1"}, "start_date: expected a day"),
        ({"end_date": "2026-02-30"}, "end_date: expected a day such as 2026-01-31, got '2026-02-30'"),
        ({"start_date": "2026-02-01"}, "start_date: expected no later day than end_date, 2026-01-31, got 2026-02-01"),
        ({"start_date": "2024-01-01"}, "start_date: expected at most 366 days up to end_date, got 762"),
        ({"order_by": "money"}, "order_by: expected fields of the answer such as cost desc, .* got 'money'"),
        ({"order_by": "flow"}, "order_by: expected fields of the answer .* got 'flow'"),
        ({"order_by": "cost, cost desc"}, "order_by: .* got 'cost desc'"),
        ({"order_by": "cost down"}, "order_by: .* got 'cost down'"),
        ({"order_by": ","}, "order_by: .* got ''"),
        ({"page_size": -1}, "page_size: expected 1 to"),
        ({"page_token": "x"}, "page_token: "),
    ],
)
async def test_question_that_makes_no_sense_is_refused(desk: Desk, fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidArgument, match=problem):
        await ask(desk, **fields)
