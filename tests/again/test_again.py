"""Executions that are made from others: recovered, relaunched and forked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.again.conftest import streamed
from tests.flows.faces import Face, Refused
from tests.harness import Server


def ran(face: Face, key: str) -> int:
    """How often something ran."""
    return int(face.output("ran", {"key": key}).get("runs", 0))


def stopped(face: Face, flow: str, wall: Path) -> str:
    execution_id, error = face.failed(flow, {"key": str(wall)})
    assert error["message"].endswith("there is a wall")
    return execution_id


def again(face: Face, verb: str, execution_id: str, **fields: Any) -> str:
    made = face.ask(f"{verb}Execution", {"execution_id": execution_id, **fields})
    assert (made["source"], made["source_execution_id"]) == (verb.upper(), execution_id)
    return str(made["execution_id"])


def test_what_completed_does_not_run_again(face: Face, wall: Path) -> None:
    first = str(face.begin("walled", {"key": str(wall)}))
    face.until_node(first, "ask", "WAITING")
    face.approve(first, "ask")
    assert face.wait(first)["status"] == "FAILED"
    wall.touch()
    second = again(face, "Recover", first)
    assert face.wait(second)["status"] == "COMPLETED"
    assert face.statuses(second) == {"first": "RECOVERED", "ask": "RECOVERED", "wall": "SUCCEEDED"}
    assert face.log(second)[:4] == [
        ("EXECUTION_ACCEPTED", ""),
        ("EXECUTION_STARTED", ""),
        ("NODE_RECOVERED", "first"),
        ("NODE_RECOVERED", "ask"),
    ]
    assert ran(face, f"{wall}/step") == 1
    assert face.ask("GetOutput", {"execution_id": second})["output"] == {"key": str(wall), "value": 11}
    shown = [each["node"] for each in face.ask("ListCheckpoints", {"execution_id": second})["checkpoints"]]
    assert shown == ["first", "ask", "wall"]


def test_branches_that_completed_count_for_their_gate(face: Face, wall: Path) -> None:
    first = stopped(face, "parted", wall)
    wall.touch()
    second = again(face, "Recover", first)
    assert face.wait(second)["status"] == "COMPLETED"
    statuses = face.statuses(second)
    assert (statuses["left"], statuses["right"], statuses["join"]) == ("RECOVERED", "SUCCEEDED", "SUCCEEDED")
    assert ran(face, f"{wall}/step") == 2


def test_items_of_a_map_that_completed_do_not_run_again(face: Face, wall: Path) -> None:
    first = stopped(face, "mapped", wall)
    wall.touch()
    second = again(face, "Recover", first)
    assert face.wait(second)["status"] == "COMPLETED"
    assert face.ask("GetOutput", {"execution_id": second})["output"]["value"] == 60
    assert [ran(face, f"{wall}/{item}") for item in range(4)] == [1, 1, 2, 1]


def test_sub_flow_goes_on_where_its_child_stopped(face: Face, wall: Path) -> None:
    first = stopped(face, "outer", wall)
    wall.touch()
    second = again(face, "Recover", first)
    assert face.wait(second)["status"] == "COMPLETED"
    child = face.child(second, "inner")
    assert face.execution(child)["source_execution_id"] == face.child(first, "inner")
    assert face.statuses(child)["left"] == "RECOVERED"


def test_what_was_undone_runs_again(face: Face, wall: Path) -> None:
    first = stopped(face, "undone", wall)
    wall.touch()
    second = again(face, "Recover", first)
    assert face.wait(second)["status"] == "COMPLETED"
    assert face.statuses(second) == {"first": "SUCCEEDED", "wall": "SUCCEEDED"}


def test_recovered_execution_that_stops_again_is_recovered_again(face: Face, wall: Path) -> None:
    second = again(face, "Recover", stopped(face, "parted", wall))
    assert face.wait(second)["status"] == "FAILED"
    wall.touch()
    third = again(face, "Recover", second)
    assert face.wait(third)["status"] == "COMPLETED"
    assert ran(face, f"{wall}/step") == 2


def test_only_what_stopped_is_recovered(face: Face, wall: Path) -> None:
    wall.touch()
    done = face.invoke("parted", {"key": str(wall)})["execution_id"]
    with pytest.raises(Refused, match="only an execution that stopped can be recovered: it is COMPLETED") as refused:
        again(face, "Recover", done)
    assert (refused.value.status, refused.value.reason) == (409, "ILLEGAL_STATE")
    with pytest.raises(Refused) as unknown:
        again(face, "Recover", "0" * 32)
    assert unknown.value.status == 404


def test_one_request_id_makes_one_execution(face: Face, wall: Path) -> None:
    first = stopped(face, "parted", wall)
    wall.touch()
    made = {again(face, "Recover", first, request_id=f"again {first}") for _ in range(2)}
    assert len(made) == 1
    assert face.wait(made.pop())["status"] == "COMPLETED"


def test_relaunch_begins_anew_with_the_same_input(face: Face, wall: Path) -> None:
    first = stopped(face, "parted", wall)
    wall.touch()
    second = again(face, "Relaunch", first)
    assert face.wait(second)["status"] == "COMPLETED"
    assert ran(face, f"{wall}/step") == 4
    third = again(face, "Relaunch", first, flow="undone")
    assert face.wait(third)["flow"] == "undone"


def test_relaunch_refuses_a_flow_that_cannot_read_the_input(face: Face, wall: Path) -> None:
    first = stopped(face, "parted", wall)
    counted = face.invoke("ran", {"key": "a"})["execution_id"]
    assert again(face, "Relaunch", first, flow="ran")  # the same fields
    with pytest.raises(Refused) as refused:
        again(face, "Relaunch", counted, flow="no_such_flow")
    assert refused.value.status == 404


def test_fork_goes_on_from_a_changed_checkpoint(face: Face, wall: Path) -> None:
    wall.touch()
    first = face.invoke("parted", {"key": str(wall)})["execution_id"]
    second = again(face, "Fork", first, node="first", patch={"value": 100})
    assert face.wait(second)["status"] == "COMPLETED"
    assert face.statuses(second)["first"] == "RECOVERED"
    assert face.ask("GetOutput", {"execution_id": second})["output"]["value"] == 101 + 110
    assert ran(face, f"{wall}/step") == 3


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"node": "nobody"}, "node: expected one of first, left, right, join, got 'nobody'"),
        ({"node": "join"}, "node: nothing comes after join"),
        ({"node": "first", "patch": {"valu": 1}}, "patch.valu: unknown field"),
        ({"node": "first", "patch": {"value": "x"}}, "patch.value: expected int64"),
    ],
)
def test_fork_says_what_is_wrong(face: Face, wall: Path, fields: Any, message: str) -> None:
    wall.touch()
    first = face.invoke("parted", {"key": str(wall)})["execution_id"]
    with pytest.raises(Refused) as refused:
        again(face, "Fork", first, **fields)
    assert (refused.value.status, refused.value.message[: len(message)]) == (400, message)


def test_fork_decides_the_branches_behind_its_node_anew(face: Face) -> None:
    first = face.invoke("chosen", {"key": "a"})["execution_id"]
    assert face.statuses(first)["high"] == "SKIPPED"
    second = again(face, "Fork", first, node="first", patch={"value": 11})
    assert face.wait(second)["status"] == "COMPLETED"
    assert face.statuses(second) == {"first": "RECOVERED", "low": "SKIPPED", "high": "SUCCEEDED", "last": "SUCCEEDED"}
    assert face.ask("GetOutput", {"execution_id": second})["output"]["value"] == 13


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "patch: no edge behind first is taken with it"),
        (0, "patch: an edge behind first cannot be evaluated with it: "),
    ],
)
def test_fork_from_where_nothing_follows_is_refused(face: Face, value: int, message: str) -> None:
    first = face.invoke("chosen", {"key": "a"})["execution_id"]
    with pytest.raises(Refused) as refused:
        again(face, "Fork", first, node="first", patch={"value": value})
    assert (refused.value.status, refused.value.message[: len(message)]) == (400, message)


def test_node_that_took_no_branch_runs_again(face: Face) -> None:
    first, error = face.failed("chosen", {"key": "b", "value": 4})
    assert error["code"] == "NO_BRANCH_TAKEN"
    second = again(face, "Recover", first)
    assert face.wait(second)["error"]["code"] == "NO_BRANCH_TAKEN"
    assert face.statuses(second)["first"] == "SUCCEEDED"


def test_pipeline_gives_its_frames_anew(redo: Server, face: Face, wall: Path) -> None:
    first = streamed(redo, wall)
    assert face.execution(first)["status"] == "FAILED"
    wall.touch()
    second = again(face, "Recover", first)
    assert face.wait(second)["status"] == "COMPLETED"
    assert face.statuses(second) == {"first": "RECOVERED", "trickle": "SUCCEEDED", "wall": "SUCCEEDED"}
    third = again(face, "Fork", second, node="first", patch={"value": 100})
    assert face.wait(third)["status"] == "COMPLETED"
    stream = redo.stream("GET", f"/invocations/v1/executions/{third}/stream")
    frames = [each.json["payload"]["value"] for each in stream if each.name == "message" and "payload" in each.json]
    assert frames == [110, 111, 112]


@pytest.mark.parametrize("node", ["trickle", "wall"])
def test_fork_from_frames_is_refused(redo: Server, face: Face, wall: Path, node: str) -> None:
    wall.touch()
    first = streamed(redo, wall)
    assert face.execution(first)["status"] == "COMPLETED"
    with pytest.raises(Refused, match=f"node: {node} has no checkpoint to go on from in execution") as refused:
        again(face, "Fork", first, node=node)
    assert refused.value.status == 400


def test_a_pause_behind_what_was_taken_over_has_its_input(face: Face, redo: Server, wall: Path) -> None:
    first = str(face.begin("walled", {"key": str(wall)}))
    face.until_node(first, "ask", "WAITING")
    second = again(face, "Fork", first, node="first")
    face.until_node(second, "ask", "WAITING")
    for execution_id in (first, second):
        (pause,) = redo.request("GET", f"/invocations/v1/executions/{execution_id}/pauses").json["pauses"]
        assert pause["input"] == {"key": str(wall), "value": 1}
        face.approve(execution_id, "ask")
