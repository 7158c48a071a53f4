"""Compensation: what completed is undone, newest first, whatever becomes of one of them."""

from __future__ import annotations

from itertools import count

import pytest

from tests.flows.faces import Face, Refused

NUMBERS = count(7_000_000, 2)
"""For what one execution holds and another lets go of: no other test uses them."""


def test_completed_nodes_are_undone_newest_first_and_the_rest_runs_when_one_fails(face: Face) -> None:
    execution_id, error = face.failed("undone", {"value": 1})
    assert (error["code"], error["node"]) == ("WRONG", "bad")
    log = [one for one in face.log(execution_id) if one[0] != "NODE_REPORTED"]
    assert log[log.index(("NODE_FAILED", "bad")) :] == [
        ("NODE_FAILED", "bad"),
        ("EXECUTION_COMPENSATING", ""),
        ("NODE_COMPENSATED", "third"),
        ("NODE_ATTEMPT_FAILED", "second"),
        ("NODE_ATTEMPT_FAILED", "second"),
        ("COMPENSATION_FAILED", "second"),
        ("NODE_COMPENSATED", "first"),
        ("EXECUTION_FAILED", ""),
    ]
    reports = [event["report"]["log"]["message"] for event in face.events(execution_id) if "report" in event]
    assert reports == ["undone 4", "undone 2"]
    assert face.statuses(execution_id) == {
        "first": "COMPENSATED",
        "second": "SUCCEEDED",
        "third": "COMPENSATED",
        "bad": "FAILED",
    }
    attempts = [attempt for attempt in face.attempts(execution_id, "second") if attempt.get("compensation")]
    assert [attempt["status"] for attempt in attempts] == ["RETRYABLE_FAILED", "RETRYABLE_FAILED", "FAILED"]
    assert attempts[-1]["error"]["message"] == "cannot be undone"


def test_cancel_undoes_when_the_flow_says_so(face: Face) -> None:
    execution_id = face.begin("undone_on_cancel", {"value": 1})
    face.until_node(execution_id, "stuck", "RUNNING")
    face.cancel(execution_id, "enough")
    found = face.wait(execution_id)
    assert (found["status"], found["cancel_reason"]) == ("CANCELLED", "enough")
    assert face.statuses(execution_id) == {"first": "COMPENSATED", "stuck": "CANCELLED"}


def test_cancel_undoes_nothing_otherwise(face: Face) -> None:
    execution_id = face.begin("not_undone_on_cancel", {"value": 1})
    face.until_node(execution_id, "stuck", "RUNNING")
    assert face.cancel(execution_id)["status"] == "CANCELLED"
    assert face.statuses(execution_id) == {"first": "SUCCEEDED", "stuck": "CANCELLED"}


def test_execution_that_is_being_undone_is_not_cancelled(face: Face) -> None:
    number = next(NUMBERS)
    execution_id = face.begin("undone_when_released", {"value": number})
    face.until(lambda: face.execution(execution_id)["status"] == "COMPENSATING")
    with pytest.raises(Refused, match="the execution is COMPENSATING: it ends as FAILED when that is done") as refused:
        face.cancel(execution_id)
    assert refused.value.status == 409
    face.output("letting_go", {"value": number + 1})
    assert face.wait(execution_id)["status"] == "FAILED"


def test_undoing_that_hangs_is_given_up_and_reported(face: Face) -> None:
    execution_id, error = face.failed("undone_in_time", {"value": 1})
    assert error["code"] == "WRONG"
    log = face.events(execution_id, "first")
    assert [(event["type"], event["error"]["code"]) for event in log if "error" in event] == [
        ("NODE_ATTEMPT_FAILED", "NODE_TIMEOUT"),
        ("COMPENSATION_FAILED", "NODE_TIMEOUT"),
    ]
