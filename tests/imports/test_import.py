"""What was exported in one installation is looked at in another one."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest

from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.export_pb2 import ExportExecutionRequest
from penstock.wire.gen.import_service_pb2 import (
    DeleteImportedExecutionRequest,
    GetImportedExecutionRequest,
    ImportExecutionRequest,
    ListImportedExecutionsRequest,
)
from penstock.wire.gen.import_service_pb2_grpc import ImportServiceStub
from penstock.wire.json import dumps, parse
from tests.export.runs import RUNS, begun, ended, fulfilled
from tests.flows.faces import _CODEC
from tests.harness import Answer, Server

EXECUTIONS = "/invocations/v1/executions"
IMPORTS = "/invocations/v1/imports"


def exported(server: Server, execution_id: str, query: str = "") -> bytes:
    answer = server.request("GET", f"{EXECUTIONS}/{execution_id}:export{query}")
    assert answer.status == 200, answer.body
    return answer.body


def send(server: Server, document: bytes, query: str = "") -> Answer:
    return server.request("POST", f"{EXECUTIONS}:import{query}", document, {"Content-Type": "application/json"})


def take(server: Server, document: bytes, query: str = "") -> Any:
    answer = send(server, document, query)
    assert answer.status == 200, answer.body
    return answer.json["imported"]


KINDS = ("cached", "failure", "fallback", "fulfilled", "map with failures", "pipeline", "reports", "retries", "undone")
"""Of each sort of event at least one."""


@pytest.mark.parametrize("kind", KINDS)
def test_import_reads_as_the_execution_does_where_it_ran(depot: Server, study: Server, kind: str) -> None:
    run = fulfilled(depot) if kind == "fulfilled" else ended(depot, kind)
    document = exported(depot, run, "?signed=true")
    imported = take(study, document)
    assert (imported["execution"]["execution_id"], imported["problem"]) == (run, "")
    assert (imported["signature"], len(imported["signed_by"])) == ("GENUINE", 16)
    here, there = study.execution(run), depot.execution(run)
    assert here.pop("imported") is True
    assert here == there
    for rest in ("/events?page_size=1000", "/nodes", "/gates", "/pauses", "/logs"):
        assert study.execution(run, rest) == depot.execution(run, rest), rest
    for node in depot.execution(run, "/nodes")["nodes"]:
        for rest in (f"/nodes/{node['node']}/attempts", f"/events?node={node['node']}&page_size=1000"):
            assert study.execution(run, rest) == depot.execution(run, rest), rest
    assert study.execution(run, "/children") == {"executions": [], "next_page_token": ""}
    assert_checkpoints_and_output_are_the_same(depot, study, run)
    assert_spans_and_explanation_are_the_same(depot, study, run)
    assert_stream_is_the_same(depot, study, run)
    # As it came, so that its signature holds as before.
    assert exported(study, run) == document


def assert_checkpoints_and_output_are_the_same(depot: Server, study: Server, run: str) -> None:
    here, there = (server.execution(run, "/checkpoints?page_size=1000") for server in (study, depot))
    for mine, other in zip(here["checkpoints"], there["checkpoints"], strict=True):
        for name in ("node", "sequence", "attempt", "time", "output_type"):
            assert mine[name] == other[name]
        assert is_redacted(mine) or mine.get("output") == other.get("output")
    here, there = (server.execution(run, "/output") for server in (study, depot))
    assert is_redacted(here) or here == there


def assert_spans_and_explanation_are_the_same(depot: Server, study: Server, run: str) -> None:
    here, there = (server.execution(run, "/timeline?page_size=1000") for server in (study, depot))
    assert here["spans"] == there["spans"]
    here, there = (server.execution(run, ":explain") for server in (study, depot))
    for name in ("status", "reason", "classification", "error", "causes", "flow", "graph_id"):
        assert here.get(name) == there.get(name), name
    assert here["summary"] == f"{there['summary']} It was imported to be looked at: nothing goes on with it."
    assert here["actions"] == []


def assert_stream_is_the_same(depot: Server, study: Server, run: str) -> None:
    here, there = (list(server.stream("GET", f"{EXECUTIONS}/{run}/stream")) for server in (study, depot))
    ids = [[event.id for event in events if event.name == "node"] for events in (here, there)]
    assert ids[0] == ids[1]
    frames = [[event.json for event in events if event.name == "message"] for events in (here, there)]
    assert is_redacted(frames[0]) or frames[0] == frames[1]
    last = here[-1].id
    assert list(study.stream("GET", f"{EXECUTIONS}/{run}/stream", None, {"Last-Event-ID": last})) == []


def is_redacted(value: Any) -> bool:
    return "[redacted]" in json.dumps(value)


def test_document_without_io_has_a_chain_of_its_own(depot: Server, study: Server) -> None:
    run = ended(depot, "branch")
    take(study, exported(depot, run))
    document = json.loads(exported(study, run, "?no_io=true"))
    assert "input" not in document
    assert not [event for event in document["events"] if {"input", "output"} & set(event)]
    again = take(study, dumps(document))
    assert (again["problem"], again["no_io"]) == ("", True)


def test_import_is_taken_once_and_a_later_export_under_another_id(depot: Server, study: Server) -> None:
    run = ended(depot, "plain")
    document = exported(depot, run)
    first = take(study, document)
    assert take(study, document) == first
    second = take(study, exported(depot, run))["execution"]
    assert (second["original_execution_id"], second["imported"]) == (run, True)
    assert second["execution_id"] != run
    assert study.execution(second["execution_id"])["status"] == "COMPLETED"
    pause = study.execution(second["execution_id"], "/pauses")
    assert pause["pauses"] == []


def test_import_where_it_ran_leaves_the_execution_alone(depot: Server) -> None:
    run = ended(depot, "plain")
    imported = take(depot, exported(depot, run))["execution"]
    assert (imported["original_execution_id"], imported["execution_id"] != run) == (run, True)
    assert "imported" not in depot.execution(run)


def test_lists_do_not_show_imports(depot: Server, study: Server) -> None:
    run = ended(depot, "plain")
    take(study, exported(depot, run))
    assert study.request("GET", EXECUTIONS).json["executions"] == []
    page = study.request("GET", f"{IMPORTS}?page_size=1").json
    assert page["imports"][0]["execution"]["execution_id"] == run
    assert study.request("GET", f"{IMPORTS}/{run}").json == page["imports"][0]
    for method in ("GET", "DELETE"):
        assert depot.request(method, f"{IMPORTS}/{run}").status == 404
    assert study.request("DELETE", f"{IMPORTS}/{run}").status == 200
    for rest in ("", "/events", "/output", ":export"):
        assert study.request("GET", f"{EXECUTIONS}/{run}{rest}").status == 404
    assert study.request("DELETE", f"{IMPORTS}/{run}").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/invocations/v1/flows/{}"),
        ("POST", EXECUTIONS + "/{}:recover"),
        ("POST", EXECUTIONS + "/{}:relaunch"),
        ("POST", EXECUTIONS + "/{}:retry-now"),
        ("POST", EXECUTIONS + "/{}/pauses/approve:approve"),
        ("POST", "/webhooks/v1/executions/{}:redeliver"),
    ],
)
def test_nothing_can_be_done_to_an_import(depot: Server, study: Server, method: str, path: str) -> None:
    run = ended(depot, "plain")
    take(study, exported(depot, run))
    answer = study.request(method, path.format(run), {} if method == "POST" else None)
    assert (answer.status, answer.json["reason"], answer.json["details"]) == (409, "IMPORTED", {"status": "COMPLETED"})


def test_execution_that_had_not_ended_says_where_it_stood(depot: Server, study: Server) -> None:
    run = depot.invoke("fulfil", RUNS["branch"][1] | {"lines": [{"sku": "SAMOVAR"}]})["execution_id"]
    document = exported(depot, run)
    assert depot.request("DELETE", f"/invocations/v1/flows/{run}").status == 200
    take(study, document)
    found = study.execution(run, ":wait?timeout_seconds=20")
    assert found["status"] == "PAUSED"
    explanation = study.execution(run, ":explain")
    assert explanation["reason"] == "WAITING_FOR_DECISION"
    assert explanation["summary"].startswith("It was PAUSED when it was exported at ")
    assert explanation["summary"].endswith(
        ": approve waited for a person. It was imported to be looked at: nothing goes on with it."
    )
    assert study.request("GET", f"{EXECUTIONS}/{run}/output").json["details"] == {"status": "PAUSED"}
    *_, last = study.stream("GET", f"{EXECUTIONS}/{run}/stream")
    assert (last.name, last.json["status"]) == ("status", "PAUSED")


def test_large_document_comes_in_parts(depot: Server, study: Server) -> None:
    run = begun(depot, "pipeline")
    document = exported(depot, run)
    third = len(document) // 3
    name = f"?upload_id={run}"
    for offset in (0, third, 0, third):
        answer = send(study, document[offset : offset + third], f"{name}&offset={offset}&more=true")
        assert answer.json == {"bytes_size": offset + third}
    imported = take(study, document[2 * third :], f"{name}&offset={2 * third}")
    assert (imported["bytes_size"], imported["problem"]) == (len(document), "")
    assert exported(study, run) == document
    page = study.execution(run, "/frames?page_size=300")
    assert [frame["frame_index"] for frame in page["frames"]] == list(range(300))
    following = study.execution(run, f"/frames?page_size=1000&page_token={page['next_page_token']}")
    assert (following["frames"][0]["frame_index"], following["next_page_token"]) == (300, "")
    answer = send(study, b"x", f"{name}&offset=7&more=true")
    assert (answer.status, answer.json["error"]) == (400, "offset: expected at most 0, what is there of it, got 7")


def changed(document: bytes, old: bytes, new: bytes) -> bytes:
    assert old in document
    return document.replace(old, new, 1)


def test_changed_document_is_refused_unless_that_is_allowed(depot: Server, study: Server) -> None:
    run = ended(depot, "plain")
    document = exported(depot, run, "?signed=true")
    forged = changed(document, b'"output":{"text":"x"', b'"output":{"text":"y"')
    answer = send(study, forged)
    assert (answer.status, answer.json["reason"]) == (400, "CHANGED")
    assert "event 4 does not have the hash that it shows" in answer.json["error"]
    assert study.request("GET", f"{EXECUTIONS}/{run}").status == 404
    imported = take(study, forged, "?allow_changed=true")
    assert imported["problem"] == "event 4 does not have the hash that it shows"
    assert imported["signature"] == "FORGED"
    assert study.execution(run, "/output")["output"] == {"text": "y"}
    assert exported(study, run) == forged
    for query in ("?no_io=true", "?signed=true"):
        answer = study.request("GET", f"{EXECUTIONS}/{run}:export{query}")
        assert (answer.status, answer.json["reason"]) == (409, "IMPORTED")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"{", b"[", "expected an exported document, a JSON object at character 1"),
        (b"penstock.export/1", b"penstock.export/9", 'schema "penstock.export/1", got "penstock.export/9"'),
        (b'"status":"COMPLETED"', b'"status":"GONE"', "execution: status: "),
        (b'"status":"COMPLETED"', b'"stetus":"COMPLETED"', "execution: stetus: unknown field"),
        (b'"events":[', b'"ev":[],"events":[', ""),
        (b'"node":"echo"', b'"node":"nobody"', "events[2].event: the flow has no node 'nobody'"),
        (b'"sequence":3', b'"sequence":9', "events[2].event: it does not follow from what is before it"),
        (b'\n"nodes":[', b'\n"knots":[', 'expected the member nodes, got "knots"'),
        (b'"text":"x"', b'"text":NaN', "expected a JSON value, got NaN"),
        (b'"text":"x"', b'"text":"x","text":"x"', "has the member 'text' twice in one object"),
        (b'"text":"x"', b'"text":"\xff"', "the document is not in UTF-8"),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(
    depot: Server, study: Server, old: bytes, new: bytes, message: str
) -> None:
    document = exported(depot, ended(depot, "plain"))
    answer = send(study, changed(document, old, new), "?allow_changed=true")
    if not message:
        assert answer.status == 200
        return
    assert (answer.status, message in answer.json["error"]) == (400, True), answer.json["error"]


@pytest.mark.parametrize("size", [1, 100, -40, -3])
def test_document_that_is_cut_off_is_refused(depot: Server, study: Server, size: int) -> None:
    document = exported(depot, ended(depot, "plain"))
    answer = send(study, document[:size])
    assert (answer.status, answer.json["code"]) == (400, "INVALID_ARGUMENT")
    assert answer.json["error"].startswith("the document: expected ")


@pytest.mark.parametrize("query", ["?offset=1", "?more=true", "?upload_id=%C3%A4", "?upload_id=a&offset=-1"])
def test_bad_part_is_refused(study: Server, query: str) -> None:
    assert send(study, b"{}", query).status == 400
    assert send(study, b"").status == 400


def test_grpc_answers_as_http_does(depot: Server, study: Server, channel: grpc.Channel) -> None:
    run = ended(depot, "map")
    document = exported(depot, run)
    metadata = (("authorization", f"Bearer {study.key}"),)
    imports, executions = ImportServiceStub(channel), ExecutionServiceStub(channel)
    answer = imports.ImportExecution(ImportExecutionRequest(data=document), metadata=metadata)
    over_http = study.request("GET", f"{IMPORTS}/{run}").json
    assert _json(answer.imported) == over_http
    got = imports.GetImportedExecution(GetImportedExecutionRequest(execution_id=run), metadata=metadata)
    assert _json(got) == over_http
    listed = imports.ListImportedExecutions(ListImportedExecutionsRequest(), metadata=metadata)
    assert _json(listed) == study.request("GET", IMPORTS).json
    pieces = executions.ExportExecution(ExportExecutionRequest(execution_id=run), metadata=metadata)
    assert b"".join(piece.data for piece in pieces) == document
    imports.DeleteImportedExecution(DeleteImportedExecutionRequest(execution_id=run), metadata=metadata)
    assert study.request("GET", f"{IMPORTS}/{run}").status == 404


def _json(message: Any) -> Any:
    return parse(dumps(_CODEC.encoder(message.DESCRIPTOR)(message)))
