"""Pipelines over HTTP and gRPC, against a real server: rollbacks on the way, and resuming anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from penstock.wire.gen.execution_service_pb2 import WatchExecutionRequest
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.gen.invocation_service_pb2 import StreamFlowRequest
from penstock.wire.gen.invocation_service_pb2_grpc import InvocationServiceStub
from penstock.wire.json import to_struct
from tests.harness import Server
from tests.pipelines.readers import applied, plainly, resumed, stream


@pytest.fixture
def channel(streams: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(streams.info["grpc_address"]) as channel:
        yield channel


def metadata(server: Server) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {server.key}"),)


DRAFTED = [(0, 0), (0, 0), (1, 1), (1, 1), (2, 3), (2, 3)]


def sums(payloads: list[Any]) -> list[tuple[int, int]]:
    assert {payload["stamps"] for payload in payloads} <= {1}
    return [(payload["number"], payload["total"]) for payload in payloads]


def test_frames_that_were_rolled_back_are_told_of_and_come_again(streams: Server) -> None:
    frames = stream(streams, "drafting", count=3, fails_at=1)
    assert sums(applied(frames)) == DRAFTED
    heads = [
        (
            frame.json["frame_index"],
            "payload" in frame.json,
            frame.json.get("provisional", False),
            frame.json.get("rollback_to"),
        )
        for frame in frames
    ]
    assert heads == [
        (0, True, True, None),
        (1, True, False, None),
        (2, True, True, None),
        (2, False, False, 2),
        (2, True, True, None),
        (3, True, False, None),
        (4, True, True, None),
        (5, True, False, None),
        (6, False, False, None),
    ]


def test_stream_resumes_behind_any_frame_across_a_rollback(streams: Server) -> None:
    frames = stream(streams, "drafting", count=3, fails_at=1)
    execution_id = frames[0].json["execution_id"]
    for place, frame in enumerate(frames[:-1]):
        assert plainly(resumed(streams, execution_id, frame.id)) == plainly(frames[place + 1 :])
    assert plainly(resumed(streams, execution_id)) == plainly(frames)


def test_frames_of_an_output_are_those_that_count(streams: Server) -> None:
    frames = stream(streams, "drafting", count=3, fails_at=1)
    assert streams.execution(frames[0].json["execution_id"], "/output")["frame_count"] == 6


def test_grpc_streams_tell_of_a_rollback_and_resume_across_it(streams: Server, channel: grpc.Channel) -> None:
    request = StreamFlowRequest(flow="drafting", input=to_struct({"count": 3, "fails_at": 1}))
    frames = list(InvocationServiceStub(channel).StreamFlow(request, metadata=metadata(streams), timeout=30))
    assert [frame.rollback_to for frame in frames if frame.HasField("rollback_to")] == [2]
    assert [frame.frame_index for frame in frames] == [0, 1, 2, 2, 2, 3, 4, 5, 6]
    assert [frame.provisional for frame in frames[:3]] == [True, False, True]
    watch = ExecutionServiceStub(channel).WatchExecution
    for place, frame in enumerate(frames[:-1]):
        request = WatchExecutionRequest(execution_id=frame.execution_id, after_sequence=frame.sequence)
        updates = watch(request, metadata=metadata(streams), timeout=30)
        rest: list[Frame] = [update.frame for update in updates if update.HasField("frame")]
        assert rest == frames[place + 1 :]


def test_typed_service_gives_what_counts(streams: Server, channel: grpc.Channel) -> None:
    artifacts = streams.request("GET", "/flows/v1/artifacts?page_size=100").json["artifacts"]
    [version] = {each["version"] for each in artifacts if each["flow"] == "drafting"}
    method = f"/flows.drafting.v{version}.Drafting/Stream"
    call = channel.unary_stream(method, lambda data: data, lambda data: data)
    # Work(count=3, nap_ms=0, fails_at=1)
    outputs = list(call(b"\x08\x03\x18\x01", metadata=metadata(streams), timeout=30))
    assert len(outputs) == 6


@pytest.mark.parametrize("fails_at", [-1, 0, 5, 7])
def test_messages_go_through_branches_and_two_stream_nodes(streams: Server, fails_at: int) -> None:
    frames = stream(streams, "staged", count=8, fails_at=fails_at)
    assert [payload["number"] for payload in applied(frames)] == [0, -1, 20, -3, 40, -5, 60, -7]
    execution_id = frames[0].json["execution_id"]
    nodes = {node["node"]: node["status"] for node in streams.execution(execution_id, "/nodes")["nodes"]}
    assert set(nodes.values()) == {"SUCCEEDED"} and len(nodes) == 6


def test_generator_that_gives_nothing_ends_with_one_final_frame(streams: Server) -> None:
    [frame] = stream(streams, "staged", count=0)
    assert {key: value for key, value in frame.json.items() if key != "execution_id"} == {
        "frame_index": 0,
        "is_final": True,
        "success": True,
    }


def test_branch_goes_past_the_pipeline(streams: Server) -> None:
    assert [payload["number"] for payload in applied(stream(streams, "past", count=3))] == [0, 1, 2]
    assert [payload["number"] for payload in applied(stream(streams, "past", count=300))] == [300]


def test_generator_goes_on_from_its_last_frame(streams: Server) -> None:
    frames = stream(streams, "resuming", count=6, fails_at=3)
    assert [payload["number"] for payload in applied(frames)] == list(range(6))


def test_stream_nodes_and_nodes_behind_are_given_their_secrets(streams: Server) -> None:
    streams.request("PUT", "/configs/v1/secrets/streams_token", {"value": "sesame-open"})
    frames = stream(streams, "guarded", count=2)
    assert [payload["number"] for payload in applied(frames)] == [121, 132]
    *_, final = stream(streams, "guarded", count=5)
    assert final.json["error"] == "ValueError: the token is [secret streams_token]"
