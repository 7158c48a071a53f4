"""GET /invocations/v1/executions against a real server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.support import (
    EXECUTIONS,
    completed,
    refusal,
    streamed,
)
from tests.harness import Answer, Server


def listed(server: Server, **parameters: Any) -> Answer:
    query = "&".join(f"{name}={quote(str(value))}" for name, value in parameters.items())
    return server.request("GET", f"{EXECUTIONS}?{query}")


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [execution["execution_id"] for execution in answer.json["executions"]]


@pytest.fixture(scope="module")
def five(server: Server) -> list[str]:
    """Five executions with the label lot=five, oldest first: three of hello, one of orders that failed, one of logs."""
    labels = {"lot": "five"}
    done = [completed(server, "hello", {"name": str(number)}, labels=labels) for number in range(3)]
    done.append(completed(server, "orders", {"order_id": "A-1"}, labels=labels | {"team": "blue"}))
    *_, final = streamed(server, "logs", {"file": "access.log"}, labels=labels)
    return [*done, final.json["execution_id"]]


LOT = 'labels.lot = "five"'


def test_executions_are_listed_newest_first(server: Server, five: list[str]) -> None:
    answer = listed(server, filter=LOT)
    assert ids(answer) == five[::-1]
    assert list(answer.json) == ["executions", "next_page_token"]
    assert answer.json["next_page_token"] == ""


def test_a_list_holds_what_a_get_gives(server: Server, five: list[str]) -> None:
    assert listed(server, filter=LOT).json["executions"] == [server.execution(one) for one in five[::-1]]


@pytest.mark.parametrize(
    ("order", "is_ascending"), [("create_time desc", False), ("create_time asc", True), ("create_time", True)]
)
def test_a_list_has_two_orders(server: Server, five: list[str], order: str, is_ascending: bool) -> None:
    assert ids(listed(server, filter=LOT, order_by=order)) == (five if is_ascending else five[::-1])


@pytest.mark.parametrize("order", ["create_time desc", "create_time asc"])
@pytest.mark.parametrize("size", [1, 2, 4, 5])
def test_pages_follow_each_other_without_gap_or_repeat(server: Server, five: list[str], size: int, order: str) -> None:
    pages, token = [], ""
    while True:
        answer = listed(server, filter=LOT, order_by=order, page_size=size, page_token=token)
        pages.append(ids(answer))
        if not (token := answer.json["next_page_token"]):
            break
        # What comes in between does not move the pages.
        server.begin("hello", {"name": "Eve"}, labels={"lot": "later"})
    assert [one for page in pages for one in page] == (five if order.endswith("asc") else five[::-1])
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)


def test_a_page_has_fifty_executions_unless_asked(server: Server) -> None:
    for number in range(51):
        server.begin("hello", {"name": str(number)}, labels={"lot": "fifty-one"})
    first = listed(server, filter="labels.lot=fifty-one")
    rest = listed(server, filter="labels.lot=fifty-one", page_token=first.json["next_page_token"])
    assert (len(ids(first)), len(ids(rest)), rest.json["next_page_token"]) == (50, 1, "")
    assert len(ids(listed(server, filter="labels.lot=fifty-one", page_size=1001))) == 51


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('flow = "hello"', [0, 1, 2]),
        ("flow = hello", [0, 1, 2]),
        ("flow = h*", [0, 1, 2]),
        ("flow != hello", [3, 4]),
        ("status = FAILED", [3]),
        ("status = COMPLETED AND flow = hello", [0, 1, 2]),
        ("flow = logs OR status = FAILED", [3, 4]),
        ("NOT status = COMPLETED", [3]),
        ("-flow = hello", [3, 4]),
        ("(flow = hello OR flow = logs) AND mode = PIPELINE", [4]),
        ("failure_class = LOGIC", [3]),
        ("failure_class:*", [3]),
        ("labels.team = blue", [3]),
        ("labels:team", [3]),
        ("NOT labels:team", [0, 1, 2, 4]),
        ("version = 1", [0, 1, 2, 3, 4]),
        ("version > 1", []),
        ('create_time > "2020-01-01T00:00:00Z"', [0, 1, 2, 3, 4]),
        ('complete_time < "2020-01-01T00:00:00Z"', []),
        ("status = RUNNING", []),
    ],
)
def test_a_list_is_filtered(server: Server, five: list[str], text: str, places: list[int]) -> None:
    answer = listed(server, filter=f"({text}) AND {LOT}", order_by="create_time")
    assert ids(answer) == [five[place] for place in places]


def test_a_list_is_filtered_by_times_and_ids(server: Server, five: list[str]) -> None:
    times = [server.execution(one)["create_time"] for one in five]
    assert ids(listed(server, filter=f'create_time >= "{times[2]}" AND {LOT}', order_by="create_time")) == five[2:]
    assert ids(listed(server, filter=f'create_time < "{times[2]}" AND {LOT}', order_by="create_time")) == five[:2]
    assert ids(listed(server, filter=f"execution_id = {five[1]}")) == [five[1]]
    graph_id = server.info["flows"]["orders"]["graph_id"]
    assert ids(listed(server, filter=f"graph_id = {graph_id} AND {LOT}")) == [five[3]]


@pytest.mark.parametrize(
    ("parameters", "field", "problem", "reason"),
    [
        ({"page_size": -1}, "page_size", "expected 1 to 1000, got -1", "INVALID_ARGUMENT"),
        ({"page_size": "x"}, "page_size", 'expected int32, got "x"', "WRONG_TYPE"),
        (
            {"page_size": 2**31},
            "page_size",
            'expected int32 (-2147483648 to 2147483647), got "2147483648"',
            "OUT_OF_RANGE",
        ),
        (
            {"order_by": "flow"},
            "order_by",
            'expected one of create_time, complete_time, duration, with "asc" or "desc", got \'flow\'',
            "INVALID_ARGUMENT",
        ),
        (
            {"filter": "status = SLEEPING"},
            "filter",
            "position 10: expected one of QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, TIMED_OUT, PAUSED,"
            ' WAITING_ON_GATE, COMPENSATING, got "SLEEPING"',
            "INVALID_FILTER",
        ),
        (
            {"filter": "color = red"},
            "filter",
            "position 1: expected one of status, execution_id, parent_execution_id, flow, graph_id, version, alias,"
            " mode, create_time, start_time, update_time, complete_time, duration, failure_class, classification,"
            " error.class, error.code, error.node, node.ran, node.waiting, labels.<key>, input.<path>, output.<path>,"
            ' got "color"',
            "INVALID_FILTER",
        ),
        (
            {"filter": "flow = hello AND"},
            "filter",
            'position 17: expected a comparison such as status = "RUNNING", got end of text',
            "INVALID_FILTER",
        ),
        (
            {"filter": "create_time > yesterday"},
            "filter",
            'position 15: expected a time such as "2026-01-31T12:00:00Z", got "yesterday"',
            "INVALID_FILTER",
        ),
        (
            {"page_token": "made-up"},
            "page_token",
            "expected the next_page_token of the answer before, got another text",
            "INVALID_PAGE_TOKEN",
        ),
        (
            {"limit": 3},
            "limit",
            "unknown parameter; known are: filter, order_by, page_size, page_token, with_total_size",
            "",
        ),
    ],
)
def test_a_wrong_parameter_of_a_list_is_named(
    server: Server, parameters: dict[str, Any], field: str, problem: str, reason: str
) -> None:
    status, body = refusal(listed(server, **parameters))
    assert (status, body["code"], body["reason"]) == (400, "INVALID_ARGUMENT", reason or "UNKNOWN_PARAMETER")
    assert body["error"] == f"{field}: {problem}"
    assert [violation["field"] for violation in body["details"]["violations"]] == [field]


def test_a_page_token_of_another_list_is_refused(server: Server, five: list[str]) -> None:
    token = listed(server, filter=LOT, page_size=1).json["next_page_token"]
    status, body = refusal(listed(server, filter="flow = hello", page_size=1, page_token=token))
    assert (status, body["reason"]) == (400, "INVALID_PAGE_TOKEN")
    assert body["error"].startswith("page_token: expected a token of a list with the same arguments")
