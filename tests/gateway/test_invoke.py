"""Unary routes turn HTTP into calls of the engine and their answers into JSON or protobuf."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession
from google.protobuf.struct_pb2 import Struct

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.failure_pb2 import Failure
from penstock.wire.gen.invocation_service_pb2 import InvocationResult, InvokeFlowRequest, InvokeFlowResponse
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError
from tests.gateway.answers import answer, invalid
from tests.gateway.fake_engine import GRAPH_ID, FakeEngine, Greeting, GreetRequest, hello_artifact

INVOKE = "/invocations/v1/flows/invoke"
PROTOBUF = "application/x-protobuf"
ADA = GreetRequest(name="Ada").SerializeToString()


def completed() -> InvokeFlowResponse:
    output = Greeting(greeting="Hello, Ada!").SerializeToString()
    result = InvocationResult(output_bytes=output, success=True, completed_at=1700000000)
    return InvokeFlowResponse(accepted=True, execution_id="0" * 32, result=result)


COMPLETED_JSON = (
    b'{"accepted":true,"execution_id":"' + b"0" * 32 + b'",'
    b'"result":{"output":{"greeting":"Hello, Ada!"},"success":true,"completed_at":1700000000}}'
)


async def test_an_invoke_answers_byte_for_byte_as_promised(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = completed()
    body = {"graph_id": GRAPH_ID, "input": {"name": "Ada"}, "wait": True, "timeout_seconds": 5, "labels": {"a": "b"}}
    async with client.post(INVOKE, json=body) as response:
        assert (response.status, response.headers["Content-Type"]) == (202, "application/json")
        assert await response.read() == COMPLETED_JSON
    assert engine.requests("invoke_flow") == [
        InvokeFlowRequest(graph_id=GRAPH_ID, input_bytes=ADA, wait=True, timeout_seconds=5, labels={"a": "b"})
    ]


async def test_a_failed_run_has_its_error_and_no_output(engine: FakeEngine, client: ClientSession) -> None:
    failure = Failure(code="NODE_RAISED", message="no", kind=Failure.USER, node="greet")
    engine.answers["invoke_flow"] = InvokeFlowResponse(
        accepted=True, execution_id="e", result=InvocationResult(success=False, completed_at=1, error=failure)
    )
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID, "wait": True}) as response:
        assert response.status == 202
        result = (await response.json())["result"]
    assert {name: result["error"][name] for name in ("code", "message", "kind", "node")} == {
        "code": "NODE_RAISED",
        "message": "no",
        "kind": "USER",
        "node": "greet",
    }
    assert (result["success"], "output" in result) == (False, False)


async def test_an_acceptance_has_no_result(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = InvokeFlowResponse(accepted=True, execution_id="e")
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID}) as response:
        assert await response.read() == b'{"accepted":true,"execution_id":"e"}'


async def test_a_wait_that_ran_out_tells_the_status(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = InvokeFlowResponse(accepted=True, execution_id="e", status=Execution.RUNNING)
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID, "wait": True}) as response:
        assert await response.read() == b'{"accepted":true,"execution_id":"e","status":"RUNNING"}'


@pytest.mark.parametrize("body", [{}, {"input": None}, {"input": {}}])
async def test_an_input_that_is_left_out_is_the_empty_message(
    engine: FakeEngine, client: ClientSession, body: dict[str, Any]
) -> None:
    engine.answers["invoke_flow"] = completed()
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID, **body}) as response:
        assert await response.read() == COMPLETED_JSON
    assert engine.requests("invoke_flow") == [InvokeFlowRequest(graph_id=GRAPH_ID, input_bytes=b"")]


async def test_json_in_gives_protobuf_out_to_whoever_asks(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = completed()
    body = {"graph_id": GRAPH_ID, "input": {"name": "Ada"}}
    async with client.post(INVOKE, json=body, headers={"Accept": PROTOBUF}) as response:
        assert (response.status, response.headers["Content-Type"]) == (202, PROTOBUF)
        assert InvokeFlowResponse.FromString(await response.read()) == completed()
    assert engine.requests("invoke_flow") == [InvokeFlowRequest(graph_id=GRAPH_ID, input_bytes=ADA)]


async def test_protobuf_in_gives_json_out(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = completed()
    body = InvokeFlowRequest(graph_id=GRAPH_ID, input_bytes=ADA).SerializeToString()
    async with client.post(INVOKE, data=body, headers={"Content-Type": PROTOBUF}) as response:
        assert (response.status, response.headers["Content-Type"]) == (202, "application/json")
        assert await response.read() == COMPLETED_JSON


async def test_protobuf_both_ways_needs_no_types(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = completed()
    body = InvokeFlowRequest(flow="hello", input_bytes=ADA).SerializeToString()
    async with client.post(INVOKE, data=body, headers={"Content-Type": PROTOBUF, "Accept": PROTOBUF}) as response:
        assert InvokeFlowResponse.FromString(await response.read()) == completed()
    assert [(name, request) for name, request, _ in engine.calls] == [
        ("invoke_flow", InvokeFlowRequest(flow="hello", input_bytes=ADA))
    ]


async def test_a_struct_that_came_in_protobuf_comes_back_as_json(engine: FakeEngine, client: ClientSession) -> None:
    given, output = Struct(), Struct()
    given["name"] = "Ada"
    output["greeting"] = "Hello, Ada!"
    engine.answers["invoke_flow"] = InvokeFlowResponse(
        accepted=True,
        execution_id="0" * 32,
        result=InvocationResult(output=output, success=True, completed_at=1700000000),
    )
    body = InvokeFlowRequest(graph_id=GRAPH_ID, input=given)
    headers = {"Content-Type": PROTOBUF}
    async with client.post(INVOKE, data=body.SerializeToString(), headers=headers) as response:
        assert await response.read() == COMPLETED_JSON
    assert engine.requests("invoke_flow") == [body]
    assert engine.requests("get_artifact") == []


@pytest.mark.parametrize(
    ("value", "reason", "path", "problem"),
    [
        (
            {"lines": [{}, {}, {"quantity": "x"}]},
            "WRONG_TYPE",
            "input.lines[2].quantity",
            'expected int32, got "x"',
        ),
        ({"name": 5}, "WRONG_TYPE", "input.name", "expected string, got 5"),
        ({"nom": "x"}, "UNKNOWN_FIELD", "input.nom", "unknown field, expected one of name, lines"),
    ],
)
async def test_an_input_that_does_not_fit_is_refused_with_its_path(
    engine: FakeEngine, client: ClientSession, value: object, reason: str, path: str, problem: str
) -> None:
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID, "input": value}) as response:
        assert await answer(response) == invalid(reason, path, problem)
    assert engine.requests("invoke_flow") == []


async def test_an_input_that_is_no_object_is_refused(engine: FakeEngine, client: ClientSession) -> None:
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID, "input": [1]}) as response:
        status, body = await answer(response)
    assert (status, body["reason"], body["details"]["violations"][0]["field"]) == (400, "WRONG_TYPE", "input")


async def test_two_inputs_are_refused(client: ClientSession) -> None:
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID, "input": {}, "input_bytes": "CgNBZGE="}) as response:
        assert await answer(response) == invalid(
            "ONEOF_CONFLICT", "input", "expected one of input and input_bytes, got both"
        )


@pytest.mark.parametrize(("body", "found"), [({}, "neither"), ({"graph_id": GRAPH_ID, "flow": "hello"}, "both")])
async def test_an_invoke_names_one_artifact(
    engine: FakeEngine, client: ClientSession, body: dict[str, str], found: str
) -> None:
    async with client.post(INVOKE, json={**body, "input": {}}) as response:
        assert await answer(response) == invalid(
            "INVALID_VALUE", "graph_id", f"expected one of graph_id and flow, got {found}"
        )
    assert engine.calls == []


async def test_the_types_of_an_artifact_are_asked_for_once(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = completed()
    for _ in range(3):
        async with client.post(INVOKE, json={"graph_id": GRAPH_ID}) as response:
            assert response.status == 202
    assert engine.requests("get_artifact") == [GetArtifactRequest(graph_id=GRAPH_ID, view=GetArtifactRequest.FULL)]


@pytest.mark.parametrize("gateway", ["together"], indirect=True)  # apart, the second call may come too soon
async def test_a_flow_is_pinned_to_the_artifact_whose_types_were_used(
    engine: FakeEngine, client: ClientSession
) -> None:
    live = [GRAPH_ID, "01JTESTARTIFACT00000000001"]

    def get_artifact(request: GetArtifactRequest, caller: Caller) -> Artifact:
        if request.view == GetArtifactRequest.FULL:
            return hello_artifact(request.graph_id)
        return Artifact(graph_id=live.pop(0))

    engine.answers |= {"get_artifact": get_artifact, "invoke_flow": completed()}
    for _ in range(2):
        async with client.post(INVOKE, json={"flow": "hello@live", "input": {"name": "Ada"}}) as response:
            assert await response.read() == COMPLETED_JSON
    assert engine.requests("invoke_flow") == [
        InvokeFlowRequest(graph_id=GRAPH_ID, flow="hello@live", input_bytes=ADA),
        InvokeFlowRequest(graph_id="01JTESTARTIFACT00000000001", flow="hello@live", input_bytes=ADA),
    ]


async def test_an_artifact_of_another_account_tells_nothing_of_its_types(
    engine: FakeEngine, client: ClientSession
) -> None:
    def get_artifact(request: GetArtifactRequest, caller: Caller) -> Artifact:
        if caller.account == "ada":
            return hello_artifact()
        raise RpcError(Code.NOT_FOUND, "NOT_FOUND", f"no such artifact: {request.graph_id}")

    engine.answers |= {"get_artifact": get_artifact, "invoke_flow": completed()}
    async with client.post(INVOKE, json={"graph_id": GRAPH_ID}) as response:
        assert response.status == 202
    body, bob = {"graph_id": GRAPH_ID, "input": {"nom": 1}}, {"Authorization": "Bearer psk_bob"}
    async with client.post(INVOKE, json=body, headers=bob) as response:
        assert await answer(response) == (
            404,
            {"error": f"no such artifact: {GRAPH_ID}", "code": "NOT_FOUND", "reason": "NOT_FOUND", "details": {}},
        )


async def test_a_name_given_as_graph_id_is_never_remembered(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = completed()
    for _ in range(2):
        async with client.post(INVOKE, json={"graph_id": "hello"}) as response:
            assert response.status == 202
    assert [request.graph_id for request in engine.requests("get_artifact")] == ["hello", "hello"]


async def test_the_idempotency_header_wins_over_the_body(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["invoke_flow"] = completed()
    body = {"graph_id": GRAPH_ID, "request_id": "body"}
    for headers in ({"Idempotency-Key": "header"}, {"Idempotency-Key": ""}, {}):
        async with client.post(INVOKE, json=body, headers=headers) as response:
            assert response.status == 202
    assert [request.request_id for request in engine.requests("invoke_flow")] == ["header", "body", "body"]
