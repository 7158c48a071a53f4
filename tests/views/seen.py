"""What these tests look at: answers without what differs from run to run."""

from __future__ import annotations

from typing import Any

from tests.e2e.support import masked
from tests.harness import Server

BEGUN = {"start_time": "TIME"}
ENDED = {"start_time": "TIME", "complete_time": "TIME", "duration": "DURATION"}


def seen(server: Server, execution_id: str, rest: str) -> Any:
    """A part of an execution; errors are told by their code alone."""
    return _short(masked(server.execution(execution_id, rest)))


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: item["code"] if key == "error" else _short(item) for key, item in value.items()}


def nodes(server: Server, execution_id: str) -> dict[str, Any]:
    """The node executions by name."""
    return {node.pop("node"): node for node in seen(server, execution_id, "/nodes")["nodes"]}


def node(status: str, use: str = "", *, attempts: int = 1, **more: Any) -> dict[str, Any]:
    """A node execution as `nodes` gives it."""
    fixed = {"status": status, "use": use, "attempt_count": attempts, "frame_count": 0, "usage": []}
    return fixed | more


def attempts(server: Server, execution_id: str, node: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = seen(server, execution_id, f"/nodes/{node}/attempts{query}")["attempts"]
    assert {attempt.pop("node") for attempt in found} <= {node}
    return found


def attempt(number: int, status: str, **more: Any) -> dict[str, Any]:
    """An attempt that ended, as `attempts` gives it."""
    return {"attempt": number, "status": status, **ENDED, **more}


def events(server: Server, execution_id: str, query: str = "") -> list[dict[str, Any]]:
    """The log without sequences and times."""
    found: list[dict[str, Any]] = seen(server, execution_id, f"/events{query}")["events"]
    return [{key: value for key, value in event.items() if key not in ("sequence", "time")} for event in found]


def event(kind: str, node: str = "", attempt: int = 1, **more: Any) -> dict[str, Any]:
    """An event as `events` gives it; `attempt` 0 for one that has none."""
    about: dict[str, Any] = {"node": node} if node else {}
    if node and attempt:
        about["attempt"] = attempt
    return {"type": kind, **about, **more}
