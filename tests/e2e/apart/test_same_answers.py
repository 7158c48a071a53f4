"""Two gateways of one engine, together with it and apart, give the same bytes."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from tests.e2e.apart.conftest import ServerApart
from tests.e2e.support import EXECUTIONS, INVOKE, NOBODY, PROTOBUF, STREAM, cancel, completed, streamed
from tests.harness import EXAMPLES, Answer

ADA = {"flow": "hello", "input": {"name": "Ada"}, "wait": True}
HELLO = InvokeFlowRequest(flow="hello", input_bytes=b"\x0a\x03Ada", wait=True).SerializeToString()
LOGS = {"flow": "logs", "input": json.loads((EXAMPLES / "logs" / "input.json").read_text())}
AS_PROTOBUF = {"Content-Type": PROTOBUF, "Accept": PROTOBUF}

DIFFERS = re.compile(rb'[0-9a-f]{32}|(?<="completed_at":)\d+|(?<=^id: )\d+', re.MULTILINE)
"""What differs from call to call: the execution, the time, and how what a node logs falls between its frames."""

CALLS: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "invoke": ("POST", INVOKE, ADA, {}),
    "invoke and leave": ("POST", INVOKE, ADA | {"wait": False}, {}),
    "invoke in protobuf for JSON": ("POST", INVOKE, HELLO, {"Content-Type": PROTOBUF}),
    "fail": ("POST", INVOKE, {"flow": "orders", "input": {"order_id": "A-1"}, "wait": True}, {}),
    "stream": ("POST", STREAM, LOGS, {}),
    "unknown field": ("POST", INVOKE, {"flow": "hello", "input": {"nam": "Ada"}}, {}),
    "no JSON": ("POST", INVOKE, b"{", {"Content-Type": "application/json"}),
    "pipeline": ("POST", INVOKE, LOGS, {}),
    "pipeline, told in protobuf": ("POST", INVOKE, LOGS, {"Accept": PROTOBUF}),
    "unknown flow": ("POST", INVOKE, {"flow": "nobody", "input": {}}, {}),
    "bad key": ("GET", EXECUTIONS, None, {"Authorization": "Bearer wrong"}),
    "no such path": ("GET", "/flows/v2", None, {}),
    "wrong method": ("PUT", INVOKE, {}, {}),
    "bad filter": ("GET", f"{EXECUTIONS}?filter=status%20%3D%20X", None, {}),
    "nobody": ("GET", f"{EXECUTIONS}/{NOBODY}", None, {}),
    "wait for nobody": ("GET", f"{EXECUTIONS}/{NOBODY}:wait", None, {}),
    "watch nobody": ("GET", f"{EXECUTIONS}/{NOBODY}/stream", None, {}),
    "artifacts": ("GET", "/flows/v1/artifacts", None, {}),
    "artifact": ("GET", "/flows/v1/artifacts/orders?view=FULL", None, {}),
    "artifact in protobuf": ("GET", "/flows/v1/artifacts/hello?view=FULL", None, {"Accept": PROTOBUF}),
    "drafts": ("GET", "/flows/v1/flows", None, {}),
    "compile nothing": ("POST", "/flows/v1/flows/nobody:compile", {}, {}),
    "compile what is wrong": ("POST", "/flows/v1/flows/x:compile", {"definition": {"flow": "x", "nodes": [{}]}}, {}),
    "packages": ("GET", "/packages/v1/packages", None, {}),
    "health": ("GET", "/healthz", None, {}),
    "readiness": ("GET", "/readyz", None, {}),
    "document": ("GET", "/openapi.json", None, {}),
}

ORDER = json.loads((EXAMPLES / "orders" / "input.json").read_text())
LABELS = {f"label{number}": str(number) for number in range(20)}
LOOKS = ("", "/events", "/checkpoints", "/nodes", "/output", "/stream", ":wait", "/nodes/price/attempts")


def shown(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    # Whether a connection is closed after a refusal depends on whether the body had come by then.
    headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Connection")}
    return answer.status, headers, DIFFERS.sub(b"*", answer.body)


@pytest.mark.parametrize("call", CALLS)
def test_a_call_gets_the_same_answer(server: ServerApart, call: str) -> None:
    method, path, body, headers = CALLS[call]
    answers = [shown(gateway.request(method, path, body, headers)) for gateway in (server, server.engine)]
    assert answers[0] == answers[1]


def test_protobuf_gets_the_same_answer(server: ServerApart) -> None:
    headers = AS_PROTOBUF | {"Idempotency-Key": "the same from both"}
    answers = [gateway.request("POST", INVOKE, HELLO, headers) for gateway in (server, server.engine)]
    assert answers[0].status == 202
    assert answers[0].body == answers[1].body


@pytest.fixture(scope="module")
def ordered(server: ServerApart) -> str:
    """An execution with all that an execution may have."""
    return completed(server, "orders", ORDER, labels=LABELS)


@pytest.mark.parametrize("look", LOOKS)
def test_an_execution_looks_the_same(server: ServerApart, ordered: str, look: str) -> None:
    answers = [gateway.request("GET", f"{EXECUTIONS}/{ordered}{look}") for gateway in (server, server.engine)]
    assert (answers[0].status, answers[0].body) == (answers[1].status, answers[1].body)


def test_an_execution_that_ended_is_refused_the_same_cancel(server: ServerApart) -> None:
    execution_id = completed(server, "hello", {"name": "Ada"})
    answers = [cancel(gateway, execution_id) for gateway in (server, server.engine)]
    assert answers[0].status == 409
    assert answers[0].body == answers[1].body


def test_a_stream_begun_at_one_is_resumed_at_the_other(server: ServerApart) -> None:
    [first, *rest] = streamed(server, LOGS["flow"], LOGS["input"])
    path = f"{EXECUTIONS}/{first.json['execution_id']}/stream"
    resumed = server.engine.stream("GET", path, headers={"Last-Event-ID": first.id})
    frames = [(event.id, event.json) for event in resumed if event.name == "message"]
    assert frames == [(event.id, event.json) for event in rest]


def test_a_hundred_calls_at_once_get_their_own_answers(server: ServerApart) -> None:
    def greet(name: str) -> Any:
        return server.invoke("hello", {"name": name})["result"]["output"]

    names = [f"caller {number}" for number in range(100)]
    with ThreadPoolExecutor(100) as callers:
        assert list(callers.map(greet, names)) == [{"greeting": f"Hello, {name}!"} for name in names]
