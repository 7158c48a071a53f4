"""What tests of nodes that misbehave ask: why an execution failed, and whether the others go on."""

from __future__ import annotations

from typing import Any

from tests.e2e.support import streamed
from tests.harness import Server

IN_NODES = r'  File "nodes\.py", line \d+, in '


def goes_on(server: Server) -> bool:
    return bool(server.invoke("echo", {"text": "well"})["result"]["output"] == {"text": "well"})


def failure(server: Server, flow: str, status: str = "FAILED", timeout_s: float = 5) -> dict[str, Any]:
    """The error of a waiting invocation, which is also the one of the execution, of its node and of its attempt."""
    answer = server.invoke(flow, {"text": "x"}, timeout_seconds=timeout_s)
    assert answer.get("result", {}).get("success") is False, answer
    error = answer["result"]["error"]
    execution = server.execution(answer["execution_id"])
    assert (execution["status"], execution["error"], error["node"]) == (status, error, flow)
    [node] = server.execution(answer["execution_id"], "/nodes")["nodes"]
    [attempt] = server.execution(answer["execution_id"], f"/nodes/{flow}/attempts")["attempts"]
    assert (node["status"], node["error"]) == (status, error)
    assert (attempt["status"], attempt["error"]) == ("FAILED", error)
    assert goes_on(server)
    return dict(error)


def by_the_node(code: str, message: str, node: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "kind": "USER",
        "node": node,
        "class": "LOGIC",
        "attempt": 1,
        "retryable": code == "NODE_RAISED",
    } | more


def last_frame(server: Server, flow: str, **fields: Any) -> tuple[list[Any], dict[str, Any]]:
    """The payloads of a stream, and its final frame."""
    *frames, final = (event.json for event in streamed(server, flow, {"text": "x"}, **fields))
    assert goes_on(server)
    return [frame["payload"] for frame in frames], final
