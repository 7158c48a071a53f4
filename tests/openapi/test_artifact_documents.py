"""The documents of an artifact are valid, and say what it takes and gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from penstock.openapi.answers import EVENT_STREAM, JSON
from penstock.openapi.artifact.documents import KINDS
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.steering import acts
from penstock.wire.types import TypePool
from tests.openapi.artifacts import GRAPH_ID, artifact_of, every_artifact, examples, nasty, nasty_pipeline, waiting

NAMES = list(every_artifact())


def document(artifact: Artifact, kind: str) -> Any:
    return json.loads(KINDS[kind].make(artifact))


def operations(described: dict[str, Any]) -> dict[str, Any]:
    return {operation["operationId"]: operation for item in described["paths"].values() for operation in item.values()}


def request_schema(described: dict[str, Any], operation: str) -> Any:
    body = operations(described)[operation]["requestBody"]["content"][JSON]["schema"]
    return described["components"]["schemas"][body["$ref"].rpartition("/")[2]]


def misfits(described: dict[str, Any], schema: Any, value: Any) -> list[str]:
    validator = Draft202012Validator({**schema, "components": described["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("name", NAMES)
def test_the_openapi_document_is_valid(name: str) -> None:
    described = document(every_artifact()[name], "openapi.json")
    OpenAPIV31SpecValidator(described).validate()
    assert described["openapi"] == "3.1.0"


@pytest.mark.parametrize("name", NAMES)
def test_every_example_fits_its_schema(name: str) -> None:
    described = document(every_artifact()[name], "openapi.json")
    shown = 0
    for operation in operations(described).values():
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (media for part in contents for media in part.get("content", {}).values()):
            for example in media.get("examples", {}).values():
                value = example["value"]
                events = [value] if isinstance(value, dict) else data_of(value)
                assert [misfits(described, media["schema"], event) for event in events] == [[]] * len(events)
                shown += len(events)
    steering = len(list(acts(every_artifact()[name])))
    assert shown == (9 if "Invoke" in operations(described) else 3) + steering


def data_of(text: str) -> list[Any]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


def test_a_unary_artifact_is_invoked_or_streamed_and_its_executions_are_followed() -> None:
    assert list(operations(document(examples()["hello"], "openapi.json"))) == [
        "Invoke",
        "Stream",
        "GetExecution",
        "WaitExecution",
        "WatchExecution",
        "GetOutput",
        "CancelExecution",
    ]


def test_a_pipeline_is_only_streamed() -> None:
    found = operations(document(nasty_pipeline(), "openapi.json"))
    assert ("Invoke" in found, "Stream" in found) == (False, True)


def test_a_client_of_the_document_is_left_with_the_input() -> None:
    schema = request_schema(document(examples()["hello"], "openapi.json"), "Invoke")
    assert schema["required"] == ["graph_id"]
    assert schema["properties"]["graph_id"] == {
        "description": "The artifact.",
        "type": "string",
        "const": GRAPH_ID,
        "default": GRAPH_ID,
    }
    assert schema["properties"]["input"]["$ref"] == "#/components/schemas/hello.GreetRequest"
    assert "flow" not in schema["properties"]


def test_input_output_and_frames_have_the_types_of_the_artifact() -> None:
    described = document(examples()["hello"], "openapi.json")
    given = request_schema(described, "Invoke")
    assert misfits(described, given, {"graph_id": GRAPH_ID, "input": {"name": "Ada"}}) == []
    assert misfits(described, given, {"graph_id": GRAPH_ID, "input": {"name": 1}}) == [
        "$.input.name: 1 is not of type 'string'"
    ]
    frame = operations(described)["Stream"]["responses"]["200"]["content"][EVENT_STREAM]["schema"]
    good = {"execution_id": "x", "frame_index": 0, "payload": {"greeting": "Hi"}, "is_final": False, "success": True}
    assert misfits(described, frame, good) == []
    assert misfits(described, frame, {**good, "payload": {"greeting": 1}}) != []


def test_an_error_is_one_component_and_every_call_needs_a_key() -> None:
    described = document(examples()["hello"], "openapi.json")
    assert described["security"] == [{"apiKey": []}]
    for response in described["components"]["responses"].values():
        assert response["content"] == {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}


def test_a_message_without_a_package_may_be_called_as_one_of_the_api() -> None:
    artifact = artifact_of("message Execution { string mine = 1; }", "test.Execution", "test.Execution")
    files = FileDescriptorSet.FromString(artifact.descriptors)
    files.file[0].package = ""
    artifact.descriptors = files.SerializeToString()
    artifact.input_type = artifact.output_type = "Execution"
    schemas = document(artifact, "openapi.json")["components"]["schemas"]
    assert list(schemas["Execution-message"]["properties"]) == ["mine"]
    assert "status" in schemas["Execution"]["properties"]


@pytest.mark.parametrize("name", NAMES)
def test_the_json_schema_is_one_and_finds_its_parts_by_their_anchors(name: str) -> None:
    schema = document(every_artifact()[name], "schema.json")
    Draft202012Validator.check_schema(schema)
    assert list(schema["properties"])[:3] == ["input", "output", "frame"]
    for part in ("input", "output", "frame"):
        found = Draft202012Validator({"$ref": f"#{part}", "$defs": {**schema["$defs"], "": schema["properties"][part]}})
        assert (found.is_valid({}), found.is_valid("text")) == (True, False)


@pytest.mark.parametrize("name", NAMES)
def test_the_tool_for_models_has_schemas_of_objects_with_all_that_they_refer_to(name: str) -> None:
    artifact = every_artifact()[name]
    tool = document(artifact, "mcp.json")
    assert tool["name"] == artifact.flow
    assert tool["description"]
    for schema in (tool["inputSchema"], tool["outputSchema"]):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    assert Draft202012Validator(tool["inputSchema"]).is_valid({})
    given = {} if artifact.mode == Artifact.UNARY else {"frames": [{}, {}]}
    assert Draft202012Validator(tool["outputSchema"]).is_valid(given)
    assert tool["_meta"]["penstock/graph_id"] == GRAPH_ID


@pytest.mark.parametrize("name", NAMES)
def test_the_descriptors_have_both_services_and_their_messages(name: str) -> None:
    artifact = every_artifact()[name]
    types = TypePool(KINDS["descriptors"].make(artifact))
    service = types.pool.FindServiceByName(artifact.service)
    assert service.methods_by_name["Stream"].input_type.full_name == artifact.input_type


def test_the_text_for_models_says_what_the_flow_does_and_how_to_call_it() -> None:
    text = KINDS["llms.txt"].make(examples()["hello"]).decode()
    assert text.startswith("# hello v1\n\n> Greets someone.\n")
    assert "## Input: hello.GreetRequest\n\n- `name` (string)" in text
    assert f'-d \'{{"graph_id": "{GRAPH_ID}", "input": {{"name": "text"}}, "wait": true}}\'' in text


def test_the_text_for_models_tells_what_the_comments_tell() -> None:
    text = KINDS["llms.txt"].make(nasty_pipeline()).decode()
    assert "- `COLOR_NONE`\n- `RED`: As blood.\n- `CRIMSON`" in text
    assert "- `whole` (test.Tree, at most one of one)" in text


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_same_artifact_gives_the_same_bytes(kind: str) -> None:
    assert KINDS[kind].make(nasty()) == KINDS[kind].make(Artifact.FromString(nasty().SerializeToString()))


STEERING = "/invocations/v1/executions/{execution_id}"


def test_each_pause_and_signal_has_operations_of_its_own() -> None:
    def steering(flow: str) -> dict[str, str]:
        paths = document(waiting()[flow], "openapi.json")["paths"]
        return {
            operation["operationId"]: path.removeprefix(STEERING)
            for path, item in paths.items()
            for operation in item.values()
            if operation["tags"] in (["Pauses"], ["Signals"])
        }

    assert steering("fill") == {
        "ListPauses": "/pauses",
        "GetPause": "/pauses/{pause}",
        "ApproveWhereTo": "/pauses/where_to:approve",
        "RejectWhereTo": "/pauses/where_to:reject",
        "ResumeWhereTo": "/pauses/where_to:resume",
    }
    assert steering("hear") == {"SignalNewAddress": "/signals/new_address", "SignalPaid": "/signals/paid"}
    assert steering("write") == {}


def test_the_values_of_pauses_and_signals_have_their_types() -> None:
    described = document(waiting()["fill"], "openapi.json")
    approve = operations(described)["ApproveWhereTo"]["requestBody"]
    schema = approve["content"][JSON]["schema"]
    assert misfits(described, schema, {"comment": "ok", "value": {"street": "Kai", "number": 3}}) == []
    assert misfits(described, schema, {"value": {"street": 3}}) == ["$.value.street: 3 is not of type 'string'"]
    # The execution cannot go on with the pause's input, which is of another type.
    assert (approve["required"], misfits(described, schema, {})) == (True, ["$: 'value' is a required property"])
    reject = operations(described)["RejectWhereTo"]["requestBody"]["content"][JSON]["schema"]
    assert list(reject["properties"]) == ["comment"]
    over_input = operations(document(waiting()["ask"], "openapi.json"))["ApproveDecide"]["requestBody"]
    assert (over_input["required"], "required" in over_input["content"][JSON]["schema"]) == (False, False)
    heard = document(waiting()["hear"], "openapi.json")
    payload = operations(heard)["SignalPaid"]["requestBody"]["content"][JSON]["schema"]
    assert misfits(heard, payload, {"total": "x"}) != [] == misfits(heard, payload, {"total": 3})


def test_the_json_schema_has_the_values_of_pauses_and_signals_under_their_names() -> None:
    schema = document(waiting()["fill"], "schema.json")
    assert schema["properties"]["pauses"]["properties"]["where_to"] == {
        "$anchor": "pauses.where_to",
        "$ref": "#/$defs/people.Address",
    }
    heard = document(waiting()["hear"], "schema.json")["properties"]["signals"]["properties"]
    assert list(heard) == ["new_address", "paid"]


def test_the_text_for_models_tells_how_to_decide_and_to_send() -> None:
    filled, heard = (KINDS["llms.txt"].make(waiting()[flow]).decode() for flow in ("fill", "hear"))
    assert "- `where_to`: Where to?\n  - `POST /invocations/v1/executions/$EXECUTION_ID/pauses/where_to:app" in filled
    assert '"$PENSTOCK_GRPC" flows.fill.v1.Fill/ApproveWhereTo' in filled
    assert "signals/paid`, whose body is a people.Order" in heard


def test_the_tool_for_models_names_pauses_and_signals() -> None:
    assert document(waiting()["fill"], "mcp.json")["_meta"]["penstock/pauses"] == [
        {"name": "where_to", "prompt": "Where to?", "value": "people.Address", "needs_value": True}
    ]
    assert document(waiting()["hear"], "mcp.json")["_meta"]["penstock/signals"] == [
        {"name": "new_address", "payload": "people.Address"},
        {"name": "paid", "payload": "people.Order"},
    ]
