"""What a server says of one execution, in pieces that tests put together."""

from __future__ import annotations

from typing import Any

from tests.cli.fake_server import event

ID = "0123456789abcdef0123456789abcdef"
PATH = f"/invocations/v1/executions/{ID}"
INVOKE = "/invocations/v1/flows/invoke"
FAILURE = {"code": "CARD_REFUSED", "message": "card refused", "node": "greet", "traceback": "Traceback:\n  boom\n"}


def execution(status: str, **more: object) -> dict[str, Any]:
    """An Execution."""
    artifact = {"flow": "hello", "graph_id": "01K" + "0" * 23, "version": 3, "mode": "UNARY"}
    fixed = {"execution_id": ID, "status": status, **artifact}
    ended = {} if status == "RUNNING" else {"complete_time": "2026-01-02T03:04:06Z"}
    return {**fixed, "create_time": "2026-01-02T03:04:05Z", "duration": "1s", "labels": {}, **ended, **more}


def node(kind: str, sequence: int, second: float, **more: object) -> dict[str, Any]:
    """An Event about the node greet."""
    time = f"2026-01-02T03:04:{second:06.3f}Z"
    return {"sequence": sequence, "type": kind, "node": "greet", "attempt": 1, "time": time, **more}


def frame(index: int, payload: object = None, **more: object) -> dict[str, Any]:
    """A Frame; the final one when there is no payload."""
    what = {"is_final": True} if payload is None else {"payload": payload, "is_final": False}
    return {"execution_id": ID, "frame_index": index, "success": True, **what, **more}


STARTED = event(execution("RUNNING"), 1, "status") + event(node("NODE_STARTED", 2, 5), 2, "node")
SUCCEEDED = event(node("NODE_SUCCEEDED", 3, 5.25), 3, "node")
FAILED = event(node("NODE_FAILED", 3, 5.25, error=FAILURE), 3, "node")
