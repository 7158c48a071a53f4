"""The document of the fixed API is valid, says what the protos say, and is what the gateway serves."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from penstock.codegen.examples import REQUESTS, RESPONSES
from penstock.gateway.gen.routes import ROUTES
from penstock.openapi.answers import EVENT_STREAM, JSON, PROTOBUF
from penstock.openapi.fixed import fixed_document
from penstock.wire.gen.services import SERVICES
from penstock.wire.status import Code

DOCUMENT: dict[str, Any] = orjson.loads(fixed_document())
OPERATIONS = {
    (method, path): operation for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
}
BY_ID = {operation["operationId"]: operation for operation in OPERATIONS.values()}
INVOKE, STREAM = BY_ID["InvokeFlow"], BY_ID["StreamFlow"]


def schema_validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def members(name: str) -> list[str]:
    return list(DOCUMENT["components"]["schemas"][name]["properties"])


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"] == "3.1.0"


def test_it_has_the_routes_of_the_gateway_and_health() -> None:
    routes = {(route.http_method.lower(), re.sub(r":\[[^}]*", "", route.pattern)) for route in ROUTES}

    assert set(OPERATIONS) == routes | {("get", "/healthz"), ("get", "/readyz")}


def test_each_operation_names_its_rpc_for_grpcurl() -> None:
    named = [operation.get("x-penstock-grpc") for operation in OPERATIONS.values()]
    rpcs = {(service.full_name, method.name) for service in SERVICES for method in service.methods}

    assert {(rpc["service"], rpc["method"]) for rpc in named if rpc} == rpcs
    assert BY_ID["UpdateFlow"]["x-penstock-grpc"] == {
        "service": "penstock.v1.FlowService",
        "method": "UpdateFlow",
        "body": "flow",
        "fields": {"flow": "flow.flow"},
    }
    assert BY_ID["ImportExecution"]["x-penstock-grpc"] == {
        "service": "penstock.v1.ImportService",
        "method": "ImportExecution",
        "body": "data",
        "body_bytes": True,
    }


def test_body_that_is_a_document_has_its_form_and_is_json_alone() -> None:
    schema = {"$ref": "#/components/schemas/ExecutionExport"}
    assert BY_ID["ImportExecution"]["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": schema}},
    }


def test_every_operation_but_health_needs_a_key() -> None:
    assert DOCUMENT["security"] == [{"apiKey": []}]
    assert DOCUMENT["components"]["securitySchemes"]["apiKey"].items() >= {"type": "http", "scheme": "bearer"}.items()
    assert {name for name, operation in BY_ID.items() if "security" in operation} == {"Healthz", "Readyz"}
    assert [BY_ID[name]["security"] for name in ("Healthz", "Readyz")] == [[], []]


def test_every_operation_and_parameter_is_described() -> None:
    assert [name for name, operation in BY_ID.items() if not operation["summary"]] == []
    assert [
        (name, parameter["name"])
        for name, operation in BY_ID.items()
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ] == []


def test_operations_are_grouped_by_service_with_its_comment() -> None:
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}

    assert list(tags) == [service.name for service in SERVICES] + ["Health"]
    assert tags["InvocationService"] == "Runs flows."


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (
            "ListAttempts",
            [
                ("execution_id", "path", True),
                ("node", "path", True),
                ("item", "query", None),
                ("page_size", "query", None),
                ("page_token", "query", None),
            ],
        ),
        ("ListArtifacts", [("flow", "query", None), ("page_size", "query", None), ("page_token", "query", None)]),
        ("CancelExecution", [("execution_id", "path", True), ("reason", "query", None)]),
        (
            "WatchExecution",
            [
                ("execution_id", "path", True),
                ("after_sequence", "query", None),
                ("payload_bytes", "query", None),
                ("Last-Event-ID", "header", None),
            ],
        ),
        ("InvokeFlow", [("Idempotency-Key", "header", None), ("traceparent", "header", None)]),
        ("UpdateFlow", [("flow", "path", True), ("update_mask", "query", None)]),
        ("CompileFlow", [("flow", "path", True)]),
    ],
)
def test_fields_outside_of_the_body_are_parameters(
    operation: str, expected: list[tuple[str, str, bool | None]]
) -> None:
    found = BY_ID[operation]["parameters"]

    assert [(parameter["name"], parameter["in"], parameter.get("required")) for parameter in found] == expected


def test_a_body_beside_path_variables_leaves_them_out_and_may_be_left_out_itself() -> None:
    body = BY_ID["CompileFlow"]["requestBody"]

    assert list(body["content"][JSON]["schema"]["properties"]) == [
        "definition",
        "validate_only",
        "allow_breaking",
        "archives",
    ]
    assert (body["required"], INVOKE["requestBody"]["required"]) == (False, True)


def test_payloads_are_objects_and_their_bytes_are_not_shown() -> None:
    assert members("InvokeFlowRequest")[:4] == ["graph_id", "flow", "input", "wait"]
    assert members("InvocationResult") == ["output", "success", "completed_at", "error"]
    assert DOCUMENT["components"]["schemas"]["InvokeFlowRequest"]["properties"]["input"] == {
        "description": "The input message of the artifact. Absent means all fields at their defaults.",
        "type": "object",
    }


def test_the_data_of_an_event_is_a_frame_without_its_id() -> None:
    assert STREAM["responses"]["200"]["content"][EVENT_STREAM]["schema"] == {"$ref": "#/components/schemas/Frame"}
    shown = ["execution_id", "frame_index", "payload", "is_final", "success", "error", "provisional", "rollback_to"]
    assert members("Frame") == [*shown, "deprecation"]


def test_a_stream_of_several_kinds_of_events_names_them_all() -> None:
    answer = BY_ID["WatchExecution"]["responses"]["200"]

    assert answer["content"][EVENT_STREAM]["schema"] == {
        "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Frame", "Execution", "Event")]
    }
    assert answer["description"] == (
        "Server-sent events: events without a name with data like Frame, `status` with data like Execution, "
        "`node` with data like Event. `Last-Event-ID` resumes after the `id` of one."
    )


def test_a_message_travels_as_json_or_protobuf_with_the_status_of_its_route() -> None:
    schema = {"$ref": "#/components/schemas/InvokeFlowResponse"}

    assert list(INVOKE["responses"]) == ["202", "400", "401", "403", "404", "409", "default"]
    assert {kind: media["schema"] for kind, media in INVOKE["responses"]["202"]["content"].items()} == {
        JSON: schema,
        PROTOBUF: schema,
    }


def test_a_status_that_the_comment_of_a_method_names_is_documented() -> None:
    assert list(BY_ID["CancelExecution"]["responses"]) == ["200", "400", "401", "403", "404", "409", "default"]
    assert BY_ID["CancelExecution"]["responses"]["409"] == {"$ref": "#/components/responses/Conflict"}


def test_an_error_has_the_body_of_the_contract() -> None:
    error = DOCUMENT["components"]["schemas"]["Error"]
    body = {"error": "unauthorized", "code": "UNAUTHENTICATED", "reason": "NO_KEY", "details": {}}

    assert schema_validator(error).is_valid(body)
    assert error["required"] == ["error", "code", "reason", "details"]
    assert error["properties"]["code"]["enum"] == [code.name for code in Code]
    for response in DOCUMENT["components"]["responses"].values():
        assert response["content"] == {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}


def test_requests_refuse_members_that_answers_may_get_later() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert schemas["InvokeFlowRequest"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Execution"]


def test_every_example_is_of_an_rpc_and_fits_its_schema() -> None:
    rpcs = {f"{service.name}.{method.name}" for service in SERVICES for method in service.methods}
    assert REQUESTS.keys() | RESPONSES.keys() <= rpcs

    shown = 0
    for operation in (INVOKE, STREAM):
        success = next(iter(operation["responses"].values()))
        for media in (operation["requestBody"]["content"][JSON], *success["content"].values()):
            for example in media.get("examples", {}).values():
                values = events(example["value"]) if isinstance(example["value"], str) else [example["value"]]
                for value in values:
                    assert [error.message for error in schema_validator(media["schema"]).iter_errors(value)] == []
                    shown += 1
    assert shown == 9


def events(text: str) -> list[Any]:
    """The data of each event of a stream."""
    return [orjson.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
