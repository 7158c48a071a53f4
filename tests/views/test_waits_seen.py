"""Pauses, sleeps, signals, gates and sub-flows of an execution as people see them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.e2e.support import EXECUTIONS, INVOKE, cancel, completed, eventually, masked, refusal, refused, watched
from tests.harness import Server
from tests.views.seen import BEGUN, ENDED, attempts, event, events, node, nodes, seen

BOB = {"name": "Bob"}


def waiting(trips: Server, flow: str, name: str) -> str:
    """An execution whose node waits."""
    execution_id = trips.begin(flow, BOB)
    eventually(lambda: nodes(trips, execution_id)[name].get("wait"))
    return execution_id


def test_waiting_invocation_that_pauses_answers_at_once(trips: Server) -> None:
    answer = trips.request("POST", INVOKE, {"flow": "asked", "input": BOB, "wait": True})
    assert (answer.status, list(answer.json)) == (202, ["accepted", "execution_id", "status"])
    assert (answer.json["accepted"], answer.json["status"]) == (True, "PAUSED")
    assert trips.wait(answer.json["execution_id"])["status"] == "PAUSED"


def test_pause(trips: Server) -> None:
    execution_id = completed(trips, "asked", BOB)
    assert nodes(trips, execution_id) == {
        "plan": node("SUCCEEDED", "trip/plan", **ENDED),
        "ask": node("WAITING", attempts=0, wait="PAUSE", due_time="TIME", **BEGUN),
        "walk": node("QUEUED", "trip/walk", attempts=0),
    }
    assert attempts(trips, execution_id, "ask") == []
    assert events(trips, execution_id)[3:] == [
        event("NODE_SUCCEEDED", "plan", branch="ask"),
        event("NODE_WAITING", "ask", wait="PAUSE", due_time="TIME"),
        event("EXECUTION_PAUSED"),
    ]
    cancel(trips, execution_id)
    assert nodes(trips, execution_id)["ask"] == node("CANCELLED", attempts=0, **ENDED)


def test_branch_that_was_not_taken_is_skipped_on_record(trips: Server) -> None:
    execution_id = completed(trips, "asked", {"name": "Ada"})
    assert nodes(trips, execution_id)["ask"] == node("SKIPPED", attempts=0)
    assert events(trips, execution_id)[3:5] == [
        event("NODE_SUCCEEDED", "plan", branch="walk"),
        event("NODE_SKIPPED", "ask", 0),
    ]


@pytest.mark.parametrize(
    ("flow", "name", "use", "wait"),
    [
        ("rested", "rest", "", {"wait": "SLEEP", "due_time": "TIME"}),
        ("crossed", "cross", "trip/cross", {"wait": "SIGNAL", "signal": "visa"}),
        ("met", "meet", "", {"wait": "GATE"}),
    ],
)
def test_node_that_waits(trips: Server, flow: str, name: str, use: str, wait: dict[str, str]) -> None:
    execution_id = waiting(trips, flow, name)
    attempt_count = 1 if use else 0
    assert nodes(trips, execution_id)[name] == node("WAITING", use, attempts=attempt_count, **BEGUN, **wait)
    assert event("NODE_WAITING", name, **wait) in events(trips, execution_id)
    cancel(trips, execution_id)


def test_sub_flow_is_linked_both_ways(trips: Server) -> None:
    parent = waiting(trips, "outer", "inner")
    child = trips.execution(parent, "/nodes")["nodes"][1]["child_execution_id"]
    wait = {"wait": "FLOW", "child_execution_id": child}
    assert nodes(trips, parent)["inner"] == node("WAITING", **BEGUN, **wait)
    assert attempts(trips, parent, "inner") == [{"attempt": 1, "status": "RUNNING", **BEGUN}]
    assert events(trips, parent)[-1] == event("NODE_WAITING", "inner", **wait)
    assert trips.wait(child)["status"] == "PAUSED"
    above = {"parent_execution_id": parent, "depth": 1}
    seen_alone = seen(trips, child, "")
    assert {key: seen_alone.get(key) for key in (*above, "parent_node")} == above | {"parent_node": "inner"}
    only_child = quote(f'parent_execution_id = "{parent}" AND status = "PAUSED"')
    (listed,) = trips.request("GET", f"{EXECUTIONS}?filter={only_child}").json["executions"]
    # A list does without what stands in artifacts.
    assert masked(listed) == {k: v for k, v in seen_alone.items() if k not in ("parent_node", "deadline_time")}
    cancel(trips, parent)
    # The link stays.
    assert nodes(trips, parent)["inner"] == node("CANCELLED", child_execution_id=child, **ENDED)


def test_filter_by_parent_takes_an_id_alone(trips: Server) -> None:
    answer = trips.request("GET", f"{EXECUTIONS}?filter={quote('parent_execution_id = me')}")
    problem = 'position 23: expected 32 lower-case hex digits, got "me"'
    assert refusal(answer) == refused("filter", problem, answer.json["reason"])
    none = trips.request("GET", f"{EXECUTIONS}?filter={quote('NOT parent_execution_id:* AND flow = inner')}")
    assert none.json == {"executions": [], "next_page_token": ""}


def test_deadline_is_a_time(trips: Server) -> None:
    execution = trips.execution(completed(trips, "asked", {"name": "Ada"}))
    assert execution["deadline_time"][:11] >= execution["create_time"][:11]
    assert "deadline_time" not in trips.execution(completed(trips, "told", BOB))


@pytest.mark.parametrize(
    ("flow", "statuses"),
    [
        ("asked", ["QUEUED", "RUNNING", "PAUSED", "CANCELLED"]),
        ("undone", ["QUEUED", "RUNNING", "COMPENSATING", "FAILED"]),
    ],
)
def test_watcher_sees_every_status(trips: Server, flow: str, statuses: list[str]) -> None:
    execution_id = completed(trips, flow, BOB)
    if flow == "asked":
        cancel(trips, execution_id)
    updates = [event.json for event in watched(trips, execution_id) if event.name == "status"]
    assert [update["status"] for update in updates] == statuses
    # Each as it then stood: its last event is the one that led to it.
    log = trips.execution(execution_id, "/events")["events"]
    assert [log[update["last_sequence"] - 1]["type"] for update in updates[:3]] == [
        "EXECUTION_ACCEPTED",
        "EXECUTION_STARTED",
        f"EXECUTION_{statuses[2]}",
    ]


def test_unknown_node_is_refused(trips: Server) -> None:
    execution_id = completed(trips, "told", BOB)
    for path in ("/events?node=fly", "/checkpoints?node=fly", "/nodes/fly/attempts"):
        answer = trips.request("GET", f"{EXECUTIONS}/{execution_id}{path}")
        assert refusal(answer) == refused("node", "expected one of tell, got 'fly'", "INVALID_ARGUMENT")


def test_watcher_sees_a_signal_come(trips: Server) -> None:
    execution_id = waiting(trips, "crossed", "cross")
    path = f"{EXECUTIONS}/{execution_id}/signals/visa"
    assert trips.request("POST", path, {"number": "7"}, {"Idempotency-Key": "visa-7"}).status == 200
    assert trips.wait(execution_id)["status"] == "COMPLETED"
    seen_events = [masked(update.json) for update in watched(trips, execution_id) if update.name == "node"]
    by = next(each.pop("by") for each in seen_events if "by" in each)
    assert by.endswith(")")
    assert [{k: v for k, v in each.items() if k not in ("sequence", "time")} for each in seen_events] == [
        event("NODE_STARTED", "cross"),
        event("NODE_WAITING", "cross", wait="SIGNAL", signal="visa"),
        # What it says is nobody's business but its node's.
        event("SIGNAL_RECEIVED", signal="visa", request_id="visa-7"),
        event("NODE_SUCCEEDED", "cross", taken_signals={"places": [0]}),
    ]


def test_config_that_was_asked_for_is_told(trips: Server) -> None:
    created = trips.request("POST", "/configs/v1/configs", {"config_id": "slow", "flow": "told", "values": {"a": 1}})
    assert created.status == 200, created.body
    execution = trips.execution(completed(trips, "told", BOB, config_id="slow"))
    assert execution["config_id"] == "slow"
    assert "config_id" not in trips.execution(completed(trips, "told", BOB))
