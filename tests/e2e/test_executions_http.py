"""GET /invocations/v1/executions/{id}, its events and its end, against a real server."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.e2e.support import (
    EXECUTIONS,
    NOBODY,
    cancel,
    completed,
    event,
    masked,
    not_found,
    refusal,
    started,
    streamed,
)
from tests.harness import Server

ORDER = {"order_id": "A-1", "customer": {"name": "Ada"}, "lines": [{"sku": "POT-IRON", "quantity": 2}]}


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
        "last_sequence": 10,
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


def test_the_events_of_a_branch_that_was_taken(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER)
    assert masked(server.execution(execution_id, "/events")) == {
        "events": [
            event(1, "EXECUTION_ACCEPTED"),
            event(2, "EXECUTION_STARTED"),
            event(3, "NODE_STARTED", "price"),
            event(4, "NODE_SUCCEEDED", "price", branch="invoice"),
            {"sequence": 5, "type": "NODE_SKIPPED", "node": "charge", "time": "TIME"},
            event(6, "NODE_STARTED", "invoice"),
            event(7, "NODE_SUCCEEDED", "invoice"),
            event(8, "NODE_STARTED", "confirm"),
            event(9, "NODE_SUCCEEDED", "confirm"),
            event(10, "EXECUTION_COMPLETED"),
        ],
        "next_page_token": "",
    }


def test_the_events_of_a_pipeline(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    events = server.execution(final.json["execution_id"], "/events")["events"]
    assert [each["sequence"] for each in events] == list(range(1, 13))
    # What `scan` logged comes whenever its thread comes to it.
    logged = [each["report"]["log"]["message"] for each in events if each["type"] == "NODE_REPORTED"]
    assert logged == ["line 12 is not in the combined format", "line 17 is not in the combined format"]
    rest = [each | {"sequence": 0} for each in masked(events) if each["type"] != "NODE_REPORTED"]
    assert rest == [
        event(0, "EXECUTION_ACCEPTED"),
        event(0, "EXECUTION_STARTED"),
        event(0, "NODE_STARTED", "scan"),
        event(0, "NODE_STARTED", "judge"),
        *(event(0, "FRAME_EMITTED", "judge", frame_index=index) for index in range(3)),
        event(0, "NODE_SUCCEEDED", "scan"),
        event(0, "NODE_SUCCEEDED", "judge"),
        event(0, "EXECUTION_COMPLETED"),
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
    assert len(events) == 10
    for after in range(11):
        assert server.execution(execution_id, f"/events?after_sequence={after}")["events"] == events[after:]
    for node in "price", "charge", "invoice", "confirm":
        of_node = [event for event in events if event.get("node") == node]
        assert server.execution(execution_id, f"/events?node={node}")["events"] == of_node
    both = server.execution(execution_id, "/events?node=invoice&after_sequence=6")["events"]
    assert [(event["sequence"], event["type"]) for event in both] == [(7, "NODE_SUCCEEDED")]


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
