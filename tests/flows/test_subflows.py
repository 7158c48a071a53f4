"""Sub-flows: a child execution that its parent waits for."""

from __future__ import annotations

from typing import Any

from tests.flows.faces import Face
from tests.harness import Server

DEPTH_MAX = 32


def test_child_runs_as_an_execution_and_both_know_each_other(face: Face) -> None:
    answer = face.invoke("called", {"value": 200})
    parent = answer["execution_id"]
    assert answer["result"]["output"] == {"value": 407}
    child = face.child(parent)
    found = face.execution(child)
    assert (found["status"], found["flow"], found["depth"]) == ("COMPLETED", "chosen", 1)
    assert (found["parent_execution_id"], found["parent_node"]) == (parent, "child")
    assert "parent_execution_id" not in face.execution(parent)
    assert ("NODE_WAITING", "child") in face.log(parent)


def test_failure_of_the_child_is_that_of_the_node(face: Face) -> None:
    parent, error = face.failed("called_failing", {"value": 4})
    child = face.child(parent)
    assert (error["code"], error["node"]) == ("WRONG", "child")
    assert error["message"] == f"child execution {child} is FAILED: 5 is wrong"
    assert face.statuses(parent) == {"start": "COMPENSATED", "child": "FAILED"}


def test_cancel_goes_down(face: Face) -> None:
    parent = face.begin("called_hung", {"value": 1})
    middle = face.child(parent)
    lowest = face.child(middle)
    face.until_node(lowest, "stuck", "RUNNING")
    face.cancel(parent, "enough")
    for execution_id in (parent, middle, lowest):
        assert face.wait(execution_id)["status"] == "CANCELLED"
    assert face.statuses(lowest) == {"stuck": "CANCELLED"}


def test_cancel_of_the_child_fails_the_parent(face: Face) -> None:
    parent = face.begin("called_hung", {"value": 1})
    middle = face.child(parent)
    face.cancel(face.child(middle))
    assert face.wait(parent)["status"] == "FAILED"
    assert face.execution(parent)["error"]["code"] == "CHILD_CANCELLED"


def test_child_that_is_paused_leaves_its_parents_waiting(face: Face) -> None:
    parent = face.begin("called_asked", {"value": 1})
    child = face.child(face.child(parent))
    face.until(lambda: face.execution(child)["status"] == "PAUSED")
    assert face.execution(parent)["status"] == "RUNNING"
    node = face.nodes(parent)["child"]
    assert (node["status"], node["wait"]) == ("WAITING", "FLOW")
    face.approve(child, "ask")
    assert face.wait(parent)["status"] == "COMPLETED"
    assert face.ask("GetOutput", {"execution_id": parent})["output"] == {"value": 4}


def compiled(server: Server, flow: str, nodes: Any) -> None:
    definition = {"flow": flow, "nodes": nodes}
    answer = server.request("POST", f"/flows/v1/flows/{flow}:compile", {"definition": definition})
    assert answer.status == 200, answer.body


def test_flow_that_runs_itself_ends_at_the_limit_of_depth(kit: Server, face: Face) -> None:
    flow = f"itself_{type(face).__name__.lower()}"
    compiled(kit, flow, {"child": {"use": "kit/inc"}})
    compiled(kit, flow, {"child": {"flow": flow}})
    execution_id, error = face.failed(flow, {"value": 1})
    assert error["code"] == "TOO_DEEP"
    assert f"the limit is {DEPTH_MAX}" in error["message"]
    depth = 0
    while "child_execution_id" in (node := face.nodes(execution_id)["child"]):
        execution_id, depth = node["child_execution_id"], depth + 1
    assert (depth, face.execution(execution_id)["depth"]) == (DEPTH_MAX, DEPTH_MAX)


def test_deadline_of_the_parent_cancels_the_child(face: Face) -> None:
    execution_id = face.begin("called_in_time", {"value": 1})
    child = face.child(execution_id)
    assert face.wait(execution_id)["status"] == "TIMED_OUT"
    assert face.wait(child)["status"] == "CANCELLED"
