"""Paths, queries, headers and bodies become request messages, or errors that name the place."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession
from google.protobuf.field_mask_pb2 import FieldMask

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import (
    CancelExecutionRequest,
    ListAttemptsRequest,
    ListAttemptsResponse,
    ListExecutionsRequest,
    ListExecutionsResponse,
    WaitExecutionRequest,
)
from penstock.wire.gen.flow_pb2 import Flow, FlowNode
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest, CreateFlowRequest, UpdateFlowRequest
from tests.gateway.answers import answer, invalid
from tests.gateway.fake_engine import KEYS, FakeEngine


async def test_path_variables_fill_their_fields(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["list_attempts"] = ListAttemptsResponse()
    async with client.get("/invocations/v1/executions/ab12/nodes/greet/attempts") as response:
        assert await answer(response) == (200, {"attempts": [], "next_page_token": ""})
    assert engine.calls == [("list_attempts", ListAttemptsRequest(execution_id="ab12", node="greet"), KEYS["psk_ada"])]


async def test_a_variable_is_decoded_and_ends_before_a_verb(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["wait_execution"] = Execution(execution_id="a b")
    async with client.get("/invocations/v1/executions/a%20b:wait?timeout_seconds=1.5") as response:
        assert response.status == 200
    assert engine.requests("wait_execution") == [WaitExecutionRequest(execution_id="a b", timeout_seconds=1.5)]


async def test_an_absent_optional_parameter_is_absent(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["wait_execution"] = Execution()
    async with client.get("/invocations/v1/executions/ab12:wait") as response:
        assert response.status == 200
    (request,) = engine.requests("wait_execution")
    assert not request.HasField("timeout_seconds")


async def test_a_query_fills_strings_and_numbers_in_both_spellings(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["list_executions"] = ListExecutionsResponse(next_page_token="next")
    query = {"page_size": "7", "pageToken": "t+1", "filter": 'status = "RUNNING" AND flow:"é"'}
    async with client.get("/invocations/v1/executions", params=query) as response:
        assert await answer(response) == (200, {"executions": [], "next_page_token": "next"})
    assert engine.requests("list_executions") == [
        ListExecutionsRequest(page_size=7, page_token="t+1", filter='status = "RUNNING" AND flow:"é"')
    ]


@pytest.mark.parametrize("value", ["FULL", "2"])
async def test_a_query_fills_an_enum_by_name_and_by_number(
    engine: FakeEngine, client: ClientSession, value: str
) -> None:
    async with client.get(f"/flows/v1/artifacts/hello@live?view={value}") as response:
        assert response.status == 200
    assert engine.requests("get_artifact") == [GetArtifactRequest(graph_id="hello@live", view=GetArtifactRequest.FULL)]


@pytest.mark.parametrize(
    ("query", "reason", "path", "problem"),
    [
        ("page_size=x", "WRONG_TYPE", "page_size", 'expected int32, got "x"'),
        ("page_size=", "WRONG_TYPE", "page_size", 'expected int32, got ""'),
        ("page_size=1&page_size=2", "DUPLICATE_PARAMETER", "page_size", "expected once, got twice"),
        ("page_size=1&pageSize=2", "DUPLICATE_PARAMETER", "pageSize", "expected once, got twice"),
        (
            "pagesize=1",
            "UNKNOWN_PARAMETER",
            "pagesize",
            "unknown parameter; known are: filter, order_by, page_size, page_token, with_total_size",
        ),
    ],
)
async def test_a_wrong_query_is_refused_with_the_parameter(
    engine: FakeEngine, client: ClientSession, query: str, reason: str, path: str, problem: str
) -> None:
    async with client.get(f"/invocations/v1/executions?{query}") as response:
        assert await answer(response) == invalid(reason, path, problem)
    assert engine.calls == []


async def test_a_method_whose_body_is_the_request_takes_no_parameters(
    engine: FakeEngine, client: ClientSession
) -> None:
    async with client.post("/flows/v1/flows/hello:compile?validate_only=true") as response:
        assert await answer(response) == invalid(
            "UNKNOWN_PARAMETER", "validate_only", "unknown parameter; known are: none"
        )


async def test_a_number_out_of_range_is_refused_with_the_parameter(client: ClientSession) -> None:
    async with client.get("/invocations/v1/executions?page_size=3000000000") as response:
        status, body = await answer(response)
    assert (status, body["reason"]) == (400, "OUT_OF_RANGE")
    assert body["error"].startswith("page_size: ")


async def test_a_body_may_be_one_field_of_the_request(engine: FakeEngine, client: ClientSession) -> None:
    flow = Flow(flow="hello", nodes={"greet": FlowNode(use="hello/greet")})
    engine.answers["create_flow"] = flow
    body = {"flow": "hello", "nodes": {"greet": {"use": "hello/greet"}}}
    async with client.post("/flows/v1/flows", json=body) as response:
        assert response.status == 200
        assert (await response.json())["nodes"]["greet"]["use"] == "hello/greet"
    assert engine.requests("create_flow") == [CreateFlowRequest(flow=flow)]


async def test_an_error_in_such_a_body_has_its_path_in_the_body(client: ClientSession) -> None:
    body = {"flow": "hello", "nodes": {"greet": {"use": 1}}}
    async with client.post("/flows/v1/flows", json=body) as response:
        assert await answer(response) == invalid("WRONG_TYPE", "nodes.greet.use", "expected string, got 1")


async def test_path_query_and_body_come_together(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["update_flow"] = Flow(flow="hello")
    path = "/flows/v1/flows/hello?update_mask=description,nodes"
    async with client.patch(path, json={"description": "d"}) as response:
        assert response.status == 200
    mask = FieldMask(paths=["description", "nodes"])
    assert engine.requests("update_flow") == [
        UpdateFlowRequest(flow=Flow(flow="hello", description="d"), update_mask=mask)
    ]


async def test_a_body_that_names_another_resource_than_the_path_is_refused(
    engine: FakeEngine, client: ClientSession
) -> None:
    async with client.patch("/flows/v1/flows/hello", json={"flow": "other"}) as response:
        assert await answer(response) == invalid(
            "PATH_MISMATCH", "flow.flow", 'expected "hello" as in the path, got "other"'
        )
    assert engine.calls == []


async def test_a_path_that_says_enough_needs_no_body(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["compile_flow"] = Artifact(graph_id="01J")
    async with client.post("/flows/v1/flows/hello:compile") as response:
        assert response.status == 200
    assert engine.requests("compile_flow") == [CompileFlowRequest(flow="hello")]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/invocations/v1/flows/invoke"), ("POST", "/flows/v1/flows"), ("PATCH", "/flows/v1/flows/hello")],
)
async def test_a_missing_body_is_refused(client: ClientSession, method: str, path: str) -> None:
    async with client.request(method, path, headers={"Content-Type": "application/json"}) as response:
        assert await answer(response) == invalid("BODY_MISSING", "body", "expected a message, got nothing")


@pytest.mark.parametrize("how", [{"params": {"reason": "late"}}, {"json": {"reason": "late"}}])
async def test_a_cancel_takes_its_reason_from_query_or_body(
    engine: FakeEngine, client: ClientSession, how: dict[str, dict[str, str]]
) -> None:
    engine.answers["cancel_execution"] = Execution(status=Execution.CANCELLED)
    async with client.delete("/invocations/v1/flows/ab12", **how) as response:
        assert response.status == 200
    assert engine.requests("cancel_execution") == [CancelExecutionRequest(execution_id="ab12", reason="late")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"definition": {"flow": "a"', "MALFORMED_JSON"),
        (b'{"definition": {"flow": "a", "flow": "a"}}', "DUPLICATE_KEY"),
        (b'{"validate_only": ' + b"[" * 200 + b"]" * 200 + b"}", "TOO_DEEP"),
        (b'{"nothing": 1}', "UNKNOWN_FIELD"),
        (b"[]", "WRONG_TYPE"),
        (b"\xff\xfe", "MALFORMED_JSON"),
    ],
)
async def test_a_body_that_is_no_such_message_is_refused(
    engine: FakeEngine, client: ClientSession, body: bytes, reason: str
) -> None:
    headers = {"Content-Type": "application/json"}
    async with client.post("/flows/v1/flows/hello:compile", data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["reason"] == reason
    assert engine.calls == []


async def test_a_body_of_another_type_is_refused_naming_both(client: ClientSession) -> None:
    async with client.post("/invocations/v1/flows/invoke", data={"graph_id": "01J"}) as response:
        assert await answer(response) == (
            415,
            {
                "error": "Content-Type: expected application/json or application/x-protobuf, "
                "got application/x-www-form-urlencoded",
                "code": "INVALID_ARGUMENT",
                "reason": "UNSUPPORTED_MEDIA_TYPE",
                "details": {},
            },
        )


async def test_messages_travel_in_protobuf_both_ways(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["compile_flow"] = Artifact(graph_id="01J", version=3)
    body = CompileFlowRequest(validate_only=True).SerializeToString()
    headers = {"Content-Type": "application/x-protobuf", "Accept": "application/x-protobuf"}
    async with client.post("/flows/v1/flows/hello:compile", data=body, headers=headers) as response:
        assert (response.status, response.content_type) == (200, "application/x-protobuf")
        assert Artifact.FromString(await response.read()) == Artifact(graph_id="01J", version=3)
    assert engine.requests("compile_flow") == [CompileFlowRequest(flow="hello", validate_only=True)]


async def test_a_body_that_is_no_protobuf_is_refused(client: ClientSession) -> None:
    headers = {"Content-Type": "application/x-protobuf"}
    async with client.post("/flows/v1/flows/hello:compile", data=b"\xff\xff", headers=headers) as response:
        assert await answer(response) == invalid(
            "MALFORMED_PROTOBUF", "body", "expected penstock.v1.CompileFlowRequest in protobuf, got something else"
        )
