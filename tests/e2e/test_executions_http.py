"""GET /invocations/v1/executions and everything below it, and the cancel, against a real server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.support import (
    EXECUTIONS,
    NOBODY,
    cancel,
    eventually,
    masked,
    not_found,
    refusal,
    refused,
    started,
    streamed,
)
from tests.harness import Answer, Server

ORDER = {"order_id": "A-1", "customer": {"name": "Ada"}, "lines": [{"sku": "POT-IRON", "quantity": 2}]}
WITH_CARD = ORDER | {"customer": {"name": "Ada", "card": "4242424242424242"}}


def listed(server: Server, **parameters: Any) -> Answer:
    query = "&".join(f"{name}={quote(str(value))}" for name, value in parameters.items())
    return server.request("GET", f"{EXECUTIONS}?{query}")


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [execution["execution_id"] for execution in answer.json["executions"]]


def completed(server: Server, flow: str, given: Any, **fields: Any) -> str:
    return str(server.invoke(flow, given, **fields)["execution_id"])


# Lists.


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
            'expected "create_time desc" or "create_time asc", got \'flow\'',
            "INVALID_ARGUMENT",
        ),
        (
            {"filter": "status = SLEEPING"},
            "filter",
            'position 10: expected one of QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED, TIMED_OUT, got "SLEEPING"',
            "INVALID_FILTER",
        ),
        (
            {"filter": "color = red"},
            "filter",
            "position 1: expected one of status, execution_id, flow, graph_id, version, mode, create_time,"
            ' complete_time, failure_class, labels.<key>, got "color"',
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
        ({"limit": 3}, "limit", "unknown parameter; known are: filter, order_by, page_size, page_token", ""),
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


# One execution.


def test_a_completed_execution(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER, labels={"team": "blue"})
    assert masked(server.execution(execution_id)) == {
        "execution_id": execution_id,
        "status": "COMPLETED",
        "flow": "orders",
        "graph_id": server.info["flows"]["orders"]["graph_id"],
        "version": 1,
        "mode": "UNARY",
        "create_time": "TIME",
        "start_time": "TIME",
        "update_time": "TIME",
        "complete_time": "TIME",
        "duration": "DURATION",
        "last_sequence": 9,
        "attempt_count": 3,
        "labels": {"team": "blue"},
    }


def test_times_are_in_order_and_the_duration_is_between_them(server: Server) -> None:
    before = time.time()
    execution = server.execution(completed(server, "hello", {"name": "Ada"}))
    created, began, updated, ended = (
        seconds(execution[name]) for name in ("create_time", "start_time", "update_time", "complete_time")
    )
    assert before - 1 < created <= began <= ended == updated < time.time() + 1
    assert float(execution["duration"].removesuffix("s")) == pytest.approx(ended - created, abs=1e-6)


def seconds(text: str) -> float:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    calendar = time.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    return time.mktime(calendar) - time.timezone + float(f"0.{fraction or 0}")


def test_a_failed_execution_tells_why(server: Server) -> None:
    execution = server.execution(completed(server, "orders", {"order_id": "A-1"}))
    assert (execution["status"], execution["failure_class"], execution["attempt_count"]) == ("FAILED", "LOGIC", 1)
    error = execution["error"]
    assert (error["code"], error["message"], error["node"]) == ("EMPTY_ORDER", "order A-1 has no lines", "price")


def test_a_running_execution_has_no_end_yet(lab: Server, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    execution_id = lab.begin("wait_for_file", {"text": str(gate)})
    started(lab, execution_id, "wait_for_file")
    execution = masked(lab.execution(execution_id))
    gate.touch()
    assert lab.wait(execution_id)["status"] == "COMPLETED"
    assert execution == {
        "execution_id": execution_id,
        "status": "RUNNING",
        "flow": "wait_for_file",
        "graph_id": lab.info["flows"]["wait_for_file"]["graph_id"],
        "version": 1,
        "mode": "UNARY",
        "create_time": "TIME",
        "start_time": "TIME",
        "update_time": "TIME",
        "duration": "DURATION",
        "last_sequence": 3,
        "attempt_count": 1,
        "labels": {},
    }


# Events.


def event(sequence: int, kind: str, node: str = "", **more: Any) -> dict[str, Any]:
    about = {"node": node, "attempt": 1} if node else {}
    return {"sequence": sequence, "type": kind, **about, "time": "TIME", **more}


def test_the_events_of_a_branch_that_was_taken(server: Server) -> None:
    execution_id = completed(server, "orders", WITH_CARD)
    assert masked(server.execution(execution_id, "/events")) == {
        "events": [
            event(1, "EXECUTION_ACCEPTED"),
            event(2, "EXECUTION_STARTED"),
            event(3, "NODE_STARTED", "price"),
            event(4, "NODE_SUCCEEDED", "price"),
            event(5, "NODE_STARTED", "charge"),
            event(6, "NODE_SUCCEEDED", "charge"),
            event(7, "NODE_STARTED", "confirm"),
            event(8, "NODE_SUCCEEDED", "confirm"),
            event(9, "EXECUTION_COMPLETED"),
        ],
        "next_page_token": "",
    }


def test_the_events_of_a_pipeline(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    assert masked(server.execution(final.json["execution_id"], "/events"))["events"] == [
        event(1, "EXECUTION_ACCEPTED"),
        event(2, "EXECUTION_STARTED"),
        event(3, "NODE_STARTED", "scan"),
        event(4, "NODE_STARTED", "judge"),
        *(event(5 + index, "FRAME_EMITTED", "judge", frame_index=index) for index in range(3)),
        event(8, "NODE_SUCCEEDED", "scan"),
        event(9, "NODE_SUCCEEDED", "judge"),
        event(10, "EXECUTION_COMPLETED"),
    ]


def test_a_failure_is_in_the_events(server: Server) -> None:
    execution_id = completed(server, "orders", {"order_id": "A-1"})
    events = server.execution(execution_id, "/events")["events"]
    error = server.execution(execution_id)["error"]
    assert masked(events) == [
        event(1, "EXECUTION_ACCEPTED"),
        event(2, "EXECUTION_STARTED"),
        event(3, "NODE_STARTED", "price"),
        event(4, "NODE_FAILED", "price", error=error),
        event(5, "EXECUTION_FAILED", error=error),
    ]


def test_events_are_given_after_a_sequence_and_of_a_node(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER)
    events = server.execution(execution_id, "/events")["events"]
    assert len(events) == 9
    for after in range(10):
        assert server.execution(execution_id, f"/events?after_sequence={after}")["events"] == events[after:]
    for node in "price", "charge", "invoice", "confirm":
        of_node = [event for event in events if event.get("node") == node]
        assert server.execution(execution_id, f"/events?node={node}")["events"] == of_node
    both = server.execution(execution_id, "/events?node=invoice&after_sequence=5")["events"]
    assert [(event["sequence"], event["type"]) for event in both] == [(6, "NODE_SUCCEEDED")]


@pytest.mark.parametrize("size", [1, 2, 3, 9])
@pytest.mark.parametrize("query", ["", "&node=confirm", "&after_sequence=4"])
def test_events_come_in_pages_without_gap_or_repeat(server: Server, size: int, query: str) -> None:
    execution_id = completed(server, "orders", ORDER)
    whole = server.execution(execution_id, f"/events?page_size=1000{query}")["events"]
    found, token = [], ""
    while True:
        page = server.execution(execution_id, f"/events?page_size={size}{query}&page_token={token}")
        assert len(page["events"]) <= size
        found += page["events"]
        if not (token := page["next_page_token"]):
            break
    assert found == whole


def test_the_events_of_a_long_pipeline_come_in_pages(lab: Server) -> None:
    *_, final = streamed(lab, "count", {"count": 2500})
    execution_id = final.json["execution_id"]
    first = lab.execution(execution_id, "/events")
    sequences, token = [event["sequence"] for event in first["events"]], first["next_page_token"]
    assert len(sequences) == 1000
    while token:
        page = lab.execution(execution_id, f"/events?page_token={token}")
        sequences += [event["sequence"] for event in page["events"]]
        token = page["next_page_token"]
    assert sequences == list(range(1, 2506))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("after_sequence=-1", "after_sequence: expected 0 or more, got -1"),
        ("after_sequence=x", 'after_sequence: expected int32, got "x"'),
        ("node=cook", "node: expected one of price, charge, invoice, confirm, got 'cook'"),
        ("page_token=x", "page_token: expected the next_page_token of the answer before, got another text"),
        ("page_size=-5", "page_size: expected 1 to 1000, got -5"),
        ("since=3", "since: unknown parameter; known are: after_sequence, node, page_size, page_token"),
    ],
)
def test_a_wrong_parameter_of_events_is_named(server: Server, query: str, sentence: str) -> None:
    execution_id = completed(server, "orders", ORDER)
    status, body = refusal(server.request("GET", f"{EXECUTIONS}/{execution_id}/events?{query}"))
    assert (status, body["error"]) == (400, sentence)


# Checkpoints, nodes, attempts, output.


def test_each_completed_node_has_a_checkpoint_with_its_output(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER)
    checkpoints = masked(server.execution(execution_id, "/checkpoints"))
    for checkpoint in checkpoints["checkpoints"]:
        assert checkpoint.pop("output_bytes_size") > 0
    assert checkpoints == {
        "checkpoints": [
            {
                "node": "price",
                "sequence": 4,
                "attempt": 1,
                "time": "TIME",
                "output_type": "orders.Quote",
                "output": {
                    "order_id": "A-1",
                    "customer": {"name": "Ada", "tier": "STANDARD"},
                    "lines": [
                        {
                            "sku": "POT-IRON",
                            "title": "Cast-iron teapot, 0.8 l",
                            "quantity": 2,
                            "amount_cents": 9990,
                        }
                    ],
                    "goods_cents": 9990,
                    "discount_cents": 0,
                    "shipping_cents": 0,
                    "total_cents": 9990,
                },
                "frame_count": 0,
            },
            {
                "node": "invoice",
                "sequence": 6,
                "attempt": 1,
                "time": "TIME",
                "output_type": "orders.Payment",
                "output": {
                    "reference": "A-1",
                    "method": "INVOICE",
                    "amount_cents": 9990,
                    "note": "payable within 30 days of delivery",
                },
                "frame_count": 0,
            },
            {
                "node": "confirm",
                "sequence": 8,
                "attempt": 1,
                "time": "TIME",
                "output_type": "orders.Confirmation",
                "output": {
                    "order_id": "A-1",
                    "method": "INVOICE",
                    "amount_cents": 9990,
                    "text": "Thank you! Order A-1 is on its way: 99.90 EUR, payable within 30 days of delivery.",
                },
                "frame_count": 0,
            },
        ],
        "next_page_token": "",
    }


def test_a_pipeline_node_has_a_checkpoint_without_output(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    checkpoints = masked(server.execution(final.json["execution_id"], "/checkpoints"))["checkpoints"]
    common = {"attempt": 1, "time": "TIME", "output_bytes_size": 0}
    assert checkpoints == [
        {"node": "scan", "sequence": 8, "output_type": "logs.Record", "frame_count": 3, **common},
        {"node": "judge", "sequence": 9, "output_type": "logs.Finding", "frame_count": 0, **common},
    ]


def test_a_node_that_failed_has_no_checkpoint(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER | {"customer": {"name": "Ada", "card": "1"}})
    checkpoints = server.execution(execution_id, "/checkpoints")["checkpoints"]
    assert [(checkpoint["node"], checkpoint["sequence"]) for checkpoint in checkpoints] == [("price", 4)]


def test_checkpoints_come_in_pages(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER)
    whole = server.execution(execution_id, "/checkpoints")["checkpoints"]
    first = server.execution(execution_id, "/checkpoints?page_size=2")
    rest = server.execution(execution_id, f"/checkpoints?page_size=2&page_token={first['next_page_token']}")
    assert (first["checkpoints"], rest) == (whole[:2], {"checkpoints": whole[2:], "next_page_token": ""})


def node(name: str, status: str, *, attempts: int = 1, **more: Any) -> dict[str, Any]:
    """A node execution of `orders` with the times that its status has."""
    times = {"SKIPPED": {}, "RUNNING": {"start_time": "TIME"}, "QUEUED": {}}.get(
        status, {"start_time": "TIME", "complete_time": "TIME", "duration": "DURATION"}
    )
    use = f"orders/{name}"
    return {"node": name, "status": status, "use": use, "attempt_count": attempts, **times, "frame_count": 0, **more}


def test_every_placed_node_is_listed_and_those_not_taken_are_skipped(server: Server) -> None:
    execution_id = completed(server, "orders", WITH_CARD)
    assert masked(server.execution(execution_id, "/nodes")) == {
        "nodes": [
            node("price", "SUCCEEDED"),
            node("charge", "SUCCEEDED"),
            node("invoice", "SKIPPED", attempts=0),
            node("confirm", "SUCCEEDED"),
        ]
    }


def test_a_node_that_failed_tells_why_and_what_was_behind_it_is_skipped(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER | {"customer": {"name": "Ada", "card": "1"}})
    error = server.execution(execution_id)["error"]
    assert (error["code"], error["node"]) == ("BAD_CARD_NUMBER", "charge")
    assert masked(server.execution(execution_id, "/nodes"))["nodes"] == [
        node("price", "SUCCEEDED"),
        node("charge", "FAILED", error=error),
        node("invoice", "SKIPPED", attempts=0),
        node("confirm", "SKIPPED", attempts=0),
    ]


def test_a_pipeline_node_counts_its_frames(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    nodes = server.execution(final.json["execution_id"], "/nodes")["nodes"]
    assert [(one["node"], one["status"], one["frame_count"]) for one in nodes] == [
        ("scan", "SUCCEEDED", 3),
        ("judge", "SUCCEEDED", 0),
    ]


def test_the_nodes_of_a_running_execution(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("echo_then_wait", {"text": str(tmp_path / "ended")})
    started(lab, execution_id, "second")
    nodes = lab.execution(execution_id, "/nodes")["nodes"]
    assert [(one["node"], one["status"], one["attempt_count"]) for one in nodes] == [
        ("first", "SUCCEEDED", 1),
        ("second", "RUNNING", 1),
        ("third", "QUEUED", 0),
    ]
    cancel(lab, execution_id)
    nodes = lab.execution(execution_id, "/nodes")["nodes"]
    assert [(one["node"], one["status"]) for one in nodes] == [
        ("first", "SUCCEEDED"),
        ("second", "CANCELLED"),
        ("third", "SKIPPED"),
    ]


def test_the_attempts_of_a_node(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER | {"customer": {"name": "Ada", "card": "1"}})
    error = server.execution(execution_id)["error"]
    times = {"start_time": "TIME", "complete_time": "TIME", "duration": "DURATION"}
    assert masked(server.execution(execution_id, "/nodes/price/attempts")) == {
        "attempts": [{"node": "price", "attempt": 1, "status": "SUCCEEDED", **times}]
    }
    assert masked(server.execution(execution_id, "/nodes/charge/attempts")) == {
        "attempts": [{"node": "charge", "attempt": 1, "status": "FAILED", **times, "error": error}]
    }
    assert server.execution(execution_id, "/nodes/confirm/attempts") == {"attempts": []}


def test_an_attempt_of_a_running_and_of_a_cancelled_node(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")})
    started(lab, execution_id, "wait_for_ever")
    running = masked(lab.execution(execution_id, "/nodes/wait_for_ever/attempts"))
    cancel(lab, execution_id)
    ended = masked(lab.execution(execution_id, "/nodes/wait_for_ever/attempts"))
    start = {"node": "wait_for_ever", "attempt": 1, "start_time": "TIME"}
    assert running == {"attempts": [{**start, "status": "RUNNING"}]}
    assert ended == {"attempts": [{**start, "status": "ABORTED", "complete_time": "TIME", "duration": "DURATION"}]}


def test_the_output_of_a_completed_execution(server: Server) -> None:
    execution_id = completed(server, "hello", {"name": "Ada"})
    assert server.execution(execution_id, "/output") == {
        "execution_id": execution_id,
        "status": "COMPLETED",
        "output_type": "hello.Greeting",
        "output": {"greeting": "Hello, Ada!"},
        "frame_count": 1,
    }


def test_the_output_of_a_pipeline_is_its_number_of_frames(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    execution_id = final.json["execution_id"]
    assert server.execution(execution_id, "/output") == {
        "execution_id": execution_id,
        "status": "COMPLETED",
        "output_type": "logs.Finding",
        "frame_count": 3,
    }


def test_the_output_of_a_failed_execution_is_its_error(server: Server) -> None:
    execution_id = completed(server, "orders", {"order_id": "A-1"})
    assert server.execution(execution_id, "/output") == {
        "execution_id": execution_id,
        "status": "FAILED",
        "output_type": "orders.Confirmation",
        "error": server.execution(execution_id)["error"],
        "frame_count": 0,
    }


def test_there_is_no_output_before_the_end(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")})
    answer = lab.request("GET", f"{EXECUTIONS}/{execution_id}/output")
    cancel(lab, execution_id)
    assert refusal(answer) == (
        409,
        {
            "error": "the execution has no output yet: it is RUNNING",
            "code": "FAILED_PRECONDITION",
            "reason": "ILLEGAL_STATE",
            "details": {"status": "RUNNING"},
        },
    )


# Waiting.


def test_a_wait_answers_at_the_end(lab: Server, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    execution_id = lab.begin("wait_for_file", {"text": str(gate)})
    assert lab.wait(execution_id, 0.1)["status"] == "RUNNING"
    gate.touch()
    waited = lab.wait(execution_id)
    assert waited["status"] == "COMPLETED"
    assert waited == lab.wait(execution_id) == lab.execution(execution_id)


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        ("0", "timeout_seconds: expected 0.001 to 3600, got 0"),
        ("4000", "timeout_seconds: expected 0.001 to 3600, got 4000"),
        ("NaN", "timeout_seconds: expected 0.001 to 3600, got nan"),
        ("soon", 'timeout_seconds: expected double, got "soon"'),
    ],
)
def test_a_wrong_timeout_of_a_wait_is_named(server: Server, seconds: str, sentence: str) -> None:
    execution_id = completed(server, "hello", {"name": "Ada"})
    answer = server.request("GET", f"{EXECUTIONS}/{execution_id}:wait?timeout_seconds={seconds}")
    status, body = refusal(answer)
    assert (status, body["error"]) == (400, sentence)


# Cancelling.


def cancelled_while(server: Server, flow: str, marker: Path, is_inside: Callable[[str], object]) -> str:
    """Begins the flow, cancels it while its node is at work, and gives the execution's id."""
    execution_id = server.begin(flow, {"text": str(marker)})
    is_inside(execution_id)
    before = time.monotonic()
    answer = cancel(server, execution_id, "enough")
    took_s = time.monotonic() - before
    assert answer.status == 200
    assert answer.json == server.execution(execution_id)
    assert (answer.json["status"], answer.json["cancel_reason"]) == ("CANCELLED", "enough")
    assert took_s < 2
    return execution_id


def test_a_cancel_is_effective_at_once_inside_a_blocked_async_node(lab: Server, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    execution_id = cancelled_while(lab, "wait_for_ever", ended, lambda one: started(lab, one, "wait_for_ever"))
    eventually(ended.exists)  # the node itself was told
    events = masked(lab.execution(execution_id, "/events"))["events"]
    assert events[2:] == [
        event(3, "NODE_STARTED", "wait_for_ever"),
        event(4, "NODE_CANCELLED", "wait_for_ever"),
        event(5, "EXECUTION_CANCELLED", reason="enough"),
    ]


def test_a_cancel_is_effective_at_once_inside_a_blocked_plain_function(lab: Server, tmp_path: Path) -> None:
    began = tmp_path / "began"
    execution_id = cancelled_while(lab, "sleep_for_ever", began, lambda one: eventually(began.exists))
    last = masked(lab.execution(execution_id, "/events"))["events"][-1]
    assert last == event(last["sequence"], "EXECUTION_CANCELLED", reason="enough")


def test_functions_that_hang_do_not_use_the_threads_up(lab: Server, tmp_path: Path) -> None:
    ids = [lab.begin("sleep_for_ever", {"text": str(tmp_path / str(number))}) for number in range(70)]
    eventually(lambda: len(list(tmp_path.iterdir())) == 64)  # as many as run at once
    assert {cancel(lab, execution_id).json["status"] for execution_id in ids} == {"CANCELLED"}
    began = tmp_path / "another"
    cancelled_while(lab, "sleep_for_ever", began, lambda one: eventually(began.exists))


def test_whoever_waits_hears_of_a_cancel_at_once(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")})
    started(lab, execution_id, "wait_for_ever")
    connection = lab.connection()
    path = f"{EXECUTIONS}/{execution_id}:wait?timeout_seconds=20"
    connection.request("GET", path, headers={"Authorization": f"Bearer {lab.key}"})
    cancel(lab, execution_id)
    assert b'"status":"CANCELLED"' in connection.getresponse().read()
    connection.close()


def test_a_cancel_without_a_reason_has_none(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")})
    answer = cancel(lab, execution_id)
    assert (answer.json["status"], "cancel_reason" in answer.json) == ("CANCELLED", False)


def test_the_reason_of_a_cancel_may_be_in_the_body(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")})
    answer = lab.request("DELETE", f"/invocations/v1/flows/{execution_id}", {"reason": "in the body"})
    assert (answer.status, answer.json["cancel_reason"]) == (200, "in the body")


def test_an_execution_that_has_ended_cannot_be_cancelled(server: Server, lab: Server, tmp_path: Path) -> None:
    ended = [
        (server, completed(server, "hello", {"name": "Ada"}), "COMPLETED"),
        (server, completed(server, "orders", {"order_id": "A-1"}), "FAILED"),
        (lab, lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")}), "CANCELLED"),
        (lab, completed(lab, "waits_for_ever", {}), "TIMED_OUT"),
    ]
    cancel(*ended[2][:2])
    for running, execution_id, status in ended:
        before = running.execution(execution_id)
        assert refusal(cancel(running, execution_id, "too late")) == (
            409,
            {
                "error": f"the execution has ended: it is {status}",
                "code": "FAILED_PRECONDITION",
                "reason": "ILLEGAL_STATE",
                "details": {"status": status},
            },
        )
        assert running.execution(execution_id) == before


def test_a_reason_that_is_too_long_is_refused(server: Server) -> None:
    problem = "expected at most 1024 characters without NUL, got 1025"
    assert refusal(cancel(server, NOBODY, "x" * 1025)) == refused("reason", problem, "INVALID_ARGUMENT")


# Nobody's.

ROUTES = ["", "/events", "/checkpoints", "/nodes", "/nodes/price/attempts", "/output", ":wait", "/stream"]


@pytest.mark.parametrize("rest", ROUTES)
def test_an_unknown_execution_is_not_found(server: Server, rest: str) -> None:
    answer = server.request("GET", f"{EXECUTIONS}/{NOBODY}{rest}")
    assert refusal(answer) == not_found(f"there is no execution {NOBODY}")


def test_an_unknown_execution_cannot_be_cancelled(server: Server) -> None:
    assert refusal(cancel(server, NOBODY)) == not_found(f"there is no execution {NOBODY}")


@pytest.mark.parametrize("rest", ROUTES)
@pytest.mark.parametrize("execution_id", ["x", NOBODY.upper(), NOBODY + "0", "0" * 31, "%00"])
def test_an_id_that_is_none_names_no_execution(server: Server, execution_id: str, rest: str) -> None:
    answer = server.request("GET", f"{EXECUTIONS}/{execution_id}{rest}")
    status, body = refusal(answer)
    assert status in (400, 404)
    assert re.fullmatch(r"execution_id: expected 32 lower-case hex digits, got .*|there is no .*", body["error"])
