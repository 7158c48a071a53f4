"""The documents of artifacts describe what the server really takes and gives."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from jsonschema import Draft202012Validator

from penstock.wire.types import TypePool
from tests.e2e.support import streamed
from tests.harness import Answer, Server

WHOLE = {
    "a_double": "NaN",
    "a_float": 3.4028235e38,
    "an_int64": "-9223372036854775808",
    "a_uint64": "18446744073709551615",
    "a_number": "9223372036854775807",
    "some_bytes": "/+8=",
    "color": "CRIMSON",
    "maybe": 0,
    "by_int": {"-2147483648": "low"},
    "by_bool": {"true": "AA=="},
    "by_uint": {"4294967295": "RED"},
    "time": "9999-12-31T23:59:59.999999999Z",
    "duration": "-315576000000.999999999s",
    "struct": {"a": [None, 1.5, {"b": True}]},
    "value": None,
    "list": [1, "2"],
    "empty": {},
    "boxed_int64": "9",
    "boxed_bytes": "AA==",
    "tree": {"label": "a", "children": [{"named": {"b": {"label": "c"}}}]},
    "words": {"class": "x", "import": "y", "None": "z"},
    "whole": {"label": "d"},
}


def document(server: Server, artifact: str, kind: str, **headers: str) -> Answer:
    return server.request("GET", f"/flows/v1/artifacts/{artifact}/{kind}", headers=headers)


def validator(server: Server, flow: str, part: str) -> Draft202012Validator:
    """Of one part of the flow's schema.json."""
    schema = document(server, flow, "schema.json").json
    return Draft202012Validator({"$defs": schema["$defs"], **schema["properties"][part]})


def misfits(validator: Draft202012Validator, value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("given", [{}, WHOLE], ids=["nothing", "everything"])
def test_what_goes_in_and_comes_out_fits_the_schema(odd: Server, given: Any) -> None:
    assert misfits(validator(odd, "class", "input"), given) == []
    output = odd.invoke("class", given)["result"]["output"]
    assert misfits(validator(odd, "class", "output"), output) == []
    assert {name: output[name] for name in ("color", "an_int64") if given} == (
        {"color": "RED", "an_int64": WHOLE["an_int64"]} if given else {}
    )


def test_frames_fit_the_schema(odd: Server) -> None:
    check = validator(odd, "import", "frame")
    frames = [event.json for event in streamed(odd, "import", WHOLE)]
    assert [(misfits(check, frame), "payload" in frame) for frame in frames] == [([], True), ([], True), ([], False)]


def test_the_descriptors_read_what_the_server_writes(server: Server) -> None:
    types = TypePool(document(server, "hello", "descriptors").body)
    method = types.pool.FindServiceByName("flows.hello.v1.Hello").methods_by_name["Invoke"]
    given = types.message(method.input_type.full_name)
    assert MessageToDict(ParseDict({"name": "Ada"}, given())) == {"name": "Ada"}


def test_a_document_is_found_by_artifact_and_by_alias_and_travels_once(server: Server) -> None:
    graph_id = server.info["flows"]["hello"]["graph_id"]
    pinned, live = document(server, graph_id, "openapi.json"), document(server, "hello@live", "openapi.json")
    assert (pinned.body, pinned.headers["Etag"]) == (live.body, live.headers["Etag"])
    assert pinned.headers["Cache-Control"] == "private, immutable, max-age=31536000"
    assert live.headers["Cache-Control"] == "private, no-cache"
    again = document(server, "hello", "openapi.json", **{"If-None-Match": live.headers["Etag"]})
    assert (again.status, again.body) == (304, b"")


def test_there_is_no_document_of_what_is_not_there(server: Server) -> None:
    for name in ("nobody", "hello@nowhere", "01JTESTARTIFACT00000000000"):
        assert document(server, name, "proto").json["code"] == "NOT_FOUND"


@pytest.mark.parametrize(("flow", "end"), [("hello", '"success":true'), ("logs", '"is_final":true')])
def test_the_curl_line_of_llms_txt_runs_as_it_stands(server: Server, flow: str, end: str) -> None:
    text = document(server, flow, "llms.txt").body.decode()
    line = text.partition("```sh\n")[2].partition("```")[0]
    environment = {**os.environ, "PENSTOCK_URL": server.info["http_url"], "PENSTOCK_API_KEY": server.key}
    assert end in subprocess.run(line, shell=True, env=environment, capture_output=True, text=True, timeout=60).stdout


def test_the_tool_for_models_takes_what_the_flow_takes(server: Server) -> None:
    tool = document(server, "hello", "mcp.json").json
    given = {"name": "Ada"}
    assert misfits(Draft202012Validator(tool["inputSchema"]), given) == []
    output = server.invoke(tool["name"], given)["result"]["output"]
    assert misfits(Draft202012Validator(tool["outputSchema"]), json.loads(json.dumps(output))) == []
