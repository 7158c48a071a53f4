"""POST /invocations/v1/flows/invoke: every sentence of the contract's section on it, against a real server."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.invocation_service_pb2 import InvocationResult, InvokeFlowRequest, InvokeFlowResponse
from tests.e2e.support import EXECUTIONS, INVOKE, PROTOBUF, cancel, eventually, not_found, refusal, refused
from tests.harness import EXAMPLES, Answer, Server

ADA = b"\x0a\x03Ada"
"""hello.GreetRequest with name "Ada" in protobuf."""
HELLO_ADA = b"\x0a\x0bHello, Ada!"
"""hello.Greeting with greeting "Hello, Ada!" in protobuf."""


def invoke(server: Server, body: Any, **headers: str) -> Answer:
    return server.request("POST", INVOKE, body, {name.replace("_", "-"): value for name, value in headers.items()})


def identify(answer: Answer) -> str:
    """The execution id, which is 32 lower-case hex digits."""
    execution_id = str(answer.json["execution_id"])
    assert re.fullmatch("[0-9a-f]{32}", execution_id)
    return execution_id


# Waiting.


def test_a_waiting_invocation_answers_with_the_promised_bytes(server: Server) -> None:
    before = int(time.time())
    answer = invoke(server, {"flow": "hello", "input": {"name": "Ada"}, "wait": True})
    completed_at = answer.json["result"]["completed_at"]
    assert (answer.status, answer.headers["Content-Type"]) == (202, "application/json")
    assert answer.body.decode() == (
        f'{{"accepted":true,"execution_id":"{identify(answer)}",'
        f'"result":{{"output":{{"greeting":"Hello, Ada!"}},"success":true,"completed_at":{completed_at}}}}}'
    )
    assert before <= completed_at <= int(time.time())


def test_an_invocation_that_does_not_wait_answers_with_the_promised_bytes(server: Server) -> None:
    answer = invoke(server, {"flow": "hello", "input": {"name": "Ada"}, "wait": False})
    assert answer.status == 202
    assert answer.body.decode() == f'{{"accepted":true,"execution_id":"{identify(answer)}"}}'
    assert server.wait(identify(answer))["status"] == "COMPLETED"


def test_not_to_wait_is_the_default(server: Server) -> None:
    answer = invoke(server, {"flow": "hello", "input": {"name": "Ada"}})
    assert answer.body.decode() == f'{{"accepted":true,"execution_id":"{identify(answer)}"}}'


def test_an_accepted_execution_is_there_at_once(server: Server) -> None:
    execution_id = server.begin("hello", {"name": "Ada"})
    assert server.execution(execution_id)["execution_id"] == execution_id


def test_a_failed_run_is_accepted_and_tells_why(server: Server) -> None:
    answer = invoke(server, {"flow": "orders", "input": {"order_id": "A-1", "customer": {"name": "Ada"}}, "wait": True})
    result = answer.json["result"]
    assert answer.status == 202
    assert answer.body.decode().startswith(
        f'{{"accepted":true,"execution_id":"{identify(answer)}",'
        f'"result":{{"success":false,"completed_at":{result["completed_at"]},'
        '"error":{"code":"EMPTY_ORDER","message":"order A-1 has no lines","kind":"USER","node":"price",'
    )
    traceback = result["error"].pop("traceback")
    assert result["error"] == {
        "code": "EMPTY_ORDER",
        "message": "order A-1 has no lines",
        "kind": "USER",
        "node": "price",
        "class": "LOGIC",
        "attempt": 1,
        "retryable": False,
    }
    assert re.fullmatch(
        r"Traceback \(most recent call last\):\n"
        r'  File "nodes\.py", line \d+, in price\n'
        r'    raise UserError\(f"order \{order\.order_id\} has no lines", code="EMPTY_ORDER"\)\n'
        r"[\w.]*UserError: order A-1 has no lines\n",
        traceback,
    )


def test_a_wait_that_runs_out_answers_and_the_run_goes_on(lab: Server, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    body = {"flow": "wait_for_file", "input": {"text": str(gate)}, "wait": True, "timeout_seconds": 0.2}
    answer = invoke(lab, body)
    assert answer.status == 202
    assert answer.body.decode() == f'{{"accepted":true,"execution_id":"{identify(answer)}","status":"RUNNING"}}'
    gate.touch()
    assert lab.wait(identify(answer))["status"] == "COMPLETED"


def test_a_run_that_is_cancelled_while_somebody_waits_for_it_answers_at_once(lab: Server, tmp_path: Path) -> None:
    marker = tmp_path / "began"
    body = {"flow": "sleep_for_ever", "input": {"text": str(marker)}, "wait": True, "labels": {"waits": tmp_path.name}}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(invoke, lab, body)
        eventually(marker.exists)
        listed = lab.request("GET", f'{EXECUTIONS}?filter=labels.waits="{tmp_path.name}"')
        [execution] = listed.json["executions"]
        assert cancel(lab, execution["execution_id"]).status == 200
        answer = waiting.result(5)
    assert answer.json == {
        "accepted": True,
        "execution_id": execution["execution_id"],
        "result": {
            "success": False,
            "completed_at": answer.json["result"]["completed_at"],
            "error": {
                "code": "CANCELLED",
                "message": "the execution was cancelled",
                "kind": "USER",
                "class": "LOGIC",
                "retryable": False,
            },
        },
    }


@pytest.mark.parametrize("example", ["hello", "orders"])
def test_an_example_gives_what_stands_beside_it(server: Server, example: str) -> None:
    folder = EXAMPLES / example
    given, expected = (json.loads((folder / name).read_text()) for name in ("input.json", "expected.json"))
    assert server.invoke(example, given)["result"]["output"] == expected


def test_an_input_that_is_left_out_is_the_empty_message(server: Server) -> None:
    answer = invoke(server, {"flow": "hello", "wait": True})
    assert answer.json["result"]["output"] == {"greeting": "Hello, !"}


@pytest.mark.parametrize("seconds", [0, -1, 3601, 1e300])
def test_a_wait_is_bounded(server: Server, seconds: float) -> None:
    answer = invoke(server, {"flow": "hello", "wait": True, "timeout_seconds": seconds})
    problem = f"expected 0.001 to 3600, got {seconds:g}"
    assert refusal(answer) == refused("timeout_seconds", problem, "INVALID_ARGUMENT")


# Which flow.


def test_a_flow_can_be_named_in_three_ways(server: Server) -> None:
    graph_id = server.info["flows"]["hello"]["graph_id"]
    for name in ({"graph_id": graph_id}, {"flow": "hello"}, {"flow": "hello@live"}):
        answer = invoke(server, {**name, "input": {"name": "Ada"}, "wait": True})
        assert answer.json["result"]["output"] == {"greeting": "Hello, Ada!"}
        ran = server.execution(identify(answer))
        assert (ran["flow"], ran["graph_id"], ran["version"], ran["mode"]) == ("hello", graph_id, 1, "UNARY")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ({"flow": "nobody"}, "there is no flow nobody@live"),
        ({"flow": "hello@beta"}, "there is no flow hello@beta"),
        ({"graph_id": "01J00000000000000000000000"}, "there is no artifact 01J00000000000000000000000"),
    ],
)
def test_an_unknown_flow_is_not_found(server: Server, name: dict[str, str], sentence: str) -> None:
    assert refusal(invoke(server, {**name, "input": {"name": "Ada"}})) == not_found(sentence)
    assert refusal(invoke(server, name)) == not_found(sentence)


def test_a_flow_has_to_be_named(server: Server) -> None:
    answer = invoke(server, {"input": {"name": "Ada"}})
    assert refusal(answer) == refused("graph_id", "expected one of graph_id and flow, got neither")


def test_a_pipeline_is_refused_with_the_path_to_take(server: Server) -> None:
    sentence = "flow logs is a pipeline: POST /invocations/v1/flows/invoke/stream, or StreamFlow over gRPC"
    answer = invoke(server, {"flow": "logs", "input": {"file": "access.log"}, "wait": True})
    assert refusal(answer) == (
        400,
        {
            "error": sentence,
            "code": "INVALID_ARGUMENT",
            "reason": "IS_PIPELINE",
            "details": {"violations": [{"field": "graph_id", "description": sentence}]},
        },
    )


# Protobuf.


def request_bytes(**fields: Any) -> bytes:
    return InvokeFlowRequest(flow="hello", wait=True, **fields).SerializeToString()


def test_protobuf_in_and_out(server: Server) -> None:
    answer = invoke(server, request_bytes(input_bytes=ADA), Content_Type=PROTOBUF, Accept=PROTOBUF)
    assert (answer.status, answer.headers["Content-Type"]) == (202, PROTOBUF)
    given = InvokeFlowResponse.FromString(answer.body)
    assert given == InvokeFlowResponse(
        accepted=True,
        execution_id=given.execution_id,
        result=InvocationResult(output_bytes=HELLO_ADA, success=True, completed_at=given.result.completed_at),
    )


def test_protobuf_in_and_json_out(server: Server) -> None:
    answer = invoke(server, request_bytes(input_bytes=ADA), Content_Type=PROTOBUF)
    assert (answer.status, answer.headers["Content-Type"]) == (202, "application/json")
    assert answer.json["result"]["output"] == {"greeting": "Hello, Ada!"}


def test_json_in_and_protobuf_out(server: Server) -> None:
    answer = invoke(server, {"flow": "hello", "input": {"name": "Ada"}, "wait": True}, Accept=PROTOBUF)
    assert (answer.status, answer.headers["Content-Type"]) == (202, PROTOBUF)
    assert InvokeFlowResponse.FromString(answer.body).result.output_bytes == HELLO_ADA


def test_a_struct_in_protobuf_gives_a_struct_out(server: Server) -> None:
    given, output = Struct(), Struct()
    given["name"] = "Ada"
    output["greeting"] = "Hello, Ada!"
    answer = invoke(server, request_bytes(input=given), Content_Type=PROTOBUF, Accept=PROTOBUF)
    assert InvokeFlowResponse.FromString(answer.body).result.output == output


def test_an_acceptance_and_a_wait_that_runs_out_in_protobuf(lab: Server, tmp_path: Path) -> None:
    body = {"flow": "wait_for_file", "input": {"text": str(tmp_path / "gate")}}
    for fields, status in ({}, None), ({"wait": True, "timeout_seconds": 0.05}, Execution.RUNNING):
        answer = InvokeFlowResponse.FromString(invoke(lab, body | fields, Accept=PROTOBUF).body)
        assert answer == InvokeFlowResponse(accepted=True, execution_id=answer.execution_id, status=status)
        cancel(lab, answer.execution_id)


def test_a_refusal_in_protobuf_says_the_same(server: Server) -> None:
    answer = invoke(server, {"flow": "hello", "input": {"nome": "Ada"}}, Accept=PROTOBUF)
    assert (answer.status, answer.headers["Content-Type"]) == (400, PROTOBUF)
    status = Status.FromString(answer.body)
    info, request = ErrorInfo(), BadRequest()
    assert (status.code, status.message, len(status.details)) == (
        3,
        "input.nome: unknown field, expected one of name",
        2,
    )
    assert status.details[0].Unpack(info) and status.details[1].Unpack(request)
    assert info == ErrorInfo(reason="UNKNOWN_FIELD", domain="penstock")
    violation = BadRequest.FieldViolation(field="input.nome", description="unknown field, expected one of name")
    assert request == BadRequest(field_violations=[violation])


# Labels.


def test_labels_stay_with_the_execution_and_find_it(server: Server) -> None:
    mark = uuid4().hex
    labels = {"team": "blue", "cost-center": f"c{mark}", "empty": ""}
    execution_id = server.begin("hello", {"name": "Ada"}, labels=labels)
    assert server.execution(execution_id)["labels"] == labels
    listed = server.request("GET", f"{EXECUTIONS}?filter=labels.cost-center=c{mark}").json["executions"]
    assert [(execution["execution_id"], execution["labels"]) for execution in listed] == [(execution_id, labels)]


@pytest.mark.parametrize(
    ("labels", "field", "problem"),
    [
        ({"Team": "blue"}, "labels", "expected keys such as team or cost-center ([a-z][a-z0-9_.-]{0,62}), got 'Team'"),
        ({"team": "x" * 257}, "labels.team", "expected at most 256 characters without NUL, got 257"),
        ({"team": "a\0b"}, "labels.team", "expected at most 256 characters without NUL, got 3"),
        ({f"k{number}": "v" for number in range(65)}, "labels", "expected at most 64, got 65"),
    ],
)
def test_a_wrong_label_is_refused(server: Server, labels: dict[str, str], field: str, problem: str) -> None:
    answer = invoke(server, {"flow": "hello", "input": {}, "labels": labels})
    assert refusal(answer) == refused(field, problem, "INVALID_ARGUMENT")
