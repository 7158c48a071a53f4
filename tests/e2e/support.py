"""What several of these tests need: paths, polling, and answers without what differs from run to run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from tests.harness import Answer, Server, SseEvent

INVOKE = "/invocations/v1/flows/invoke"
STREAM = "/invocations/v1/flows/invoke/stream"
EXECUTIONS = "/invocations/v1/executions"
PROTOBUF = "application/x-protobuf"
NOBODY = "0123456789abcdef0123456789abcdef"
"""An execution id that no execution has."""

_LOOK_EVERY_S = 0.02
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DURATION = re.compile(r"\d+(\.\d+)?s")

_T = TypeVar("_T")


def eventually(look: Callable[[], _T], timeout_s: float = 20) -> _T:
    """The first true value that `look` gives. Fails when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing within {timeout_s:g} s, at last {found!r}"
        time.sleep(_LOOK_EVERY_S)
    return found


def masked(value: Any) -> Any:
    """JSON with TIME for each time and DURATION for each duration."""
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str) and _TIME.fullmatch(value):
        return "TIME"
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return "DURATION"
    return value


def refusal(answer: Answer) -> tuple[int, Any]:
    """Status and body of an error, which is always JSON of the same four members."""
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json) == ["error", "code", "reason", "details"]
    return answer.status, answer.json


def refused(field: str, problem: str, reason: str = "INVALID_VALUE") -> tuple[int, Any]:
    """What `refusal` gives for one thing that is wrong with a request."""
    return 400, {
        "error": f"{field}: {problem}",
        "code": "INVALID_ARGUMENT",
        "reason": reason,
        "details": {"violations": [{"field": field, "description": problem}]},
    }


def not_found(sentence: str, reason: str = "NOT_FOUND") -> tuple[int, Any]:
    return 404, {"error": sentence, "code": "NOT_FOUND", "reason": reason, "details": {}}


def streamed(server: Server, flow: str, given: Any, **fields: Any) -> Iterator[SseEvent]:
    """The events of a streaming invocation, as they come."""
    return server.stream("POST", STREAM, {"flow": flow, "input": given} | fields)


def watched(server: Server, execution_id: str, after: str = "") -> Iterator[SseEvent]:
    """The events of an execution, as they come, resumed after an id."""
    headers = {"Last-Event-ID": after} if after else {}
    return server.stream("GET", f"{EXECUTIONS}/{execution_id}/stream", headers=headers)


def started(server: Server, execution_id: str, node: str) -> None:
    """Returns when the node has been under way for long enough to be on record as RUNNING."""
    for event in watched(server, execution_id):
        if event.name == "node" and (event.json["type"], event.json["node"]) == ("NODE_STARTED", node):
            return
    raise AssertionError(f"{node} never started: {server.execution(execution_id)}")


def cancel(server: Server, execution_id: str, reason: str = "") -> Answer:
    query = f"?reason={quote(reason)}" if reason else ""
    return server.request("DELETE", f"/invocations/v1/flows/{execution_id}{query}")


def completed(server: Server, flow: str, given: Any, **fields: Any) -> str:
    """Runs the flow to its end and gives the execution's id."""
    return str(server.invoke(flow, given, **fields)["execution_id"])


def event(sequence: int, kind: str, node: str = "", **more: Any) -> dict[str, Any]:
    """An event as `masked` shows it."""
    about = {"node": node, "attempt": 1} if node else {}
    return {"sequence": sequence, "type": kind, **about, "time": "TIME", **more}


def gated(tmp_path: Path, count: int, gate_after: int) -> tuple[dict[str, Any], Path]:
    """Input of `count` that waits after a frame until the file is there."""
    gate = tmp_path / "gate"
    return {"count": count, "gate": str(gate), "gate_after": gate_after}, gate
