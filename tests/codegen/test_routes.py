"""The gateway's table has one route for each RPC with an HTTP annotation, and takes the paths of the annotation."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from google.api import annotations_pb2

from penstock.codegen import emit_gateway
from penstock.codegen.model import Api, ModelError
from penstock.codegen.project import PROTOS
from penstock.gateway.gen.routes import ROUTES
from penstock.gateway.route import EventMember, Payload, Route
from penstock.wire.gen import execution_pb2, execution_service_pb2, frame_pb2, invocation_service_pb2
from penstock.wire.gen.services import SERVICES
from tests.codegen.conftest import Doctor

LIST_ATTEMPTS = 'get: "/invocations/v1/executions/{execution_id}/nodes/{node}/attempts"'


def annotated() -> list[tuple[str, str, str, str]]:
    """(service, RPC, HTTP method, path) of every annotation, read from the generated descriptors."""
    found = []
    for path in sorted((PROTOS / "penstock/v1").glob("*.proto")):
        module: Any = importlib.import_module(f"penstock.wire.gen.{path.stem}_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                rule = method.GetOptions().Extensions[annotations_pb2.http]
                if (verb := rule.WhichOneof("pattern")) is not None:
                    found.append((service.name, method.name, verb.upper(), getattr(rule, verb)))
    return found


def attribute(service: str, rpc: str) -> str:
    return next(m.attribute for s in SERVICES if s.name == service for m in s.methods if m.name == rpc)


def test_each_annotated_rpc_has_exactly_one_route() -> None:
    wanted = [(service, attribute(service, rpc), verb) for service, rpc, verb, _ in annotated()]

    assert [(route.service, route.method, route.http_method) for route in ROUTES] == wanted


async def test_each_annotated_path_is_answered_by_its_own_rpc() -> None:
    app = web.Application()
    for route in ROUTES:
        app.router.add_route(route.http_method, route.pattern, handler_of(route))

    found = {}
    for service, rpc, verb, path in annotated():
        concrete = path.replace("{", "a-").replace("}", "-z")
        match = await app.router.resolve(make_mocked_request(verb, concrete))
        found[service, attribute(service, rpc)] = match.handler.__name__
    assert found == {key: "_".join(key) for key in found}


def handler_of(route: Route) -> Any:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    handler.__name__ = f"{route.service}_{route.method}"
    return handler


async def test_a_verb_is_no_part_of_the_id_before_it() -> None:
    app = web.Application()
    route = next(route for route in ROUTES if route.method == "wait_execution")
    app.router.add_route(route.http_method, route.pattern, handler_of(route))

    match = await app.router.resolve(make_mocked_request("GET", "/invocations/v1/executions/0a1b:wait"))

    assert dict(match) == {"execution_id": "0a1b"}


def test_the_invoke_route_says_all_that_its_options_say() -> None:
    (route,) = [route for route in ROUTES if route.method == "invoke_flow"]

    assert route == Route(
        http_method="POST",
        pattern="/invocations/v1/flows/invoke",
        service="InvocationService",
        method="invoke_flow",
        request=invocation_service_pb2.InvokeFlowRequest,
        response=invocation_service_pb2.InvokeFlowResponse,
        body="*",
        success_status=202,
        headers=(("Idempotency-Key", "request_id"), ("traceparent", "traceparent")),
        input_payload=Payload("penstock.v1.InvokeFlowRequest", "input", "input_bytes"),
        output_payloads=(Payload("penstock.v1.InvocationResult", "output", "output_bytes"),),
    )


def test_the_watch_route_knows_its_kinds_of_events() -> None:
    (route,) = [route for route in ROUTES if route.method == "watch_execution"]

    assert route == Route(
        http_method="GET",
        pattern="/invocations/v1/executions/{execution_id:[^/:]+}/stream",
        service="ExecutionService",
        method="watch_execution",
        request=execution_service_pb2.WatchExecutionRequest,
        response=execution_service_pb2.WatchExecutionResponse,
        path_fields=(("execution_id", "execution_id"),),
        server_streaming=True,
        headers=(("Last-Event-ID", "after_sequence"),),
        output_payloads=(Payload("penstock.v1.Frame", "payload", "payload_bytes"),),
        event_id="sequence",
        hidden_fields=(("penstock.v1.WatchExecutionResponse", "sequence"), ("penstock.v1.Frame", "sequence")),
        events=(EventMember("frame", ""), EventMember("status", "status"), EventMember("node", "node")),
    )


def test_a_stream_of_pieces_is_a_document() -> None:
    (route,) = [route for route in ROUTES if route.method == "export_execution"]

    assert (route.server_streaming, route.is_document, route.event_id, route.events) == (True, True, "", ())


def test_content_is_a_field_of_the_answer() -> None:
    (route,) = [route for route in ROUTES if route.method == "get_payload"]

    assert (route.server_streaming, route.content) == (False, "data")


def test_a_stream_of_one_kind_of_message_has_no_kinds_of_events() -> None:
    (route,) = [route for route in ROUTES if route.method == "stream_flow"]

    assert (route.response, route.event_id, route.hidden_fields, route.events) == (
        frame_pb2.Frame,
        "sequence",
        (("penstock.v1.Frame", "sequence"),),
        (),
    )


def test_a_new_rpc_in_a_proto_gives_a_new_route(doctored: Doctor) -> None:
    changed = doctored(
        "execution_service.proto",
        "  // Stops an execution, at once",
        """  // Starts a new execution from this one.
  rpc RehearseExecution(CancelExecutionRequest) returns (Execution) {
    option (google.api.http) = {
      post: "/invocations/v1/executions/{execution_id}:rehearse"
      body: "*"
    };
    option (penstock.v1.http) = {success_status: 202};
  }
  // Stops an execution, at once""",
    )
    namespace: dict[str, Any] = {}
    exec(emit_gateway.emit(changed)["routes.py"], namespace)

    assert [route for route in namespace["ROUTES"] if route not in ROUTES] == [
        Route(
            http_method="POST",
            pattern="/invocations/v1/executions/{execution_id:[^/:]+}:rehearse",
            service="ExecutionService",
            method="rehearse_execution",
            request=execution_service_pb2.CancelExecutionRequest,
            response=execution_pb2.Execution,
            path_fields=(("execution_id", "execution_id"),),
            body="*",
            success_status=202,
        )
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "execution_service.proto",
            LIST_ATTEMPTS,
            'get: "/invocations/v1/executions/{execution}"',
            "penstock.v1.ExecutionService.ListAttempts: ListAttemptsRequest has no field execution",
        ),
        (
            "execution_service.proto",
            LIST_ATTEMPTS,
            'get: "/invocations/v1/executions/{execution_id}"',
            "penstock.v1.ExecutionService.ListAttempts: penstock.v1.ExecutionService.GetExecution takes "
            "GET /invocations/v1/executions/{execution_id} already",
        ),
        (
            "execution_service.proto",
            LIST_ATTEMPTS,
            'post: "/invocations/v1/executions/{node}"',
            "penstock.v1.ExecutionService.ListAttempts: expected the variables of "
            "/invocations/v1/executions/{execution_id}, found /invocations/v1/executions/{node}",
        ),
        (
            "execution_service.proto",
            LIST_ATTEMPTS,
            'get: "/v1/{execution_id=executions/*}"',
            'penstock.v1.ExecutionService.ListAttempts: path "/v1/{execution_id=executions/*}": expected literals '
            'and {field}, found "/v1/{execution_id=executions/*}"',
        ),
        (
            "execution_service.proto",
            LIST_ATTEMPTS,
            'get: "/v1/{node}" additional_bindings {get: "/v2/{node}"}',
            "penstock.v1.ExecutionService.ListAttempts: expected one path and a whole response, found more options",
        ),
        (
            "execution_service.proto",
            LIST_ATTEMPTS,
            'custom {kind: "HEAD" path: "/v1/{node}"}',
            "penstock.v1.ExecutionService.ListAttempts: expected one of get, put, post, delete, patch, found custom",
        ),
        (
            "execution_service.proto",
            LIST_ATTEMPTS,
            'post: "/v1/attempts" body: "node"',
            "penstock.v1.ExecutionService.ListAttempts: expected a message as body, node is none",
        ),
        (
            "execution_service.proto",
            'document: "ExecutionExport"',
            'document: "Nothing"',
            "penstock.v1.ExecutionService.ExportExecution: there is no message Nothing for its document",
        ),
        (
            "execution_service.proto",
            "returns (stream ExportExecutionResponse)",
            "returns (stream Execution)",
            "penstock.v1.ExecutionService.ExportExecution: expected a stream of messages with bytes `data`, as it has "
            "a document",
        ),
        (
            "execution_service.proto",
            'content: "data"',
            'content: "size"',
            "penstock.v1.ExecutionService.GetPayload: expected one message with bytes `size`, as that is its content",
        ),
        (
            "payload.proto",
            "int64 limit = 5",
            "int64 most = 5",
            "penstock.v1.ExecutionService.GetPayload: expected limit, offset, payload_bytes in the request and offset, "
            "size in the answer, as it gives content in parts",
        ),
        (
            "flow_service.proto",
            'post: "/flows/v1/flows"\n      body: "flow"',
            'post: "/flows/v1/flows"',
            "penstock.v1.FlowService.CreateFlow: flow does not fit in a query, so path or body must take it",
        ),
        (
            "import_service.proto",
            'body_document: "ExecutionExport"',
            'body_document: "Nobody"',
            "penstock.v1.ImportService.ImportExecution: there is no message Nobody for its body",
        ),
        (
            "import_service.proto",
            'body: "data"',
            'body: "upload_id"',
            "penstock.v1.ImportService.ImportExecution: expected a bytes field as body, as that is a document",
        ),
    ],
)
def test_what_the_gateway_could_not_serve_is_refused(
    doctored: Doctor, file: str, old: str, new: str, problem: str
) -> None:
    with pytest.raises(ModelError) as raised:
        doctored(file, old, new)

    assert str(raised.value) == problem


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'member: "output"\n        type: OUTPUT',
            'member: "output"\n        type: INPUT',
            "penstock.v1.InvokeFlowResponse: expected payloads of type OUTPUT in a response",
        ),
        (
            "string request_id = 7;",
            'bytes request_id = 7 [(penstock.v1.payload) = {member: "id" type: INPUT}];',
            "penstock.v1.InvokeFlowRequest: expected at most one payload, of type INPUT, in a request",
        ),
        (
            "string execution_id = 2;",
            'string execution_id = 2 [(penstock.v1.payload) = {member: "id" type: OUTPUT}];',
            "penstock.v1.InvokeFlowResponse.execution_id: expected bytes for a payload",
        ),
    ],
)
def test_payloads_that_the_gateway_could_not_fill_are_refused(
    doctored: Doctor, old: str, new: str, problem: str
) -> None:
    changed: Api = doctored("invocation_service.proto", old, new)

    with pytest.raises(ModelError) as raised:
        emit_gateway.emit(changed)

    assert str(raised.value) == problem
