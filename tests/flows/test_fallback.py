"""Fallbacks: another function in the place of one whose attempts all failed."""

from __future__ import annotations

from tests.flows.faces import Face


def test_fallback_gives_the_output_of_the_node(face: Face) -> None:
    answer = face.invoke("rescued", {"value": 1})
    execution_id = answer["execution_id"]
    assert answer["result"]["output"] == {"value": 102}
    assert face.log(execution_id)[2:6] == [
        ("NODE_STARTED", "bad"),
        ("NODE_FELL_BACK", "bad"),
        ("NODE_STARTED", "bad"),
        ("NODE_SUCCEEDED", "bad"),
    ]
    node = face.nodes(execution_id)["bad"]
    assert (node["status"], node["fallback"], node["attempt_count"]) == ("SUCCEEDED", True, 2)
    first, second = face.attempts(execution_id, "bad")
    assert (first["error"]["code"], second["status"], second["fallback"]) == ("WRONG", "SUCCEEDED", True)


def test_failure_of_the_fallback_is_that_of_the_node(face: Face) -> None:
    execution_id, error = face.failed("not_rescued", {"value": 1})
    assert (error["code"], error["node"], error["attempt"]) == ("NO_RESCUE", "bad", 2)
    assert face.statuses(execution_id) == {"bad": "FAILED"}


def test_fallback_follows_a_timeout_too(face: Face) -> None:
    answer = face.invoke("rescued_in_time", {"value": 1})
    assert answer["result"]["output"] == {"value": 101}
    first, second = face.attempts(answer["execution_id"], "bad")
    assert (first["error"]["code"], second["status"]) == ("NODE_TIMEOUT", "SUCCEEDED")
