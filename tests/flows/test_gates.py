"""Parallel branches and the gates where they meet."""

from __future__ import annotations

from tests.flows.faces import Face


def test_branches_run_at_the_same_time(face: Face) -> None:
    # Each of the two nodes ends when the other one has begun.
    assert face.output("met", {"value": 1}) == {"value": 5}


def test_gate_for_some_passes_and_the_rest_is_cancelled(face: Face) -> None:
    answer = face.invoke("two_of_three", {"value": 1})
    # The output of a branch that did not end reads as an empty message.
    assert answer["result"]["output"] == {"value": 3 + 4}
    statuses = face.statuses(answer["execution_id"])
    assert statuses.pop("never") == "CANCELLED"
    assert set(statuses.values()) == {"SUCCEEDED"}


def test_branch_that_was_not_taken_counts_as_settled(face: Face) -> None:
    answer = face.invoke("some_skipped", {"value": 1})
    assert answer["result"]["output"] == {"value": 3 + 3}
    assert face.statuses(answer["execution_id"])["large"] == "SKIPPED"
    answer = face.invoke("some_skipped", {"value": 200})
    assert answer["result"]["output"] == {"value": 202 + 402}
    assert face.statuses(answer["execution_id"])["small"] == "SKIPPED"


def test_failure_cancels_the_other_branches_at_once(face: Face) -> None:
    execution_id, error = face.failed("failing_at_once", {"value": 1})
    assert (error["code"], error["node"], error["message"]) == ("WRONG", "bad", "2 is wrong")
    assert face.execution(execution_id)["status"] == "FAILED"
    statuses = face.statuses(execution_id)
    assert statuses["bad"] == "FAILED"
    assert statuses["never"] == "CANCELLED"
    assert (statuses["join"], statuses["end"]) == ("SKIPPED", "SKIPPED")


def test_other_branches_may_finish_first(face: Face) -> None:
    execution_id, error = face.failed("finishing_first", {"value": 1})
    assert (error["code"], error["node"]) == ("WRONG", "bad")
    statuses = face.statuses(execution_id)
    assert (statuses["bad"], statuses["long"], statuses["nap"], statuses["longer"]) == (
        "FAILED",
        "SUCCEEDED",
        "SUCCEEDED",
        "SUCCEEDED",
    )
    assert statuses["end"] == "SKIPPED"
    log = face.log(execution_id)
    assert log.index(("NODE_FAILED", "bad")) < log.index(("NODE_SUCCEEDED", "longer"))


def test_failure_is_nothing_to_a_gate_that_other_branches_reach(face: Face) -> None:
    answer = face.invoke("tolerant", {"value": 1})
    assert answer["result"]["output"] == {"value": 3}
    statuses = face.statuses(answer["execution_id"])
    assert (statuses["bad"], statuses["good"], statuses["end"]) == ("FAILED", "SUCCEEDED", "SUCCEEDED")
    assert face.execution(answer["execution_id"])["status"] == "COMPLETED"


def test_gate_that_nothing_runs_for_shows_in_the_status(face: Face) -> None:
    execution_id = face.begin("gate_waits", {"value": 1})
    face.until(lambda: face.execution(execution_id)["status"] == "WAITING_ON_GATE")
    assert face.nodes(execution_id)["join"]["wait"] == "GATE"
    face.cancel(execution_id)
    assert face.execution(execution_id)["status"] == "CANCELLED"
    statuses = face.statuses(execution_id)
    assert (statuses["nap"], statuses["join"]) == ("CANCELLED", "CANCELLED")


def test_failure_stops_a_map_and_a_sub_flow_beside_it(face: Face) -> None:
    execution_id = face.begin("failing_beside", {"value": 3})
    child = face.child(execution_id)
    assert face.wait(execution_id)["status"] == "FAILED"
    statuses = face.statuses(execution_id)
    assert (statuses["each"], statuses["child"], statuses["bad"]) == ("CANCELLED", "CANCELLED", "FAILED")
    assert face.wait(child)["status"] == "CANCELLED"


def test_sub_flow_that_is_not_needed_any_more_is_cancelled(face: Face) -> None:
    execution_id = face.begin("outrun", {"value": 1})
    child = face.child(execution_id)
    assert face.wait(execution_id)["status"] == "COMPLETED"
    assert face.statuses(execution_id)["child"] == "CANCELLED"
    assert face.wait(child)["status"] == "CANCELLED"


def test_gate_gives_no_more_than_a_message_holds(face: Face) -> None:
    _, error = face.failed("joined_large", {"value": 1})
    assert (error["code"], error["node"]) == ("OUTPUT_TOO_LARGE", "join")
