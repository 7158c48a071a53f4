"""What waits when the process dies waits on afterwards: until the same time, for the same thing, and not from anew."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.durable.stage import EXECUTIONS, Stage, events, until

WAITS = {
    "patient": ("shaky", "RETRY"),
    "dozing": ("nap", "SLEEP"),
    "asking": ("ask", "PAUSE"),
    "listening": ("ear", "SIGNAL"),
    "calling_asking": ("child", "FLOW"),
}
"""Where each flow waits, and for what."""


def waiting(stage: Stage, execution_id: str, name: str) -> Any:
    """The node, once it waits: for what, until when, and which child."""
    nodes = stage.server.execution(execution_id, "/nodes")["nodes"]
    found = next(node for node in nodes if node["node"] == name)
    return {member: found.get(member) for member in MEMBERS} if found["status"] == "WAITING" else None


MEMBERS = ("wait", "due_time", "child_execution_id", "signal")


def all_waiting(stage: Stage, begun: dict[str, str]) -> dict[str, Any]:
    return {flow: until(partial(waiting, stage, execution_id, WAITS[flow][0])) for flow, execution_id in begun.items()}


def test_waits_go_on_as_they_were(stage: Stage) -> None:
    server = stage.server
    work = {"lines": str(stage.new_path())}
    begun = {flow: server.begin(flow, work) for flow in WAITS}
    before = all_waiting(stage, begun)
    assert {flow: found["wait"] for flow, found in before.items()} == {flow: wait for flow, (_, wait) in WAITS.items()}
    logs = {flow: events(server, execution_id) for flow, execution_id in begun.items()}
    stage.kill()
    stage.start()
    assert all_waiting(stage, begun) == before
    # The code that waits for a signal has to run again to wait; nothing else happens.
    log = until(lambda: len(found := events(server, begun["listening"])) > len(logs["listening"]) and found)
    logs["listening"] = [*logs["listening"], *log[len(logs["listening"]) :]]
    assert {flow: events(server, execution_id) for flow, execution_id in begun.items()} == logs
    for flow in ("patient", "dozing", "listening", "calling_asking"):
        assert server.request("DELETE", f"/invocations/v1/flows/{begun[flow]}").status == 200
    assert server.wait(before["calling_asking"]["child_execution_id"])["status"] == "CANCELLED"
    approved = server.request("POST", f"{EXECUTIONS}/{begun['asking']}/pauses/ask:approve", {})
    assert (approved.status, server.wait(begun["asking"])["status"]) == (200, "COMPLETED")
