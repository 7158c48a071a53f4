"""An exported document holds all that the API tells of an execution, over HTTP and gRPC alike."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from jsonschema import Draft202012Validator

from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.export_pb2 import ExportExecutionRequest
from tests.e2e.support import refusal
from tests.export.runs import RUNS, begun, ended, exported, fulfilled
from tests.harness import ROOT, Server

SCHEMA = json.loads((ROOT / "openapi/penstock/openapi/gen/ExecutionExport.schema.json").read_text())
NO_SUCH = "0" * 31 + "1"


def over_grpc(server: Server, channel: grpc.Channel, execution_id: str, **fields: bool) -> bytes:
    request = ExportExecutionRequest(execution_id=execution_id, **fields)
    metadata = (("authorization", f"Bearer {server.key}"),)
    return b"".join(piece.data for piece in ExecutionServiceStub(channel).ExportExecution(request, metadata=metadata))


def without_time(document: Any) -> Any:
    """What is the same in every export of an execution that ended."""
    events = [{name: value for name, value in event.items() if name != "hash"} for event in document["events"]]
    return {name: value for name, value in document.items() if name not in ("export_time", "chain", "signature")} | {
        "events": events
    }


@pytest.mark.parametrize("run", RUNS)
def test_document_holds_what_the_api_tells(depot: Server, run: str) -> None:
    execution_id = ended(depot, run)
    document = exported(depot, execution_id)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["execution"] == depot.execution(execution_id)
    assert [event["event"] for event in document["events"]] == depot.execution(execution_id, "/events")["events"]
    assert [event["event"]["sequence"] for event in document["events"]] == list(range(1, len(document["events"]) + 1))
    assert document["nodes"] == depot.execution(execution_id, "/nodes")["nodes"]
    names = [node["node"] for node in document["nodes"]]
    attempts = [a for name in names for a in depot.execution(execution_id, f"/nodes/{name}/attempts")["attempts"]]
    order = [(a["node"], a.get("item", -1) >= 0) for a in document["attempts"]]
    assert order == sorted(order, key=lambda each: (names.index(each[0]), each[1]))
    assert sorted(map(str, document["attempts"])) == sorted(map(str, attempts))


@pytest.mark.parametrize("run", ["map", "pipeline"])
def test_http_and_grpc_give_the_same(depot: Server, channel: grpc.Channel, run: str) -> None:
    execution_id = ended(depot, run)
    ours = json.loads(over_grpc(depot, channel, execution_id))
    assert without_time(ours) == without_time(exported(depot, execution_id))


def test_largest_messages_reach_clients_of_grpc(depot: Server, channel: grpc.Channel) -> None:
    # Each of its characters is six in JSON.
    text = "\x01" * 1_500_000
    execution_id = str(depot.invoke("echo", {"text": text}, wait=True)["execution_id"])
    document = json.loads(over_grpc(depot, channel, execution_id))
    assert document["input"] == document["events"][3]["output"] == {"text": text}


def test_checkpoints_pauses_and_what_came_to_nodes_are_in_it(depot: Server) -> None:
    execution_id = fulfilled(depot)
    document = exported(depot, execution_id)
    Draft202012Validator(SCHEMA).validate(document)
    for checkpoint in depot.execution(execution_id, "/checkpoints?page_size=1000")["checkpoints"]:
        assert document["events"][checkpoint["sequence"] - 1]["output"] == checkpoint["output"]
    pause = depot.execution(execution_id, "/pauses/approve")
    assert document["pauses"] == [pause]
    assert (pause["state"], pause["comment"]) == ("APPROVED", "fine")
    came = {event["event"]["node"]: event["input"] for event in document["events"] if "input" in event}
    gave = {event["event"]["node"]: event["output"] for event in document["events"] if "output" in event}
    assert came["price"] == document["input"]
    assert came["approve"] == gave["price"] == pause["input"]
    assert came["nap"] == gave["nap"]
    assert set(came) == set(gave) - {"join"}


def test_payload_of_a_signal_is_in_it(depot: Server) -> None:
    execution_id = depot.begin("hearing_late", {"value": 1})
    path = f"/invocations/v1/executions/{execution_id}/signals/more"
    assert depot.request("POST", path, {"value": 7}).status == 200
    depot.wait(execution_id)
    events = exported(depot, execution_id)["events"]
    assert [e["output"] for e in events if e["event"]["type"] == "SIGNAL_RECEIVED"] == [{"value": 7}]


def test_without_io_nothing_that_flowed_is_in_it(depot: Server) -> None:
    execution_id = fulfilled(depot)
    document = exported(depot, execution_id, "?no_io=true")
    Draft202012Validator(SCHEMA).validate(document)
    whole = exported(depot, execution_id)
    assert (document["no_io"], whole["no_io"]) == (True, False)
    assert "input" not in document
    assert [set(event) for event in document["events"]] == [{"event", "hash"}] * len(whole["events"])
    assert [event["event"] for event in document["events"]] == [event["event"] for event in whole["events"]]
    assert not {"input", "value"} & set(document["pauses"][0])


def test_fields_that_their_proto_marks_are_left_out(depot: Server) -> None:
    person = {"name": "Ada", "pin": "swordfish", "boxes": {"a": {"code": "424242424242424242"}}}
    given = person | {"guests": [{"name": "Bob", "pin": "sesame"}]}
    execution_id = str(depot.invoke("entered", given)["execution_id"])
    document = exported(depot, execution_id)
    hidden = {"name": "Ada", "pin": "[redacted]", "guests": [], "boxes": {"a": {"code": "0"}}}
    shown = hidden | {"guests": [{"name": "Bob", "pin": "[redacted]", "guests": [], "boxes": {}}]}
    assert document["input"] == document["pauses"][0]["input"] == shown
    assert [event["output"] for event in document["events"] if "output" in event] == [shown]
    assert not any(secret in json.dumps(document) for secret in ("swordfish", "sesame", "424242424242424242"))


def test_one_that_has_not_ended_is_exported_as_it_stands(depot: Server) -> None:
    execution_id = str(depot.invoke("asked", {"value": 1})["execution_id"])
    document = exported(depot, execution_id)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["execution"]["status"] == "PAUSED"
    assert document["events"][-1]["event"]["type"] == "EXECUTION_PAUSED"
    assert document["chain"]["event_count"] == document["execution"]["last_sequence"] == len(document["events"])
    assert document["pauses"][0]["state"] == "OPEN"


def test_artifact_tells_what_ran(depot: Server) -> None:
    execution_id = ended(depot, "branch")
    artifact = exported(depot, execution_id)["artifact"]
    full = depot.request("GET", f"/flows/v1/artifacts/{artifact['graph_id']}?view=FULL").json
    assert artifact["definition"] == full["definition"]
    assert artifact["plan"] == full["plan"]
    assert artifact["descriptors"] == ""


def test_unknown_and_wrong_ids_are_plain_errors(depot: Server, channel: grpc.Channel) -> None:
    path = "/invocations/v1/executions/{}:export"
    assert refusal(depot.request("GET", path.format(NO_SUCH)))[0] == 404
    assert refusal(depot.request("GET", path.format("x")))[0] == 404
    answer = depot.request("GET", path.format(begun(depot, "plain")) + "?io=false")
    assert (answer.status, answer.json["reason"]) == (400, "UNKNOWN_PARAMETER")
    assert depot.request("GET", path.format(NO_SUCH), key=None).status == 401
    with pytest.raises(grpc.RpcError) as refused:
        over_grpc(depot, channel, NO_SUCH)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


def test_answer_is_json_without_a_length(depot: Server) -> None:
    answer = depot.request("GET", f"/invocations/v1/executions/{ended(depot, 'pipeline')}:export")
    assert answer.headers["Content-Type"] == "application/json"
    assert "Content-Length" not in answer.headers
