"""`penstock usage` and `penstock budgets` against a scripted server."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.cli.conftest import Penstock, environment, penstock, server
from tests.cli.fake_server import Answer, FakeServer, refusal

__all__ = ["environment", "penstock", "server"]

USAGE, BUDGETS = "/usage/v1/usage", "/usage/v1/budgets"
TIME = "2026-02-01T00:00:00Z"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables show local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def sums(cost: str, calls: int = 1, **group: str) -> dict[str, Any]:
    return {**group, "calls": calls, "input_tokens": 1_000, "cached_tokens": 0, "output_tokens": 5, "cost": cost}


def page(*usage: Any, token: str = "", total: str = "0") -> Answer:
    days = {"start_date": "2026-01-02", "end_date": "2026-01-31"}
    return Answer({"usage": usage, "total": sums(total, calls=len(usage)), **days, "next_page_token": token})


def budget(**fields: Any) -> dict[str, Any]:
    one = {"budget_id": "team", "description": "", "flow": "", "provider": "", "model": "", "period": "MONTH"}
    one |= {"action": "WARN", "stop_running": False, "state": "OK", "spent_cost": "0.5", "spent_tokens": 1_234}
    return one | fields


def test_usage_is_a_table_with_a_sum(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {USAGE}", page(sums("2.5", flow="chat"), sums("0.000001", flow="tea"), total="2.500001"))
    outcome = penstock("usage")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "FLOW  CALLS  INPUT  CACHED  OUTPUT  USD",
        "chat  1      1,000  0       5       2.5",
        "tea   1      1,000  0       5       0.000001",
        "all   2      1,000  0       5       2.500001",
    ]
    assert server.requests[0].query == {"group_by": "FLOW", "page_size": "50"}


def test_usage_says_what_it_was_asked(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {USAGE}", page(sums("1", date="2026-01-30")))
    words = ("--by", "day", "--filter", "flow = chat", "--to", "2026-01-31", "--days", "2", "--order-by", "cost")
    assert penstock("usage", *words).out.splitlines()[1].split() == ["2026-01-30", "1", "1,000", "0", "5", "1"]
    expected = {"group_by": "DAY", "filter": "flow = chat", "start_date": "2026-01-30", "end_date": "2026-01-31"}
    assert server.requests[0].query == {**expected, "order_by": "cost", "page_size": "50"}


def test_usage_of_several_pages_is_one(server: FakeServer, penstock: Penstock) -> None:
    one, two = (sums("1", flow=flow) for flow in ("a", "b"))
    server.on(f"GET {USAGE}", page(one, token="t", total="2"), page(two, total="2"))
    found = json.loads(penstock("usage", "--output", "json").out)
    assert [each["flow"] for each in found["usage"]] == ["a", "b"]
    assert (found["total"]["cost"], "next_page_token" in found) == ("2", False)
    assert [request.query.get("page_token") for request in server.requests] == [None, "t"]


def test_usage_is_csv_for_spreadsheets(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {USAGE}", page(sums("1", execution_id="0" * 32, model='a "b", c')))
    assert penstock("usage", "--by", "execution,model", "--output", "csv").out == (
        "execution_id,model,calls,input_tokens,cached_tokens,output_tokens,cost\n"
        f'{"0" * 32},"a ""b"", c",1,1000,0,5,1\n'
    )


def test_no_usage_says_so(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {USAGE}", page())
    assert penstock("usage").out == "no usage was reported from 2026-01-02 to 2026-01-31\n"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("usage", "--by", "flow,colour"), 'expected any of execution, flow, node, provider, model, day, got "colour"'),
        (("usage", "--days", "2", "--from", "2026-01-01"), "--days and --from say the same: give one of them"),
        (("usage", "--days", "2", "--to", "soon"), '--to: expected a day such as 2026-01-31, got "soon"'),
        (("budgets", "set", "Team"), 'expected the name of a budget such as team-a, got "Team"'),
        (("budgets", "set", "team", "--cost", "1", "--tokens", "2"), "not allowed with argument"),
        (("budgets", "set", "team", "--period", "week"), "invalid choice: 'week'"),
    ],
)
def test_wrong_words_are_told(penstock: Penstock, words: tuple[str, ...], problem: str) -> None:
    outcome = penstock(*words)
    assert outcome.code == 2
    assert problem in outcome.err


def test_budgets_are_a_table(server: FakeServer, penstock: Penstock) -> None:
    blocking = {"action": "BLOCK", "stop_running": True, "period": "TOTAL", "token_limit": 5_000, "state": "EXCEEDED"}
    budgets = [
        budget(cost_limit="100", renew_time=TIME),
        budget(budget_id="b", flow="chat", provider="acme", model="large", **blocking),
    ]
    server.on(f"GET {BUDGETS}", Answer({"budgets": budgets, "next_page_token": ""}))
    assert penstock("budgets", "list").out.splitlines() == [
        "BUDGET  FOR                    SPENT  LIMIT            STATE     THEN         RENEWS",
        "team    everything             0.5    100 USD a month  OK        WARN         2026-02-01 00:00:00",
        "b       flow chat, acme large  1,234  5,000 tokens     EXCEEDED  BLOCK, STOP",
    ]


def test_no_budgets_say_how_to_make_one(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {BUDGETS}", Answer({"budgets": [], "next_page_token": ""}))
    expected = "no budgets yet: penstock budgets set ID --period month --cost 100 makes one\n"
    assert penstock("budgets", "list").out == expected


def test_budget_is_shown(server: FakeServer, penstock: Penstock) -> None:
    one = budget(cost_limit="1", period="DAY", description="for chats", flow="chat", renew_time=TIME)
    server.on(f"GET {BUDGETS}/team", Answer(one), Answer(one))
    assert penstock("budgets", "get", "team").out.splitlines() == [
        "budget:      team",
        "description: for chats",
        "for:         flow chat",
        "spent:       0.5 of 1 USD a day",
        "state:       OK",
        "then:        WARN",
        "renews:      2026-02-01 00:00:00",
    ]
    assert json.loads(penstock("budgets", "get", "team", "--output", "json").out) == one


def test_set_sends_what_is_said_alone(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"PATCH {BUDGETS}/team", Answer(budget(cost_limit="7")), Answer(budget(token_limit=9)))
    assert penstock("budgets", "set", "team", "--cost", "7", "--flow", "").out == (
        "budget team: 0.5 of 7 USD a month for everything\n"
    )
    words = ("--tokens", "9", "--period", "day", "--action", "block", "--no-stop-running", "--warn-at", "0.9")
    penstock("budgets", "set", "team", *words, "--output", "json")
    first, second = server.requests
    assert first.body == {"flow": "", "cost_limit": "7"}
    assert first.query == {"update_mask": "flow,costLimit", "allow_missing": "true"}
    assert second.body == {
        "token_limit": 9,
        "period": "DAY",
        "action": "BLOCK",
        "stop_running": False,
        "warn_at": 0.9,
    }


def test_refusal_is_one_line(server: FakeServer, penstock: Penstock) -> None:
    answer = refusal("there is no budget team", "NOT_FOUND", 404, reason="NOT_FOUND")
    server.on(f"DELETE {BUDGETS}/team", answer, Answer({}))
    assert penstock("budgets", "delete", "team").err == "penstock: there is no budget team\n"
    assert penstock("budgets", "delete", "team").out == "budget team is gone\n"
