"""POST …/invoke/stream and GET …/executions/{id}/stream: frames as server-sent events, against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from penstock.wire.gen.invocation_service_pb2 import StreamFlowRequest
from tests.e2e.support import (
    EXECUTIONS,
    NOBODY,
    PROTOBUF,
    STREAM,
    cancel,
    gated,
    not_found,
    refusal,
    refused,
    streamed,
    watched,
)
from tests.harness import EXAMPLES, Answer, Server, SseEvent

SCAN = json.loads((EXAMPLES / "logs" / "input.json").read_text())
FINDINGS = [json.loads(line) for line in (EXAMPLES / "logs" / "expected.jsonl").read_text().splitlines()]


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def stream(server: Server, flow: str, given: Any, **fields: Any) -> Answer:
    """The whole stream."""
    return server.request("POST", STREAM, {"flow": flow, "input": given} | fields)


def identify(answer: Answer) -> str:
    line = next(line for line in answer.body.decode().splitlines() if line.startswith("data:"))
    return str(json.loads(line.removeprefix("data:"))["execution_id"])


def frames(events: Iterable[SseEvent]) -> list[SseEvent]:
    """The frames among the events of an execution: they have no name."""
    return [event for event in events if event.name == "message"]


def numbers(events: Sequence[SseEvent]) -> list[int]:
    """What the frames of `count` hold, without the final one."""
    return [event.json["payload"]["number"] for event in events if "payload" in event.json]


def event_ids(answer: Answer) -> list[int]:
    """Their gaps are the events that are no frames. Where a node's log lines stand among its frames is open."""
    return [int(line.removeprefix("id: ")) for line in answer.body.decode().splitlines() if line.startswith("id: ")]


# What a stream looks like.


def test_frames_come_with_the_promised_bytes(server: Server) -> None:
    answer = stream(server, "logs", SCAN)
    execution_id, ids = identify(answer), event_ids(answer)
    expected = [
        f'id: {ids[index]}\ndata: {{"execution_id":"{execution_id}","frame_index":{index},'
        f'"payload":{compact(finding)},"is_final":false,"success":true}}\n\n'
        for index, finding in enumerate(FINDINGS)
    ]
    last = server.execution(execution_id)["last_sequence"]
    final = f'id: {last}\ndata: {{"execution_id":"{execution_id}","frame_index":10,"is_final":true,"success":true}}\n\n'
    assert ids == sorted(set(ids))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
    assert answer.body.decode() == "".join(expected) + final


def test_a_stream_is_not_to_be_stored(server: Server) -> None:
    assert stream(server, "logs", SCAN).headers["Cache-Control"] == "no-cache"


def test_a_unary_artifact_gives_one_frame_and_the_final_one(server: Server) -> None:
    answer = stream(server, "hello", {"name": "Ada"})
    execution_id = identify(answer)
    assert answer.body.decode() == (
        f'id: 4\ndata: {{"execution_id":"{execution_id}","frame_index":0,"payload":{{"greeting":"Hello, Ada!"}},'
        '"is_final":false,"success":true}\n\n'
        f'id: 5\ndata: {{"execution_id":"{execution_id}","frame_index":1,"is_final":true,"success":true}}\n\n'
    )


def test_only_the_last_node_of_a_unary_artifact_gives_the_frame(server: Server) -> None:
    given, expected = (json.loads((EXAMPLES / "orders" / name).read_text()) for name in ("input.json", "expected.json"))
    events = list(streamed(server, "orders", given))
    assert [(event.json["frame_index"], event.json.get("payload")) for event in events] == [(0, expected), (1, None)]


def test_a_pipeline_that_yields_nothing_gives_the_final_frame_alone(server: Server) -> None:
    answer = stream(server, "logs", SCAN | {"status_min": 600})
    execution_id = identify(answer)
    assert answer.body.decode() == (
        f'id: 7\ndata: {{"execution_id":"{execution_id}","frame_index":0,"is_final":true,"success":true}}\n\n'
    )


def test_each_frame_goes_through_the_nodes_behind_the_pipeline(lab: Server) -> None:
    assert numbers(list(streamed(lab, "count_and_double", {"count": 5}))) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("flow", ["count", "count_in_thread"])
def test_many_frames_come_whole_and_in_order(lab: Server, flow: str) -> None:
    events = list(streamed(lab, flow, {"count": 3000}))
    assert numbers(events) == list(range(3000))
    assert [event.json["frame_index"] for event in events] == list(range(3001))
    assert [event.json["is_final"] for event in events] == [False] * 3000 + [True]


@pytest.mark.parametrize("flow", ["count", "count_in_thread"])
def test_a_frame_is_streamed_before_the_next_one_is_made(lab: Server, tmp_path: Path, flow: str) -> None:
    given, gate = gated(tmp_path, count=2, gate_after=0)
    events = streamed(lab, flow, given, timeout_seconds=2)
    first = next(events)
    is_early = not gate.exists()
    gate.touch()
    assert (is_early, numbers([first]), numbers(list(events))) == (True, [0], [1])


def test_protobuf_in_gives_the_same_stream(server: Server) -> None:
    body = StreamFlowRequest(flow="hello", input_bytes=b"\x0a\x03Ada").SerializeToString()
    answer = server.request("POST", STREAM, body, {"Content-Type": PROTOBUF, "Accept": PROTOBUF})
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert '"payload":{"greeting":"Hello, Ada!"}' in answer.body.decode()


def test_the_same_request_id_gives_the_same_stream_again(server: Server) -> None:
    first = stream(server, "logs", SCAN, request_id="stream twice")
    assert stream(server, "logs", SCAN, request_id="stream twice").body == first.body
    again = server.request("POST", STREAM, {"flow": "logs", "input": SCAN}, {"Idempotency-Key": "stream twice"})
    assert again.body == first.body


def test_what_is_wrong_before_the_stream_is_an_ordinary_error(server: Server) -> None:
    assert refusal(stream(server, "nobody", {})) == not_found("there is no flow nobody@live")
    assert refusal(stream(server, "logs", {"status_min": "x"})) == refused(
        "input.status_min", 'expected int32, got "x"', "WRONG_TYPE"
    )


# Bad ends.


def test_a_failure_is_the_final_frame_and_has_no_payload(lab: Server) -> None:
    answer = stream(lab, "raises_after_three", {})
    execution_id = identify(answer)
    expected = [
        f'id: {4 + index}\ndata: {{"execution_id":"{execution_id}","frame_index":{index},'
        f'"payload":{{"number":{index}}},"is_final":false,"success":true}}\n\n'
        for index in range(3)
    ]
    assert answer.body.decode() == "".join(expected) + (
        f'id: 8\ndata: {{"execution_id":"{execution_id}","frame_index":3,"is_final":true,"success":false,'
        '"error":"ValueError: deep down"}\n\n'
    )


def test_a_failure_before_the_first_frame_is_the_only_frame(server: Server) -> None:
    answer = stream(server, "orders", {"order_id": "A-1", "customer": {"name": "Ada"}})
    assert answer.body.decode() == (
        f'id: 5\ndata: {{"execution_id":"{identify(answer)}","frame_index":0,"is_final":true,"success":false,'
        '"error":"order A-1 has no lines"}\n\n'
    )


def test_a_cancel_is_the_final_frame(lab: Server, tmp_path: Path) -> None:
    given, _ = gated(tmp_path, count=5, gate_after=1)
    events = streamed(lab, "count", given)
    first, _ = next(events), next(events)
    execution_id = first.json["execution_id"]
    assert cancel(lab, execution_id, "enough").status == 200
    assert [event.json for event in events] == [
        {
            "execution_id": execution_id,
            "frame_index": 2,
            "is_final": True,
            "success": False,
            "error": "cancelled: enough",
        }
    ]


def test_the_timeout_of_a_stream_is_a_final_error_frame_and_the_run_goes_on(lab: Server, tmp_path: Path) -> None:
    given, gate = gated(tmp_path, count=4, gate_after=1)
    *before, final = streamed(lab, "count", given, timeout_seconds=0.3)
    execution_id = final.json["execution_id"]
    assert numbers(before) == [0, 1]
    assert final.data == (
        f'{{"execution_id":"{execution_id}","frame_index":2,"is_final":true,"success":false,'
        '"error":"no final frame within 0.3 s; the execution goes on: resume its stream"}'
    )
    assert lab.execution(execution_id)["status"] == "RUNNING"
    gate.touch()
    # The frame has no event behind it: its id is the one before, so that resuming there misses nothing.
    assert final.id == before[-1].id
    resumed = frames(watched(lab, execution_id, final.id))
    assert [(event.json["frame_index"], event.json["is_final"]) for event in resumed] == [
        (2, False),
        (3, False),
        (4, True),
    ]


def test_a_timeout_before_the_first_frame_resumes_at_the_beginning(lab: Server, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    [final] = streamed(lab, "wait_for_file", {"text": str(gate)}, timeout_seconds=0.1)
    assert (final.id, final.json["frame_index"], final.json["success"]) == ("0", 0, False)
    gate.touch()
    resumed = frames(watched(lab, final.json["execution_id"], final.id))
    assert [event.json["is_final"] for event in resumed] == [False, True]


# Resuming.


def test_the_stream_of_an_execution_has_its_frames_statuses_and_nodes(server: Server) -> None:
    execution_id = identify(stream(server, "logs", SCAN))
    events = list(watched(server, execution_id))
    reports = [event for event in events if event.name == "node" and event.json["type"] == "NODE_REPORTED"]
    assert [(event.name, told(event)) for event in events if event not in reports] == [
        ("status", "QUEUED"),
        ("status", "RUNNING"),
        ("node", ("NODE_STARTED", "scan")),
        ("node", ("NODE_STARTED", "judge")),
        *(("message", index) for index in range(10)),
        ("node", ("NODE_SUCCEEDED", "scan")),
        ("node", ("NODE_SUCCEEDED", "judge")),
        ("status", "COMPLETED"),
        ("message", 10),
    ]
    # Two lines of the file are none, which the scan logs. A status has the id of the event that it follows from.
    assert [int(event.id) for event in events] == [*range(1, 19), 18, 19]
    assert [event.json["node"] for event in reports] == ["scan", "scan"]


def test_a_status_in_a_stream_is_what_it_was_then(server: Server) -> None:
    execution_id = identify(stream(server, "hello", {"name": "Ada"}))
    queued, running, completed = (e.json for e in watched(server, execution_id) if e.name == "status")
    assert (queued["status"], queued["last_sequence"], queued["attempt_count"]) == ("QUEUED", 1, 0)
    assert "start_time" not in queued and "complete_time" not in queued
    assert (running["status"], running["last_sequence"], running["attempt_count"]) == ("RUNNING", 2, 0)
    assert "start_time" in running and "complete_time" not in running
    assert completed == server.execution(execution_id)


def told(event: SseEvent) -> Any:
    if event.name == "status":
        return event.json["status"]
    if event.name == "node":
        return event.json["type"], event.json["node"]
    return event.json["frame_index"]


@pytest.mark.parametrize(("flow", "given"), [("logs", SCAN), ("hello", {"name": "Ada"}), ("orders", {})])
def test_a_stream_resumes_after_every_id_without_gap_or_repeat(server: Server, flow: str, given: Any) -> None:
    execution_id = identify(stream(server, flow, given))
    whole = list(watched(server, execution_id))
    ids = [event.id for event in whole]
    assert ids == sorted(ids, key=int)
    for event_id in dict.fromkeys(ids):
        # A status that comes with a frame has the id before it: whoever was told it alone still gets the frame.
        assert list(watched(server, execution_id, event_id)) == whole[ids.index(event_id) + 1 :]


def test_the_frames_of_a_resumed_stream_are_those_of_the_first_one(server: Server) -> None:
    first = list(streamed(server, "logs", SCAN))
    for index, event in enumerate(first):
        resumed = frames(watched(server, event.json["execution_id"], event.id))
        assert [(event.id, event.json) for event in resumed] == [(event.id, event.json) for event in first[index + 1 :]]


def test_a_stream_that_is_resumed_after_its_end_is_empty(server: Server) -> None:
    execution_id = identify(stream(server, "logs", SCAN))
    path = f"{EXECUTIONS}/{execution_id}/stream"
    for last in "19", "20", "2147483647":
        answer = server.request("GET", path, headers={"Last-Event-ID": last})
        assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/event-stream", b"")


def test_a_live_stream_is_resumed_while_the_generator_works(lab: Server, tmp_path: Path) -> None:
    given, gate = gated(tmp_path, count=8, gate_after=4)
    events = streamed(lab, "count", given)
    seen = [next(events) for _ in range(3)]
    events.close()
    resumed = (e for e in watched(lab, seen[-1].json["execution_id"], seen[-1].id) if e.name == "message")
    seen += [next(resumed), next(resumed)]
    assert not gate.exists()
    gate.touch()
    seen += resumed
    assert [(event.json["frame_index"], event.json["is_final"]) for event in seen] == [
        *((index, False) for index in range(8)),
        (8, True),
    ]
    assert numbers(seen) == list(range(8))


def test_several_readers_of_one_execution_see_the_same(lab: Server, tmp_path: Path) -> None:
    given, gate = gated(tmp_path, count=50, gate_after=3)
    first = streamed(lab, "count", given)
    began = [next(first)]
    readers = [watched(lab, began[0].json["execution_id"]) for _ in range(3)]
    heads = [[next(reader)] for reader in readers]
    gate.touch()
    seen = [frames(head + list(reader)) for head, reader in zip(heads, readers, strict=True)]
    assert seen == [seen[0]] * 3
    assert [event.json for event in seen[0]] == [event.json for event in [*began, *first]]


@pytest.mark.parametrize(
    ("last", "problem", "reason"),
    [
        ("x", 'expected int32, got "x"', "WRONG_TYPE"),
        ("1.5", 'expected int32, got "1.5"', "WRONG_TYPE"),
        ("2147483648", 'expected int32 (-2147483648 to 2147483647), got "2147483648"', "OUT_OF_RANGE"),
    ],
)
def test_an_id_that_is_none_is_refused(server: Server, last: str, problem: str, reason: str) -> None:
    answer = server.request("GET", f"{EXECUTIONS}/{NOBODY}/stream", headers={"Last-Event-ID": last})
    assert refusal(answer) == refused("Last-Event-ID", problem, reason)


def test_the_stream_of_an_unknown_execution_is_not_found(server: Server) -> None:
    answer = server.request("GET", f"{EXECUTIONS}/{NOBODY}/stream")
    assert refusal(answer) == not_found(f"there is no execution {NOBODY}")
