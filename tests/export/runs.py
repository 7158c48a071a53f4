"""Executions to export: of every kind of node and of every end."""

from __future__ import annotations

from typing import Any

from tests.e2e.support import streamed
from tests.harness import Server

ORDER = {
    "order_id": "A-1",
    "customer": {"name": "Ada"},
    "lines": [{"sku": "SAMOVAR"}, {"sku": "TEA-SENCHA", "quantity": 2}],
}
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "branch": ("orders", {"order_id": "A-1", "customer": {"name": "Ada"}, "lines": [{"sku": "POT-IRON"}]}),
    "cached": ("cached", {"value": 1}),
    "failure": ("failing", {"value": 1}),
    "fallback": ("rescued", {"value": 1}),
    "gate": ("two_of_three", {"value": 1}),
    "map": ("mapped", {"items": [{"value": 1}, {"value": 2}]}),
    "map with failures": ("mapped_half", {"items": [{"value": 1}, {"value": 2}]}),
    "pipeline": ("count_and_double", {"count": 700}),
    "plain": ("echo", {"text": "x"}),
    "reports": ("seeing", {"value": 1}),
    "retries": ("retried", {"kind": "again", "times": 1}),
    "sleep": ("napped", {"value": 1}),
    "sub-flow": ("called", {"value": 1}),
    "undone": ("undone", {"value": 1}),
}


def begun(server: Server, run: str) -> str:
    flow, given = RUNS[run]
    if run == "pipeline":
        *_, final = streamed(server, flow, given)
        return str(final.json["execution_id"])
    return server.begin(flow, given)


def ended(server: Server, run: str) -> str:
    execution_id = begun(server, run)
    assert server.wait(execution_id)["status"] not in ("QUEUED", "RUNNING")
    return execution_id


def fulfilled(server: Server) -> str:
    """An execution with a pause that was approved, a map, a gate, a sleep and a sub-flow."""
    execution_id = str(server.invoke("fulfil", ORDER)["execution_id"])
    path = f"/invocations/v1/executions/{execution_id}/pauses/approve:approve"
    assert server.request("POST", path, {"comment": "fine"}).status == 200
    assert server.wait(execution_id)["status"] == "COMPLETED"
    return execution_id


def exported(server: Server, execution_id: str, query: str = "") -> Any:
    return server.execution(execution_id, f":export{query}")


def recovered(server: Server) -> str:
    """An execution that goes on with what another one completed before it failed, and fails again."""
    failed = server.begin("orders", RUNS["branch"][1] | {"customer": {"name": "Ada", "card": "1"}})
    assert server.wait(failed)["status"] == "FAILED"
    answer = server.request("POST", f"/invocations/v1/executions/{failed}:recover", {})
    assert answer.status < 300, answer.body
    execution_id = str(answer.json["execution_id"])
    server.wait(execution_id)
    return execution_id
