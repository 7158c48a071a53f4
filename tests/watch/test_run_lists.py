"""Logs, frames and children of an execution as lists, the same over HTTP, gRPC and the command line."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest

from penstock.wire.gen import execution_lists_pb2 as lists
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from tests.e2e.crew import Crew
from tests.e2e.support import EXECUTIONS, streamed
from tests.explain.looks import as_json

METHODS = {
    "logs": ("lines", "ListLogs", lists.ListLogsRequest),
    "frames": ("frames", "ListFrames", lists.ListFramesRequest),
    "children": ("executions", "ListChildExecutions", lists.ListChildExecutionsRequest),
}


def ended(crew: Crew, flow: str, given: Any) -> str:
    *_, last = streamed(crew, flow, given)
    return str(last.json["execution_id"])


def listed(crew: Crew, execution_id: str, what: str, query: str = "") -> list[Any]:
    """All pages of one item each."""
    found, token = [], ""
    while True:
        answer = crew.execution(execution_id, f"/{what}?page_size=1&page_token={token}{query}")
        page = answer[METHODS[what][0]]
        assert len(page) <= 1
        found += page
        token = answer["next_page_token"]
        if not token:
            return found


@pytest.mark.parametrize(
    ("what", "flow", "given", "count"),
    [
        ("logs", "talk", {"text": "one two three"}, 3),
        ("frames", "blow", {"sizes": [1, 2, 3]}, 3),
        ("children", "above", {"text": "x"}, 2),
    ],
)
def test_the_faces_give_the_same(
    crew: Crew, channel: grpc.Channel, what: str, flow: str, given: Any, count: int
) -> None:
    execution_id = ended(crew, flow, given)
    member, method, request = METHODS[what]
    whole = crew.execution(execution_id, f"/{what}")
    assert len(whole[member]) == count
    assert listed(crew, execution_id, what) == whole[member]
    metadata = (("authorization", f"Bearer {crew.key}"),)
    answer = getattr(ExecutionServiceStub(channel), method)(request(execution_id=execution_id), metadata=metadata)
    assert as_json(answer) == whole
    printed = crew.command_line("executions", what, execution_id, "--output", "json")
    assert json.loads(printed) == {member: whole[member]}
    rows = crew.command_line("executions", what, execution_id).splitlines()
    assert len(rows) == count + 1


def test_logs_are_chosen_by_node_and_level(crew: Crew) -> None:
    execution_id = ended(crew, "talk", {"text": "one two three"})
    lines = crew.execution(execution_id, "/logs")["lines"]
    assert [(line["node"], line["level"], line["message"], line["attempt"]) for line in lines] == [
        ("talk", "INFO", "one", 1),
        ("talk", "INFO", "two", 1),
        ("talk", "WARNING", "three", 1),
    ]
    assert listed(crew, execution_id, "logs", "&level=WARNING&node=talk") == lines[2:]
    assert crew.request("GET", f"{EXECUTIONS}/{execution_id}/logs?level=LOUD").status == 400
    assert crew.request("GET", f"{EXECUTIONS}/{execution_id}/logs?node=none").status == 400


def test_frames_that_were_rolled_back_are_left_out(crew: Crew) -> None:
    execution_id = ended(crew, "guess", {"text": "x"})
    frames = crew.execution(execution_id, "/frames")["frames"]
    assert [(frame["frame_index"], frame["payload"]["text"]) for frame in frames] == [
        (0, "sure"),
        (1, "guess 2"),
        (2, "known"),
    ]


def test_large_frames_are_left_out_and_are_where_their_link_says(crew: Crew) -> None:
    execution_id = ended(crew, "blow", {"sizes": [10, 100_000, 20]})
    frames = crew.execution(execution_id, "/frames?payload_bytes_max=1000")["frames"]
    assert [frame.get("payload", {}).get("text") for frame in frames] == ["x" * 10, None, "x" * 20]
    assert crew.request("GET", frames[1]["payload_link"]).json == {"text": "x" * 100_000}


def test_a_unary_execution_has_its_output_as_its_frame(crew: Crew) -> None:
    execution_id = ended(crew, "echo", {"text": "x"})
    [frame] = crew.execution(execution_id, "/frames")["frames"]
    assert (frame["frame_index"], frame["payload"]) == (0, {"text": "x"})


def test_children_say_of_which_node_they_are(crew: Crew) -> None:
    execution_id = ended(crew, "above", {"text": "x"})
    children = crew.execution(execution_id, "/children")["executions"]
    assert [(child["parent_node"], child["parent_execution_id"], child["status"]) for child in children] == [
        ("first", execution_id, "COMPLETED"),
        ("second", execution_id, "COMPLETED"),
    ]


@pytest.mark.parametrize("what", list(METHODS))
def test_what_is_of_another_account_is_not_found(crew: Crew, what: str) -> None:
    execution_id = ended(crew, "echo", {"text": "x"})
    stranger = crew.command_line("keys", "create", "stranger", "--account", "strange").strip()
    assert crew.request("GET", f"{EXECUTIONS}/{execution_id}/{what}", key=stranger).status == 404
    assert crew.request("GET", f"{EXECUTIONS}/{execution_id}/{what}?page_token=x").status == 400
