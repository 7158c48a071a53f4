"""Sleeps and deadlines."""

from __future__ import annotations

from datetime import datetime

from tests.flows.faces import Face


def test_sleep_ends_at_its_time_and_hands_its_input_on(face: Face) -> None:
    answer = face.invoke("napped", {"value": 1})
    assert answer["result"]["output"] == {"value": 3}
    waiting, succeeded = face.events(answer["execution_id"], "nap")
    assert (waiting["type"], waiting["wait"], succeeded["type"]) == ("NODE_WAITING", "SLEEP", "NODE_SUCCEEDED")
    due, ended = (datetime.fromisoformat(time) for time in (waiting["due_time"], succeeded["time"]))
    assert ended >= due
    assert (due - datetime.fromisoformat(waiting["time"])).total_seconds() == 0.05


def test_execution_that_sleeps_is_running_and_says_until_when(face: Face) -> None:
    execution_id = face.begin("asleep", {"value": 1})
    node = face.until_node(execution_id, "nap", "WAITING")
    assert (node["wait"], "due_time" in node) == ("SLEEP", True)
    assert face.execution(execution_id)["status"] == "RUNNING"
    face.cancel(execution_id)


def test_execution_that_takes_longer_than_its_deadline_is_timed_out_and_undone(face: Face) -> None:
    execution_id, error = face.failed("in_time", {"value": 1})
    assert (error["code"], error["class"]) == ("DEADLINE_EXCEEDED", "TIMEOUT")
    assert face.execution(execution_id)["status"] == "TIMED_OUT"
    assert face.statuses(execution_id) == {"start": "COMPENSATED", "nap": "CANCELLED"}
    assert face.log(execution_id)[-4:] == [
        ("EXECUTION_COMPENSATING", ""),
        ("NODE_REPORTED", "start"),
        ("NODE_COMPENSATED", "start"),
        ("EXECUTION_TIMED_OUT", ""),
    ]


def test_flow_may_be_nothing_but_a_sleep(face: Face) -> None:
    assert face.output("asleep_first", {"value": 5}) == {"value": 5}
