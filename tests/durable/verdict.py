"""What must hold of every execution after servers were killed under it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tests.durable.callers import Told
from tests.durable.ledger import Ledger
from tests.durable.stage import events, executions, whole_stream
from tests.harness import Server, SseEvent


def assert_nothing_was_lost_or_repeated(server: Server, ledger: Ledger, told: Told, known: set[str]) -> None:
    """Holds all executions but the `known` ones, which were there before, against what callers were told."""
    for found in executions(server):
        if found["status"] != "COMPLETED":
            # Accepted and not acknowledged: nobody waits for it.
            server.wait(found["execution_id"])
    rows = {found["execution_id"]: found for found in executions(server) if found["execution_id"] not in known}
    logs = {execution_id: events(server, execution_id) for execution_id in rows}
    assert {row["status"] for row in rows.values()} == {"COMPLETED"}
    assert told.started - rows.keys() == set()
    assert {execution_id for execution_id, _ in ledger.runs()} - known - rows.keys() == set()
    assert [problem for execution_id, log in logs.items() for problem in gaps(rows[execution_id], log)] == []
    assert ledger.breaches(logs) == []
    assert {request_id: set(ids) for request_id, ids in told.requests.items() if len(set(ids)) != 1} == {}
    for execution_id, result in told.results.items():
        assert (result["success"], result["output"]["path"]) == (True, path_of(logs[execution_id])), execution_id
    for execution_id, frames in told.streams.items():
        assert_stream_is_whole(server, execution_id, frames)
    for execution_id, seen in told.logs.items():
        assert_log_was_followed(logs[execution_id], seen)


def gaps(row: Any, log: list[Any]) -> list[str]:
    """Sequences that are missing or out of order, and times that go back."""
    found = []
    if [event["sequence"] for event in log] != list(range(1, row["last_sequence"] + 1)):
        found.append(f"{row['execution_id']}: {[event['sequence'] for event in log]} of {row['last_sequence']}")
    if log[-1]["type"] != "EXECUTION_COMPLETED":
        found.append(f"{row['execution_id']} ends with {log[-1]['type']}")
    return found


def path_of(log: list[Any]) -> list[str]:
    return [event["node"] for event in log if event["type"] == "NODE_SUCCEEDED"]


def assert_stream_is_whole(server: Server, execution_id: str, frames: list[SseEvent]) -> None:
    """What a caller got in pieces is what the whole stream is, to the letter, ids included."""
    assert frames == whole_stream(server, execution_id)
    assert [frame.json["frame_index"] for frame in frames] == list(range(len(frames)))
    assert all(int(one.id) < int(other.id) for one, other in pairwise(frames))
    assert [frame.json["payload"]["number"] for frame in frames[:-1]] == list(range(len(frames) - 1))


def assert_log_was_followed(log: list[Any], seen: list[SseEvent]) -> None:
    """A follower saw each node's events once. Of the last two the first may be seen again: see `WatchExecution`."""
    wanted = [(event["sequence"], event["type"], event["node"]) for event in log if event["type"].startswith("NODE_")]
    nodes = [event.json for event in seen if event.name == "node"]
    assert sorted({(node["sequence"], node["type"], node["node"]) for node in nodes}) == wanted
    frames = [event for event in seen if event.name == "message"]
    assert [frame.json["is_final"] for frame in frames] == [False, True]
