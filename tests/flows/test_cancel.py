"""A cancel is effective at once whatever an execution waits for, and what comes later changes nothing."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.flows.faces import Face, Refused

NUMBERS = count(1)
KINDS = [
    pytest.param("asleep", {"value": 1}, "nap", "WAITING", id="sleep"),
    pytest.param("retried_late", {"kind": "again", "times": 1}, "shaky", "WAITING", id="retry"),
    pytest.param("asked", {"value": 1}, "ask", "WAITING", id="pause"),
    pytest.param("hearing", {"value": 1}, "ear", "WAITING", id="signal"),
    pytest.param("called_hung", {"value": 1}, "child", "WAITING", id="sub-flow"),
    pytest.param("mapped_hung", {"items": [{"value": 9}, {"value": 1}]}, "each", "RUNNING", id="map"),
    pytest.param("two_of_three", {"value": 1}, "never", "", id="parallel"),
    pytest.param("hanging", {"value": 1}, "stuck", "RUNNING", id="function"),
]


@pytest.mark.parametrize(("flow", "given", "node", "status"), [one for one in KINDS if one.id != "parallel"])
def test_cancel_ends_what_waits(face: Face, flow: str, given: Any, node: str, status: str) -> None:
    execution_id = face.begin(flow, given)
    face.until_node(execution_id, node, status)
    found = face.cancel(execution_id, "no longer needed")
    assert (found["status"], found["cancel_reason"]) == ("CANCELLED", "no longer needed")
    assert face.statuses(execution_id)[node] == "CANCELLED"
    log = face.log(execution_id)
    assert log[-2:] == [("NODE_CANCELLED", node), ("EXECUTION_CANCELLED", "")]
    with pytest.raises(Refused, match="the execution has ended: it is CANCELLED") as refused:
        face.cancel(execution_id)
    assert refused.value.status == 409
    assert face.log(execution_id) == log


def test_cancel_ends_parallel_branches(face: Face) -> None:
    execution_id = face.begin("gate_waits", {"value": 1})
    face.until_node(execution_id, "join", "WAITING")
    face.cancel(execution_id)
    assert face.statuses(execution_id) == {
        "start": "SUCCEEDED",
        "quick": "SUCCEEDED",
        "nap": "CANCELLED",
        "join": "CANCELLED",
        "end": "SKIPPED",
    }


def test_completion_after_the_cancel_changes_nothing(face: Face) -> None:
    number = next(NUMBERS)
    execution_id = face.begin("late", {"value": number})
    face.until_node(execution_id, "stubborn", "RUNNING")
    face.cancel(execution_id)
    log = face.log(execution_id)
    # The node goes on and gives its output now.
    face.output("letting_go", {"value": number})
    assert face.log(execution_id) == log
    assert face.execution(execution_id)["status"] == "CANCELLED"


def test_signal_and_decision_after_the_end_are_refused(face: Face) -> None:
    heard, asked = face.begin("hearing", {"value": 1}), face.begin("asked", {"value": 1})
    face.until_node(heard, "ear", "WAITING")
    face.until_node(asked, "ask", "WAITING")
    for execution_id in (heard, asked):
        face.cancel(execution_id)
    with pytest.raises(Refused, match="CANCELLED") as refused:
        face.signal(heard, "more", {"value": 1})
    assert refused.value.status == 409
    with pytest.raises(Refused, match="CANCELLED") as refused:
        face.approve(asked, "ask")
    assert refused.value.status == 409
