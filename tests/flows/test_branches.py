"""Branches: one way is taken, the others are skipped with everything behind them."""

from __future__ import annotations

import pytest

from tests.flows.faces import Face


@pytest.mark.parametrize(
    ("value", "output", "skipped", "branch"),
    [
        pytest.param(200, 404, {"small"}, "large", id="first that holds"),
        pytest.param(50, 53, {"large", "larger"}, "small", id="second"),
        pytest.param(1, 2001, {"large", "larger", "small"}, "end", id="otherwise"),
    ],
)
def test_one_branch_is_taken_and_the_others_are_skipped(
    face: Face, value: int, output: int, skipped: set[str], branch: str
) -> None:
    answer = face.invoke("chosen", {"value": value})
    execution_id = answer["execution_id"]
    assert answer["result"]["output"] == {"value": output}
    statuses = face.statuses(execution_id)
    assert {node for node, status in statuses.items() if status == "SKIPPED"} == skipped
    assert {status for node, status in statuses.items() if node not in skipped} == {"SUCCEEDED"}
    assert {node for kind, node in face.log(execution_id) if kind == "NODE_SKIPPED"} == skipped
    chosen = next(event for event in face.events(execution_id, "start") if event["type"] == "NODE_SUCCEEDED")
    assert chosen["branch"] == branch


def test_flow_in_which_no_condition_holds_fails(face: Face) -> None:
    execution_id, error = face.failed("undecided", {"value": 1})
    assert (error["code"], error["node"]) == ("NO_BRANCH_TAKEN", "start")
    assert face.statuses(execution_id) == {"start": "SUCCEEDED", "large": "SKIPPED"}
