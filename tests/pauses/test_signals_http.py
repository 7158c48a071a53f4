"""Signals over HTTP: they reach their node, early or late, once, and nothing else gets through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import NOBODY, cancel, eventually, not_found, refusal, refused, started
from tests.harness import Server
from tests.pauses.people import EXECUTIONS, QUOTE, events, output, receipt, signal, signalled, who

GRADE = {"grade": 3, "note": "good"}


def waiting(server: Server, flow: str = "ask", count: int = 1) -> str:
    """An execution that waits for a signal."""
    execution_id = server.begin(flow, QUOTE)
    eventually(lambda: len(events(server, execution_id, "NODE_WAITING")) == count)
    return execution_id


def test_signal_wakes_the_node_that_waits_for_it(desk: Server) -> None:
    execution_id = waiting(desk)
    node = desk.execution(execution_id, "/nodes")["nodes"][0]
    assert (node["status"], desk.execution(execution_id)["status"]) == ("WAITING", "RUNNING")
    sequence = signalled(desk, execution_id, GRADE)
    assert output(desk, execution_id) == receipt(3, "good")
    [recorded] = events(desk, execution_id, "SIGNAL_RECEIVED")
    assert (recorded["sequence"], recorded["signal"], recorded["by"]) == (sequence, "answer", who(desk))


def test_signal_that_comes_early_is_kept(desk: Server, folder: Path) -> None:
    gate = folder / "gate"
    execution_id = desk.begin("ask_twice", QUOTE | {"gate": str(gate)})
    started(desk, execution_id, "ask")
    signalled(desk, execution_id, GRADE)
    signalled(desk, execution_id, {"grade": 9, "note": "second"})
    gate.touch()
    assert output(desk, execution_id) == receipt(3, "second")
    assert events(desk, execution_id, "NODE_WAITING") == []


def test_signals_are_taken_in_order(desk: Server) -> None:
    execution_id = waiting(desk, "ask_twice")
    signalled(desk, execution_id, {"grade": 1, "note": "first"})
    eventually(lambda: len(events(desk, execution_id, "NODE_WAITING")) == 2)
    signalled(desk, execution_id, {"grade": 2, "note": "second"})
    assert output(desk, execution_id) == receipt(1, "second")


def test_signal_with_the_same_request_id_is_stored_once(desk: Server) -> None:
    execution_id = waiting(desk, "ask_twice")
    first = signalled(desk, execution_id, GRADE, "one")
    assert signalled(desk, execution_id, {"grade": 9, "note": "other"}, "one") == first
    assert signalled(desk, execution_id, {"grade": 5, "note": "next"}, "two") > first
    assert output(desk, execution_id) == receipt(3, "next")
    assert len(events(desk, execution_id, "SIGNAL_RECEIVED")) == 2
    # It is known after the end too.
    assert signalled(desk, execution_id, GRADE, "one") == first


@pytest.mark.parametrize(
    ("payload", "path", "problem", "reason"),
    [
        ({"grade": "x"}, "payload.grade", 'expected int64, got "x"', "WRONG_TYPE"),
        ({"colour": 1}, "payload.colour", "unknown field, expected one of grade, note", "UNKNOWN_FIELD"),
    ],
)
def test_payload_that_does_not_fit_is_refused_with_its_path(
    desk: Server, payload: Any, path: str, problem: str, reason: str
) -> None:
    execution_id = waiting(desk)
    assert refusal(signal(desk, execution_id, "answer", payload)) == refused(path, problem, reason)
    assert events(desk, execution_id, "SIGNAL_RECEIVED") == []


def test_too_large_payload_is_refused_with_the_limit(desk: Server) -> None:
    execution_id = waiting(desk)
    status, body = refusal(signal(desk, execution_id, "answer", {"note": "x" * (4 * 1024 * 1024)}))
    assert (status, body["reason"], body["details"]) == (413, "PAYLOAD_TOO_LARGE", {"limit_bytes": "4194304"})


def test_unknown_signal_is_answered_with_the_known_ones(desk: Server) -> None:
    execution_id = waiting(desk)
    expected = refused("signal", "expected one of answer, got 'nope'", "UNKNOWN_SIGNAL")
    assert refusal(signal(desk, execution_id, "nope", {})) == expected
    other = desk.invoke("buy", QUOTE)["execution_id"]
    expected = refused("signal", "flow buy takes none, got 'answer'", "UNKNOWN_SIGNAL")
    assert refusal(signal(desk, other, "answer", {})) == expected


def test_request_id_has_to_be_short_and_printable(desk: Server) -> None:
    execution_id = waiting(desk)
    assert signal(desk, execution_id, "answer", GRADE, "x" * 129).status == 400


def test_ended_execution_takes_no_signal(desk: Server) -> None:
    execution_id = waiting(desk)
    assert cancel(desk, execution_id).status == 200
    assert refusal(signal(desk, execution_id, "answer", GRADE)) == (
        409,
        {
            "error": "no signal can reach the execution any more: it is CANCELLED",
            "code": "FAILED_PRECONDITION",
            "reason": "ILLEGAL_STATE",
            "details": {"status": "CANCELLED"},
        },
    )


def test_unknown_execution_takes_no_signal(desk: Server) -> None:
    assert refusal(signal(desk, NOBODY, "answer", {})) == not_found(f"there is no execution {NOBODY}")


def test_signal_without_a_body_is_refused(desk: Server) -> None:
    execution_id = waiting(desk)
    assert desk.request("POST", f"{EXECUTIONS}/{execution_id}/signals/answer").status == 400
