"""The server dies between any two commits of an execution, and the end is the one that it would have had."""

from __future__ import annotations

import http.client
import signal
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.durable.stage import STREAM, Stage, events, executions, exit_code, whole_stream


def run_waiting(stage: Stage) -> None:
    stage.server.invoke("steps", stage.work())


def run_streaming(stage: Stage) -> None:
    # A nap from frame to frame, so that each has a commit of its own.
    body = {"flow": "marks", "input": stage.work(3, nap_ms=30)}
    frames = list(stage.server.stream("POST", STREAM, body))
    if not frames or not frames[-1].json["is_final"]:
        raise ConnectionError("the stream broke off")


def core(log: list[Any]) -> list[tuple[str, str | None]]:
    """What a log is without the traces of a crash: resumptions, and starts that were repeated."""
    found: list[tuple[str, str | None]] = []
    for event in log:
        one = (event["type"], event.get("node"))
        if one[0] != "EXECUTION_RESUMED" and not (one[0] == "NODE_STARTED" and one in found):
            found.append(one)
    return found


UNHARMED_STEPS = [
    ("EXECUTION_ACCEPTED", None),
    ("EXECUTION_STARTED", None),
    ("NODE_STARTED", "first"),
    ("NODE_SUCCEEDED", "first"),
    ("NODE_SKIPPED", "right"),
    ("NODE_STARTED", "left"),
    ("NODE_SUCCEEDED", "left"),
    ("NODE_STARTED", "last"),
    ("NODE_SUCCEEDED", "last"),
    ("EXECUTION_COMPLETED", None),
]
UNHARMED_MARKS = [
    ("EXECUTION_ACCEPTED", None),
    ("EXECUTION_STARTED", None),
    ("NODE_STARTED", "count"),
    ("NODE_STARTED", "stamp"),
    *[("FRAME_EMITTED", "stamp")] * 3,
    ("NODE_SUCCEEDED", "count"),
    ("NODE_SUCCEEDED", "stamp"),
    ("EXECUTION_COMPLETED", None),
]


@pytest.mark.parametrize(
    ("run", "unharmed", "commits_min"),
    [
        pytest.param(run_waiting, UNHARMED_STEPS, 4, id="a chain with a branch"),
        pytest.param(run_streaming, UNHARMED_MARKS, 5, id="a pipeline"),
    ],
)
def test_crash_after_each_commit_leads_to_the_same_end(
    stage: Stage, run: Callable[[Stage], None], unharmed: list[tuple[str, str | None]], commits_min: int
) -> None:
    known = {found["execution_id"] for found in executions(stage.server)}
    stage.kill()
    for crash_count in count(1):
        # Each start takes up what the crash before left, and crashes at the next point.
        stage.start(crash_after=crash_count)
        try:
            run(stage)
        except (OSError, http.client.HTTPException):
            assert exit_code(stage.server) == -signal.SIGKILL
        else:
            break
    logs = {}
    for found in executions(stage.server):
        if found["execution_id"] not in known:
            stage.server.wait(found["execution_id"])
            logs[found["execution_id"]] = events(stage.server, found["execution_id"])
    assert crash_count > commits_min
    assert [core(log) for log in logs.values()] == [unharmed] * crash_count
    assert stage.ledger.breaches(logs) == []
    for execution_id, log in logs.items():
        assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
        frames = whole_stream(stage.server, execution_id)
        assert [frame.json["frame_index"] for frame in frames] == list(range(len(frames)))
