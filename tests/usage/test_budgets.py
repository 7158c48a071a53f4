"""Budgets count what they are for, in their period, and block what they cover."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.errors import AlreadyExists, Conflict, InvalidArgument, NotFound, Overloaded
from penstock.engine.domain.page import PageTokenError
from penstock.engine.nodes.authoring import PolicyError
from penstock.engine.rpc.settings.budget_checks import check_budget
from penstock.engine.runtime.settings.budgets import Block, Budgets
from penstock.wire.gen import usage_service_pb2 as pb
from penstock.wire.gen.budget_pb2 import Budget
from penstock.wire.service import Caller
from tests.usage.desk import ADA, BOB, FLOW, Desk, ManualClock, usage

JANUARY_US, FEBRUARY_US = 1_767_225_600_000_000, 1_769_904_000_000_000


async def create(desk: Desk, caller: Caller = ADA, **fields: Any) -> Budget:
    given = {"budget_id": "team", "period": "MONTH", "cost_limit": "1"} | fields
    if "token_limit" in given:
        del given["cost_limit"]
    return await desk.service.create_budget(pb.CreateBudgetRequest(budget=Budget(**given)), caller)


async def update(desk: Desk, *paths: str, caller: Caller = ADA, allow_missing: bool = False, **fields: Any) -> Budget:
    request = pb.UpdateBudgetRequest(budget=Budget(**{"budget_id": "team"} | fields), allow_missing=allow_missing)
    request.update_mask.paths.extend(paths)
    return await desk.service.update_budget(request, caller)


async def get(desk: Desk, budget_id: str = "team", caller: Caller = ADA) -> Budget:
    return await desk.service.get_budget(pb.GetBudgetRequest(budget_id=budget_id), caller)


async def blocked(budgets: Budgets, flow: str = FLOW, caller: Caller = ADA) -> Block | None:
    """As an invocation asks: nobody is asked while nothing blocks."""
    return await budgets.block_of(caller.account, flow) if budgets.blocks else None


async def test_budget_shows_what_was_spent_of_it(desk: Desk) -> None:
    await desk.report(usage("0.25", 10, output_tokens=5))
    created = await create(desk, description="for all", warn_at=0.5)
    times = {name: getattr(created, name) for name in ("create_time", "update_time")}
    assert times["create_time"] == times["update_time"]
    assert times["create_time"].ToMicroseconds() == desk.clock.now_us()
    expected = Budget(
        budget_id="team",
        description="for all",
        period=Budget.MONTH,
        cost_limit="1",
        warn_at=0.5,
        action=Budget.WARN,
        state=Budget.OK,
        spent_cost="0.25",
        spent_tokens=15,
        **times,
    )
    expected.period_start_time.FromMicroseconds(JANUARY_US)
    expected.renew_time.FromMicroseconds(FEBRUARY_US)
    assert created == await get(desk) == expected


async def test_budget_counts_what_it_is_for(desk: Desk) -> None:
    await desk.report(usage("3"), usage("2", provider="other", model="small"), usage("2", model="small"))
    await desk.report(usage("8", model="small"), number=2, flow="tea")
    await desk.report(usage("100"), number=3, caller=BOB)
    expected = [
        ({}, "15"),
        ({"flow": FLOW}, "7"),
        ({"provider": "acme"}, "13"),
        ({"model": "small"}, "12"),
        ({"provider": "acme", "model": "small"}, "10"),
        ({"flow": FLOW, "provider": "other"}, "2"),
        ({"provider": "nobody"}, "0"),
    ]
    found = [
        (scope, (await create(desk, budget_id=f"b{number}", **scope)).spent_cost)
        for number, (scope, _) in enumerate(expected)
    ]
    assert found == expected


async def test_budget_begins_anew_with_its_period(desk: Desk, clock: ManualClock) -> None:
    for cost, day in (("1", "2025-12-31"), ("2", "2026-01-30"), ("4", "2026-01-31")):
        await desk.report(usage(cost), day=day)
    for period in ("DAY", "MONTH", "TOTAL"):
        await create(desk, budget_id=period.lower(), period=period)
    expected = {
        "2026-01-31T00:00:00": ("4", "6", "7"),
        "2026-01-31T23:59:59.999999": ("4", "6", "7"),
        "2026-02-01T00:00:00": ("0", "0", "7"),
        "2030-12-31T00:00:00": ("0", "0", "7"),
    }
    for now, spent in expected.items():
        clock.set(now)
        budgets = (await desk.service.list_budgets(pb.ListBudgetsRequest(), ADA)).budgets
        assert tuple(budget.spent_cost for budget in budgets) == spent, now
        ends = [budget.renew_time.ToDatetime().isoformat() for budget in budgets if budget.HasField("renew_time")]
        assert len(ends) == 2
        assert all(end > now for end in ends)


async def test_states_follow_what_is_spent(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await create(desk, token_limit=10)
    states = []
    for tokens in (7, 1, 2, 5):
        await desk.report(usage(tokens=tokens))
        await desk.process.rollup.catch_up()
        states.append((await get(desk)).state)
    assert states == [Budget.OK, Budget.WARNED, Budget.EXCEEDED, Budget.EXCEEDED]
    told = [(record.action, record.budget) for record in caplog.records]  # type: ignore[attr-defined]
    assert told == [("budget_warned", "team"), ("budget_exceeded", "team")]


async def test_what_is_spent_is_the_same_followed_step_by_step_or_added_up_anew(desk: Desk, clock: ManualClock) -> None:
    clock.set("2026-01-30T12:00:00")
    scopes: dict[str, dict[str, Any]] = {"all": {}, "flow": {"flow": FLOW}, "model": {"model": "small"}}
    for name, scope in scopes.items():
        for period in ("DAY", "MONTH", "TOTAL"):
            await create(desk, budget_id=f"{name}-{period.lower()}", period=period, **scope)
    for day in ("2026-01-30", "2026-01-31", "2026-02-01"):
        clock.set(f"{day}T12:00:00")
        for number, model in enumerate(("large", "small", "small")):
            flow = "tea" if number == 1 else FLOW
            await desk.report(usage(f"0.{number + 1}", number, model=model), number=number, flow=flow, day=day)
            # Of the day before, a little late.
            await desk.report(usage("0.01", 1, model=model), number=number, flow=flow, day="2026-01-30")
            await desk.process.rollup.catch_up()
    followed = (await desk.service.list_budgets(pb.ListBudgetsRequest(), ADA)).budgets
    assert {budget.budget_id: budget.spent_cost for budget in followed} == {
        "all-day": "0.6",
        "all-month": "0.6",
        "all-total": "1.89",
        "flow-day": "0.4",
        "flow-month": "0.4",
        "flow-total": "1.26",
        "model-day": "0.5",
        "model-month": "0.5",
        "model-total": "1.56",
    }
    for budget in followed:
        anew = await update(desk, budget_id=budget.budget_id, description="anew")
        assert (anew.spent_cost, anew.spent_tokens) == (budget.spent_cost, budget.spent_tokens)


async def test_what_is_used_up_blocks_until_it_begins_anew(desk: Desk, clock: ManualClock) -> None:
    await create(desk, action="BLOCK", flow=FLOW)
    budgets = desk.process.budgets
    await desk.report(usage("0.99"))
    await desk.process.rollup.catch_up()
    assert budgets.blocks == {}
    await desk.report(usage("0.02"))
    await desk.process.rollup.catch_up()
    block = await blocked(budgets)
    assert block is not None
    refusal = budgets.refusal(block)
    assert isinstance(refusal, Overloaded)
    assert (refusal.reason, refusal.message) == (
        "BUDGET_EXCEEDED",
        "budget team is used up: 1.01 of 1 USD this month; it begins anew at 2026-02-01T00:00:00Z",
    )
    assert refusal.facts == {"budget_id": "team", "renew_time": "2026-02-01T00:00:00Z", "retry_after_s": "43200"}
    assert await blocked(budgets, "tea") is None
    assert await blocked(budgets, caller=BOB) is None
    clock.set("2026-01-31T23:59:59.999999")
    assert await blocked(budgets) is not None
    clock.set("2026-02-01T00:00:00")
    assert await blocked(budgets) is None
    await desk.process.rollup._look()
    assert budgets.blocks == {}
    assert (await get(desk)).state == Budget.OK
    await desk.report(usage("3"), day="2026-02-01")
    await desk.process.rollup.catch_up()
    assert await blocked(budgets) is not None


async def test_a_budget_for_ever_says_who_can_help(desk: Desk) -> None:
    await desk.report(usage(tokens=1_500))
    await create(desk, action="BLOCK", period="TOTAL", token_limit=1_000)
    block = await blocked(desk.process.budgets)
    assert block is not None
    refusal = desk.process.budgets.refusal(block)
    assert refusal.message == "budget team is used up: 1,500 of 1,000 tokens; somebody has to raise or remove it"
    assert refusal.facts == {"budget_id": "team", "retry_after_s": "3600"}


async def test_warning_blocks_nobody(desk: Desk) -> None:
    await desk.report(usage("5"))
    assert (await create(desk, action="WARN")).state == Budget.EXCEEDED
    assert desk.process.budgets.blocks == {}


async def test_budget_of_a_provider_blocks_the_flows_that_use_it(desk: Desk, clock: ManualClock) -> None:
    await desk.report(usage("0.1"), number=1, flow="tea", day="2026-01-02")
    await desk.report(usage("0.1", provider="other"), number=2, flow="milk")
    await create(desk, action="BLOCK", provider="acme", period="DAY")
    await desk.report(usage("1"), number=3)
    await desk.process.rollup.catch_up()
    budgets = desk.process.budgets
    found = {flow: await blocked(budgets, flow) is not None for flow in (FLOW, "tea", "milk")}
    assert found == {FLOW: True, "tea": True, "milk": False}
    # One that turns out to use it is blocked from then on.
    await desk.report(usage("0.1"), number=4, flow="milk")
    await desk.process.rollup.catch_up()
    assert await blocked(budgets, "milk") is not None


async def test_larger_limit_lets_in_at_once_in_every_process_of_the_directory(desk: Desk) -> None:
    await desk.report(usage("1"))
    await create(desk, action="BLOCK")
    other = desk.another()
    await other.budgets.load()
    assert await blocked(other.budgets) is not None
    await update(desk, cost_limit="2")
    assert await blocked(other.budgets) is None
    await update(desk, token_limit=1)
    await other.budgets.load()
    assert await blocked(other.budgets) is None
    await desk.report(usage(tokens=1))
    await other.rollup.catch_up()
    assert await blocked(other.budgets) is not None
    await desk.service.delete_budget(pb.DeleteBudgetRequest(budget_id="team"), ADA)
    assert await blocked(other.budgets) is None
    assert other.budgets.blocks == {}


async def test_process_of_another_directory_notices_with_its_next_look(desk: Desk, tmp_path: Path) -> None:
    far = desk.another(tmp_path / "far")
    await far.rollup._look()
    await desk.report(usage("1"))
    await create(desk, action="BLOCK")
    assert far.budgets.blocks == {}
    await far.rollup._look()
    assert await blocked(far.budgets) is not None
    await desk.service.delete_budget(pb.DeleteBudgetRequest(budget_id="team"), ADA)
    assert await blocked(far.budgets) is not None
    await far.rollup._look()
    assert far.budgets.blocks == {}


async def test_what_runs_is_stopped_only_where_the_budget_says_so(desk: Desk) -> None:
    await desk.report(usage("1"))
    await create(desk, action="BLOCK", flow=FLOW)
    budgets = desk.process.budgets
    assert (budgets.stops, desk.process.stopped) == ({}, 0)
    await update(desk, stop_running=True)
    assert list(budgets.stops) == [ADA.account]
    assert desk.process.stopped == 1
    with pytest.raises(PolicyError, match="budget team is used up") as stopped:
        budgets.require_running(ADA.account, FLOW)
    assert (stopped.value.code, stopped.value.retryable) == ("BUDGET_EXCEEDED", False)
    budgets.require_running(ADA.account, "tea")
    budgets.require_running(BOB.account, FLOW)


async def test_budgets_are_listed_by_name_in_pages(desk: Desk) -> None:
    for name in ("c", "a", "b"):
        await create(desk, budget_id=name)
    await create(desk, BOB, budget_id="d")
    first = await desk.service.list_budgets(pb.ListBudgetsRequest(page_size=2), ADA)
    assert [budget.budget_id for budget in first.budgets] == ["a", "b"]
    request = pb.ListBudgetsRequest(page_size=2, page_token=first.next_page_token)
    rest = await desk.service.list_budgets(request, ADA)
    assert ([budget.budget_id for budget in rest.budgets], rest.next_page_token) == (["c"], "")
    with pytest.raises(PageTokenError):
        await desk.service.list_budgets(request, BOB)


async def test_update_changes_what_is_named_alone(desk: Desk, clock: ManualClock) -> None:
    created = await create(desk, description="old", provider="acme")
    clock.time_us += 1
    changed = await update(desk, token_limit=5)
    expected = Budget()
    expected.CopyFrom(created)
    expected.token_limit = 5
    expected.update_time.FromMicroseconds(clock.now_us())
    assert changed == await get(desk) == expected
    changed = await update(desk, "description", "provider")
    assert (changed.description, changed.provider, changed.token_limit) == ("", "", 5)
    changed = await update(desk, "*", period="DAY", cost_limit="2.50")
    assert (changed.period, changed.cost_limit, changed.action) == (Budget.DAY, "2.5", Budget.WARN)


async def test_update_may_make_what_is_missing(desk: Desk) -> None:
    with pytest.raises(NotFound, match="there is no budget team"):
        await update(desk, cost_limit="1", period="DAY")
    made = await update(desk, cost_limit="1", period="DAY", allow_missing=True)
    assert made == await get(desk)


async def test_another_account_sees_nothing(desk: Desk) -> None:
    await create(desk)
    delete = pb.DeleteBudgetRequest(budget_id="team")
    with pytest.raises(NotFound):
        await get(desk, caller=BOB)
    with pytest.raises(NotFound):
        await update(desk, cost_limit="9", caller=BOB)
    with pytest.raises(NotFound):
        await desk.service.delete_budget(delete, BOB)
    assert list((await desk.service.list_budgets(pb.ListBudgetsRequest(), BOB)).budgets) == []
    assert (await create(desk, BOB)).budget_id == "team"
    await desk.service.delete_budget(delete, ADA)
    with pytest.raises(NotFound):
        await desk.service.delete_budget(delete, ADA)


async def test_names_are_used_once_and_there_are_only_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await create(desk)
    with pytest.raises(AlreadyExists, match="there is a budget team already"):
        await create(desk)
    monkeypatch.setattr(limits, "BUDGETS_MAX", 1)
    with pytest.raises(Conflict, match="the account has 1 budgets already"):
        await create(desk, budget_id="another")


async def test_budget_of_a_flow_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound, match="there is no flow nothing"):
        await create(desk, flow="nothing")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"budget_id": "Team"}, "budget.budget_id: expected a name such as team-a"),
        ({"budget_id": ""}, "budget.budget_id: expected a name such as team-a"),
        ({"description": "x" * 1_025}, "budget.description: expected at most 1,024 characters"),
        ({"flow": "no flow"}, "budget.flow: expected the name of a flow"),
        ({"provider": "x" * 257}, "budget.provider: expected at most 256 characters"),
        ({"model": "a\0"}, "budget.model: expected at most 256 characters without NUL"),
        ({"period": 0}, "budget.period: expected one of DAY, MONTH, TOTAL, got PERIOD_UNSPECIFIED"),
        ({"period": 9}, "budget.period: expected one of DAY, MONTH, TOTAL, got 9"),
        ({"cost_limit": "-1"}, "budget.cost_limit: expected US dollars above 0"),
        ({"cost_limit": "0.0"}, "budget.cost_limit: expected US dollars above 0"),
        ({"cost_limit": "1e3"}, "budget.cost_limit: expected US dollars above 0"),
        ({"cost_limit": "0.0000000001"}, "budget.cost_limit: expected US dollars above 0"),
        ({"token_limit": 0}, "budget.token_limit: expected a whole number from 1"),
        ({"token_limit": -5}, "budget.token_limit: expected a whole number from 1"),
        ({"warn_at": 0}, "budget.warn_at: expected a part above 0 and at most 1, got 0"),
        ({"warn_at": 1.5}, "budget.warn_at: expected a part above 0 and at most 1, got 1.5"),
        ({"warn_at": float("nan")}, "budget.warn_at: expected a part above 0 and at most 1, got nan"),
        ({"action": 9}, "budget.action: expected one of WARN, BLOCK, got 9"),
        ({"stop_running": True}, "budget.stop_running: expected it only with the action BLOCK"),
    ],
)
def test_budget_that_makes_no_sense_is_refused(fields: dict[str, Any], problem: str) -> None:
    given = {"budget_id": "team", "period": "MONTH"} | ({} if "token_limit" in fields else {"cost_limit": "1"})
    with pytest.raises(InvalidArgument) as refused:
        check_budget(Budget(**given | fields))
    assert refused.value.message.startswith(problem)
    assert problem.startswith(refused.value.field)


async def test_budget_without_a_limit_and_mask_of_what_cannot_be_changed_are_refused(desk: Desk) -> None:
    with pytest.raises(InvalidArgument, match="expected cost_limit or token_limit, got neither"):
        await desk.service.create_budget(
            pb.CreateBudgetRequest(budget=Budget(budget_id="team", period=Budget.DAY)), ADA
        )
    with pytest.raises(InvalidArgument, match=r"update_mask: expected description, flow, .* got 'spent_cost'"):
        await update(desk, "spent_cost")
