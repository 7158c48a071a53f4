"""Payloads whole and in parts, over HTTP, gRPC and the command line; lists leave out the large ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from penstock.wire.gen.execution_service_pb2 import ListCheckpointsRequest
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.payload_pb2 import GetPayloadRequest
from tests.e2e.crew import Crew
from tests.e2e.support import EXECUTIONS, PROTOBUF, streamed
from tests.harness import Answer

LARGE = "x" * 100_000
WHOLE = json.dumps({"text": LARGE}, separators=(",", ":")).encode()


@pytest.fixture(scope="module")
def large(crew: Crew) -> str:
    """An execution whose input and output are large."""
    return str(crew.invoke("echo", {"text": LARGE})["execution_id"])


def get(crew: Crew, execution_id: str, rest: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return crew.request("GET", f"{EXECUTIONS}/{execution_id}/payloads/{rest}", headers=named)


def test_a_large_output_is_left_out_of_checkpoints_and_is_where_its_link_says(crew: Crew, large: str) -> None:
    [checkpoint] = crew.execution(large, "/checkpoints")["checkpoints"]
    assert "output" not in checkpoint
    assert checkpoint["output_bytes_size"] == len(LARGE) + 4
    answer = crew.request("GET", checkpoint["output_link"])
    assert (answer.status, answer.body) == (200, WHOLE)
    assert answer.headers["Content-Type"] == "application/json"
    [shown] = crew.execution(large, "/checkpoints?output_bytes_max=200000")["checkpoints"]
    assert (shown["output"], "output_link" in shown) == ({"text": LARGE}, False)


@pytest.mark.parametrize("name", ["input", "output"])
def test_input_and_output_have_names(crew: Crew, large: str, name: str) -> None:
    assert get(crew, large, name).body == WHOLE
    protobuf = get(crew, large, name, Accept=PROTOBUF)
    assert protobuf.headers["Content-Type"] == PROTOBUF
    assert protobuf.body.endswith(LARGE.encode())
    assert len(protobuf.body) == len(LARGE) + 4


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=99990-", 99990, len(WHOLE) - 1),
        ("bytes=-5", len(WHOLE) - 5, len(WHOLE) - 1),
        (f"bytes=0-{10**12}", 0, len(WHOLE) - 1),
        (f"bytes=-{10**12}", 0, len(WHOLE) - 1),
    ],
)
def test_parts_are_what_the_range_asks_for(crew: Crew, large: str, asked: str, first: int, last: int) -> None:
    answer = get(crew, large, "output", Range=asked)
    assert (answer.status, answer.body) == (206, WHOLE[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(WHOLE)}"
    assert answer.headers["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-0", "bytes="])
def test_a_range_that_says_nothing_is_passed_over(crew: Crew, large: str, asked: str) -> None:
    answer = get(crew, large, "output", Range=asked)
    assert (answer.status, answer.body) == (200, WHOLE)
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_part_behind_the_end_is_refused_with_the_size(crew: Crew, large: str) -> None:
    answer = get(crew, large, "output", Range=f"bytes={len(WHOLE)}-")
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(WHOLE)}")
    answer = get(crew, large, f"output?offset={len(WHOLE)}")
    assert (answer.status, answer.json["reason"], answer.json["details"]["size"]) == (
        400,
        "BEHIND_THE_END",
        str(len(WHOLE)),
    )


def test_a_part_of_another_form_is_not_mixed_in(crew: Crew, large: str) -> None:
    tag = get(crew, large, "output").headers["Etag"]
    assert get(crew, large, "output", Range="bytes=0-1", If_Range=tag).status == 206
    assert get(crew, large, "output", Range="bytes=0-1", If_Range='"other"').status == 200
    assert get(crew, large, "output", Accept=PROTOBUF).headers["Etag"] != tag


def test_content_that_is_larger_than_one_piece_comes_whole(crew: Crew) -> None:
    text = "y" * 4_000_000
    # In JSON each of these is six characters.
    text = text[:3_000_000] + "\u0001" * 1_000_000
    execution_id = str(crew.invoke("echo", {"text": text})["execution_id"])
    answer = get(crew, execution_id, "output")
    assert (answer.status, answer.json) == (200, {"text": text})
    assert len(answer.body) > 8_000_000


def test_the_faces_give_the_same(crew: Crew, channel: grpc.Channel, large: str, tmp_path: Path) -> None:
    stub, metadata = ExecutionServiceStub(channel), (("authorization", f"Bearer {crew.key}"),)
    parts, offset, size = b"", 0, 1
    while offset < size:
        request = GetPayloadRequest(execution_id=large, payload="output", offset=offset, limit=30_000)
        part = stub.GetPayload(request, metadata=metadata)
        assert (part.offset, part.type, len(part.data) <= 30_000) == (offset, "sight.Text", True)
        parts, size = parts + part.data, part.size
        offset += len(part.data)
    assert parts == WHOLE
    assert crew.command_line("executions", "payload", large, "output") == WHOLE.decode()
    file = tmp_path / "payload"
    crew.command_line("executions", "payload", large, "output", "--protobuf", "--out", str(file))
    assert file.read_bytes() == get(crew, large, "output", Accept=PROTOBUF).body
    [checkpoint] = stub.ListCheckpoints(ListCheckpointsRequest(execution_id=large), metadata=metadata).checkpoints
    assert checkpoint.output_link == f"{EXECUTIONS}/{large}/payloads/{checkpoint.sequence}"


@pytest.mark.parametrize(
    ("rest", "status", "error"),
    [
        ("nothing", 400, "payload: expected input, output or the sequence of an event, got 'nothing'"),
        ("1", 404, "event 1 of execution"),
        ("9999", 404, "event 9999 of execution"),
        ("output?offset=-1", 400, "offset: expected 0 or more, got -1"),
        ("output?limit=-1", 400, "limit: expected 1 to 4,194,304, got -1"),
        ("output?limit=9999999", 400, "limit: expected 1 to 4,194,304, got 9999999"),
    ],
)
def test_what_is_not_there_is_refused(crew: Crew, large: str, rest: str, status: int, error: str) -> None:
    answer = get(crew, large, rest)
    assert (answer.status, answer.json["error"].startswith(error)) == (status, True), answer.json


def test_an_execution_without_output_says_why(crew: Crew) -> None:
    answer: Any = crew.invoke("refuse", {"text": ""})
    refused = get(crew, answer["execution_id"], "output")
    assert (refused.status, refused.json["error"]) == (409, "the execution has no output: it is FAILED")
    *_, last = streamed(crew, "blow", {"sizes": []})
    assert get(crew, last.json["execution_id"], "output").status == 404
    stranger = crew.command_line("keys", "create", "stranger", "--account", "strange").strip()
    path = f"{EXECUTIONS}/{answer['execution_id']}/payloads/input"
    assert crew.request("GET", path, key=stranger).status == 404
