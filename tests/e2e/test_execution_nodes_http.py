"""Checkpoints, nodes, attempts and output of an execution over HTTP, against a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.support import (
    EXECUTIONS,
    cancel,
    completed,
    masked,
    refusal,
    started,
    streamed,
)
from tests.harness import Server

ORDER = {"order_id": "A-1", "customer": {"name": "Ada"}, "lines": [{"sku": "POT-IRON", "quantity": 2}]}
WITH_CARD = ORDER | {"customer": {"name": "Ada", "card": "4242424242424242"}}


def test_each_completed_node_has_a_checkpoint_with_its_output(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER)
    checkpoints = masked(server.execution(execution_id, "/checkpoints"))
    for checkpoint in checkpoints["checkpoints"]:
        assert checkpoint.pop("output_bytes_size") > 0
    assert checkpoints == {
        "checkpoints": [
            {
                "node": "price",
                "sequence": 4,
                "attempt": 1,
                "time": "TIME",
                "output_type": "orders.Quote",
                "output": {
                    "order_id": "A-1",
                    "customer": {"name": "Ada", "tier": "STANDARD"},
                    "lines": [
                        {
                            "sku": "POT-IRON",
                            "title": "Cast-iron teapot, 0.8 l",
                            "quantity": 2,
                            "amount_cents": 9990,
                        }
                    ],
                    "goods_cents": 9990,
                    "discount_cents": 0,
                    "shipping_cents": 0,
                    "total_cents": 9990,
                },
                "frame_count": 0,
            },
            {
                "node": "invoice",
                "sequence": 7,
                "attempt": 1,
                "time": "TIME",
                "output_type": "orders.Payment",
                "output": {
                    "reference": "A-1",
                    "method": "INVOICE",
                    "amount_cents": 9990,
                    "note": "payable within 30 days of delivery",
                },
                "frame_count": 0,
            },
            {
                "node": "confirm",
                "sequence": 9,
                "attempt": 1,
                "time": "TIME",
                "output_type": "orders.Confirmation",
                "output": {
                    "order_id": "A-1",
                    "method": "INVOICE",
                    "amount_cents": 9990,
                    "text": "Thank you! Order A-1 is on its way: 99.90 EUR, payable within 30 days of delivery.",
                },
                "frame_count": 0,
            },
        ],
        "next_page_token": "",
    }


def test_a_pipeline_node_has_a_checkpoint_without_output(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    checkpoints = masked(server.execution(final.json["execution_id"], "/checkpoints"))["checkpoints"]
    common = {"attempt": 1, "time": "TIME", "output_bytes_size": 0}
    assert checkpoints == [
        {"node": "scan", "sequence": 10, "output_type": "logs.Record", "frame_count": 3, **common},
        {"node": "judge", "sequence": 11, "output_type": "logs.Finding", "frame_count": 0, **common},
    ]


def test_a_node_that_failed_has_no_checkpoint(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER | {"customer": {"name": "Ada", "card": "1"}})
    checkpoints = server.execution(execution_id, "/checkpoints")["checkpoints"]
    assert [(checkpoint["node"], checkpoint["sequence"]) for checkpoint in checkpoints] == [("price", 4)]


def test_checkpoints_come_in_pages(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER)
    whole = server.execution(execution_id, "/checkpoints")["checkpoints"]
    first = server.execution(execution_id, "/checkpoints?page_size=2")
    rest = server.execution(execution_id, f"/checkpoints?page_size=2&page_token={first['next_page_token']}")
    assert (first["checkpoints"], rest) == (whole[:2], {"checkpoints": whole[2:], "next_page_token": ""})


def node(name: str, status: str, *, attempts: int = 1, **more: Any) -> dict[str, Any]:
    """A node execution of `orders` with the times that its status has."""
    times = {"SKIPPED": {}, "RUNNING": {"start_time": "TIME"}, "QUEUED": {}}.get(
        status, {"start_time": "TIME", "complete_time": "TIME", "duration": "DURATION"}
    )
    use = f"orders/{name}"
    return {
        "node": name,
        "status": status,
        "use": use,
        "attempt_count": attempts,
        **times,
        "frame_count": 0,
        **more,
        "usage": [],
    }


def test_every_placed_node_is_listed_and_those_not_taken_are_skipped(server: Server) -> None:
    execution_id = completed(server, "orders", WITH_CARD)
    assert masked(server.execution(execution_id, "/nodes")) == {
        "nodes": [
            node("price", "SUCCEEDED"),
            node("charge", "SUCCEEDED"),
            node("invoice", "SKIPPED", attempts=0),
            node("confirm", "SUCCEEDED"),
        ],
        "next_page_token": "",
    }


def test_a_node_that_failed_tells_why_and_what_was_behind_it_is_skipped(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER | {"customer": {"name": "Ada", "card": "1"}})
    error = server.execution(execution_id)["error"]
    assert (error["code"], error["node"]) == ("BAD_CARD_NUMBER", "charge")
    assert masked(server.execution(execution_id, "/nodes"))["nodes"] == [
        node("price", "SUCCEEDED"),
        node("charge", "FAILED", error=error),
        node("invoice", "SKIPPED", attempts=0),
        node("confirm", "SKIPPED", attempts=0),
    ]


def test_a_pipeline_node_counts_its_frames(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    nodes = server.execution(final.json["execution_id"], "/nodes")["nodes"]
    assert [(one["node"], one["status"], one["frame_count"]) for one in nodes] == [
        ("scan", "SUCCEEDED", 3),
        ("judge", "SUCCEEDED", 0),
    ]


def test_the_nodes_of_a_running_execution(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("echo_then_wait", {"text": str(tmp_path / "ended")})
    started(lab, execution_id, "second")
    nodes = lab.execution(execution_id, "/nodes")["nodes"]
    assert [(one["node"], one["status"], one["attempt_count"]) for one in nodes] == [
        ("first", "SUCCEEDED", 1),
        ("second", "RUNNING", 1),
        ("third", "QUEUED", 0),
    ]
    cancel(lab, execution_id)
    nodes = lab.execution(execution_id, "/nodes")["nodes"]
    assert [(one["node"], one["status"]) for one in nodes] == [
        ("first", "SUCCEEDED"),
        ("second", "CANCELLED"),
        ("third", "SKIPPED"),
    ]


def test_the_attempts_of_a_node(server: Server) -> None:
    execution_id = completed(server, "orders", ORDER | {"customer": {"name": "Ada", "card": "1"}})
    error = server.execution(execution_id)["error"]
    times = {"start_time": "TIME", "complete_time": "TIME", "duration": "DURATION"}
    assert masked(server.execution(execution_id, "/nodes/price/attempts")) == {
        "attempts": [{"node": "price", "attempt": 1, "status": "SUCCEEDED", **times}],
        "next_page_token": "",
    }
    assert masked(server.execution(execution_id, "/nodes/charge/attempts")) == {
        "attempts": [{"node": "charge", "attempt": 1, "status": "FAILED", **times, "error": error}],
        "next_page_token": "",
    }
    assert server.execution(execution_id, "/nodes/confirm/attempts") == {"attempts": [], "next_page_token": ""}


def test_an_attempt_of_a_running_and_of_a_cancelled_node(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")})
    started(lab, execution_id, "wait_for_ever")
    running = masked(lab.execution(execution_id, "/nodes/wait_for_ever/attempts"))
    cancel(lab, execution_id)
    ended = masked(lab.execution(execution_id, "/nodes/wait_for_ever/attempts"))
    start = {"node": "wait_for_ever", "attempt": 1, "start_time": "TIME"}
    assert running["attempts"] == [{**start, "status": "RUNNING"}]
    assert ended["attempts"] == [{**start, "status": "ABORTED", "complete_time": "TIME", "duration": "DURATION"}]


def test_the_output_of_a_completed_execution(server: Server) -> None:
    execution_id = completed(server, "hello", {"name": "Ada"})
    assert server.execution(execution_id, "/output") == {
        "execution_id": execution_id,
        "status": "COMPLETED",
        "output_type": "hello.Greeting",
        "output": {"greeting": "Hello, Ada!"},
        "frame_count": 1,
    }


def test_the_output_of_a_pipeline_is_its_number_of_frames(server: Server) -> None:
    *_, final = streamed(server, "logs", {"file": "access.log", "status_min": 500})
    execution_id = final.json["execution_id"]
    assert server.execution(execution_id, "/output") == {
        "execution_id": execution_id,
        "status": "COMPLETED",
        "output_type": "logs.Finding",
        "frame_count": 3,
    }


def test_the_output_of_a_failed_execution_is_its_error(server: Server) -> None:
    execution_id = completed(server, "orders", {"order_id": "A-1"})
    assert server.execution(execution_id, "/output") == {
        "execution_id": execution_id,
        "status": "FAILED",
        "output_type": "orders.Confirmation",
        "error": server.execution(execution_id)["error"],
        "frame_count": 0,
    }


def test_there_is_no_output_before_the_end(lab: Server, tmp_path: Path) -> None:
    execution_id = lab.begin("wait_for_ever", {"text": str(tmp_path / "ended")})
    answer = lab.request("GET", f"{EXECUTIONS}/{execution_id}/output")
    cancel(lab, execution_id)
    assert refusal(answer) == (
        409,
        {
            "error": "the execution has no output yet: it is RUNNING",
            "code": "FAILED_PRECONDITION",
            "reason": "ILLEGAL_STATE",
            "details": {"status": "RUNNING"},
        },
    )
