"""Retries: which errors are tried again, how often, and what each attempt leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.flows.faces import Face


def test_failure_that_is_retryable_is_tried_again_until_it_goes_well(face: Face) -> None:
    answer = face.invoke("retried", {"kind": "again", "times": 2})
    execution_id = answer["execution_id"]
    assert answer["result"]["output"] == {"value": 3}
    assert face.log(execution_id) == [
        ("EXECUTION_ACCEPTED", ""),
        ("EXECUTION_STARTED", ""),
        ("NODE_STARTED", "shaky"),
        ("NODE_ATTEMPT_FAILED", "shaky"),
        ("NODE_STARTED", "shaky"),
        ("NODE_ATTEMPT_FAILED", "shaky"),
        ("NODE_STARTED", "shaky"),
        ("NODE_SUCCEEDED", "shaky"),
        ("EXECUTION_COMPLETED", ""),
    ]
    attempts = face.attempts(execution_id, "shaky")
    assert [(attempt["attempt"], attempt["status"]) for attempt in attempts] == [
        (1, "RETRYABLE_FAILED"),
        (2, "RETRYABLE_FAILED"),
        (3, "SUCCEEDED"),
    ]
    assert [attempt["error"]["code"] for attempt in attempts[:2]] == ["UNLUCKY"] * 2
    node = face.nodes(execution_id)["shaky"]
    assert (node["status"], node["attempt_count"]) == ("SUCCEEDED", 3)


@pytest.mark.parametrize(
    ("flow", "fault", "attempts", "error"),
    [
        pytest.param("retried", "user", 1, ("UNLUCKY", "USER", "LOGIC"), id="not retryable"),
        pytest.param("retried", "again", 3, ("UNLUCKY", "USER", "LOGIC"), id="the user's budget"),
        pytest.param("retried", "system", 5, ("PROVIDER_ERROR", "SYSTEM", "PROVIDER"), id="the system's budget"),
        pytest.param("retried", "plain", 3, ("NODE_RAISED", "USER", "LOGIC"), id="any exception"),
        pytest.param("retried_on", "user", 3, ("UNLUCKY", "USER", "LOGIC"), id="a code that is named"),
        pytest.param("retried_on", "policy", 3, ("POLICY_ERROR", "USER", "POLICY"), id="a class that is named"),
        pytest.param("retried_on", "odd", 1, ("ODD", "USER", "LOGIC"), id="retryable but not named"),
        pytest.param("once", "system", 1, ("PROVIDER_ERROR", "SYSTEM", "PROVIDER"), id="no retries"),
    ],
)
def test_failure_is_tried_as_often_as_its_budget_says(
    face: Face, flow: str, fault: str, attempts: int, error: tuple[str, str, str]
) -> None:
    execution_id, found = face.failed(flow, {"kind": fault, "times": 1000})
    assert (found["code"], found["kind"], found["class"]) == error
    assert (found["node"], found["attempt"]) == ("shaky", attempts)
    assert face.nodes(execution_id)["shaky"]["attempt_count"] == attempts
    assert face.execution(execution_id)["attempt_count"] == attempts
    assert face.log(execution_id)[-2:] == [("NODE_FAILED", "shaky"), ("EXECUTION_FAILED", "")]


def test_hundred_attempts_are_the_most(face: Face) -> None:
    execution_id, error = face.failed("hundred", {"kind": "again", "times": 1000})
    assert error["attempt"] == 100
    assert len(face.attempts(execution_id, "shaky")) == 100


@pytest.mark.parametrize("flow", ["hung", "hung_plain"])
def test_each_attempt_has_its_own_timeout(face: Face, flow: str) -> None:
    answer = face.invoke(flow, {"value": 1})
    assert answer["result"]["output"] == {"value": 2}
    first, second = face.attempts(answer["execution_id"], "hangs")
    assert (first["status"], first["error"]["code"], first["error"]["class"]) == (
        "RETRYABLE_FAILED",
        "NODE_TIMEOUT",
        "TIMEOUT",
    )
    assert second["status"] == "SUCCEEDED"


def test_last_timeout_ends_the_execution_as_timed_out(face: Face) -> None:
    execution_id, error = face.failed("hung_always", {"value": 1})
    assert (error["code"], error["attempt"]) == ("NODE_TIMEOUT", 2)
    assert face.execution(execution_id)["status"] == "TIMED_OUT"
    assert face.statuses(execution_id) == {"hangs": "TIMED_OUT"}


def test_wait_for_the_next_attempt_is_seen(face: Face) -> None:
    execution_id = face.begin("retried_late", {"kind": "again", "times": 1})
    node: Any = face.until_node(execution_id, "shaky", "WAITING")
    failed = next(event for event in face.events(execution_id) if event["type"] == "NODE_ATTEMPT_FAILED")
    assert (node["wait"], node["due_time"]) == ("RETRY", failed["due_time"])
    wait = datetime.fromisoformat(failed["due_time"]) - datetime.fromisoformat(failed["time"])
    assert wait.total_seconds() == 3600
    assert face.execution(execution_id)["status"] == "RUNNING"
    face.cancel(execution_id)
