"""The example that shows what a flow can do beyond a chain, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.harness import Server

EXECUTIONS = "/invocations/v1/executions"


def order(order_id: str, sku: str, quantity: int = 1) -> dict[str, Any]:
    return {"order_id": order_id, "customer": {"name": "Ada"}, "lines": [{"sku": sku, "quantity": quantity}]}


def node_statuses(server: Server, execution_id: str) -> dict[str, str]:
    nodes = server.request("GET", f"{EXECUTIONS}/{execution_id}/nodes").json["nodes"]
    return {node["node"]: node["status"] for node in nodes}


def test_a_small_order_is_shipped_without_asking_anybody(server: Server) -> None:
    answer = server.invoke("fulfil", order("F-1", "CUP-PORCELAIN"))
    assert answer["result"]["output"]["text"] == "PN-F-1: 1 items to Ada"
    assert node_statuses(server, answer["execution_id"]) == {
        "price": "SUCCEEDED",
        "approve": "SKIPPED",
        "charge": "SUCCEEDED",
        "lines": "SUCCEEDED",
        "score": "SUCCEEDED",
        "join": "SUCCEEDED",
        "decide": "SUCCEEDED",
        "nap": "SUCCEEDED",
        "ship": "SUCCEEDED",
    }


def test_a_large_order_waits_for_a_person(server: Server) -> None:
    answer = server.invoke("fulfil", order("F-2", "SAMOVAR"))
    assert (answer.get("result"), answer["status"]) == (None, "PAUSED")
    execution = f"{EXECUTIONS}/{answer['execution_id']}"
    assert server.request("POST", f"{execution}/pauses/approve:approve", {}).json["state"] == "APPROVED"
    assert server.wait(answer["execution_id"])["status"] == "COMPLETED"
    assert server.request("GET", f"{execution}/output").json["output"]["number"] == "PN-F-2"


def test_an_order_that_is_rejected_was_never_charged(server: Server) -> None:
    execution_id = server.invoke("fulfil", order("F-3", "SAMOVAR"))["execution_id"]
    server.request("POST", f"{EXECUTIONS}/{execution_id}/pauses/approve:reject", {"comment": "no"})
    assert server.wait(execution_id)["error"]["code"] == "REJECTED"
    assert node_statuses(server, execution_id)["charge"] == "SKIPPED"


def test_a_line_that_is_sold_out_has_the_charge_undone(server: Server) -> None:
    answer = server.invoke("fulfil", order("F-4", "TEA-SENCHA", 41))
    assert answer["result"]["error"]["code"] == "MAP_ITEMS_FAILED"
    assert node_statuses(server, answer["execution_id"])["charge"] == "COMPENSATED"
