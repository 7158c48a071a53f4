"""DELETE /invocations/v1/flows/{execution_id} against a real server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.support import (
    EXECUTIONS,
    NOBODY,
    cancel,
    completed,
    event,
    eventually,
    masked,
    refusal,
    refused,
    started,
)
from tests.harness import Server


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
