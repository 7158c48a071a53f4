"""The server dies after any commit of a pipeline with drafts and retries, and the reader who resumes misses nothing."""

from __future__ import annotations

import http.client
import signal
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.durable.stage import Stage, executions, exit_code
from tests.e2e.support import STREAM
from tests.harness import Server, SseEvent
from tests.pipelines.conftest import PACKAGES
from tests.pipelines.readers import applied, plainly, resumed, stream

# A nap from frame to frame, so that each has a commit of its own.
GIVEN = {"count": 2, "nap_ms": 30, "fails_at": 1}


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    stage.server = Server(stage.folder / "data", PACKAGES)
    stage.start()
    yield stage
    stage.close()


def read(server: Server, flow: str, seen: list[SseEvent]) -> None:
    """Adds what comes, up to the end or to the death of the server."""
    seen.extend(server.stream("POST", STREAM, {"flow": flow, "input": GIVEN, "timeout_seconds": 60}))
    if not seen or not seen[-1].json["is_final"]:
        raise ConnectionError("the stream broke off")


@pytest.mark.parametrize(("flow", "commits_min"), [("drafting", 8), ("resuming", 4)])
def test_crash_after_each_commit_leads_to_the_same_frames(stage: Stage, flow: str, commits_min: int) -> None:
    undisturbed = applied(stream(stage.server, flow, **GIVEN))
    assert len(undisturbed) == (4 if flow == "drafting" else 2)
    known = {found["execution_id"] for found in executions(stage.server)}
    stage.kill()
    readers: list[list[SseEvent]] = []
    for crash_count in count(1):
        # Each start takes up what the crash before left, and crashes at the next point.
        stage.start(crash_after=crash_count)
        readers.append([])
        try:
            read(stage.server, flow, readers[-1])
        except (OSError, http.client.HTTPException):
            assert exit_code(stage.server) == -signal.SIGKILL
        else:
            break
    assert crash_count > commits_min
    seen: dict[str, Any] = {frames[0].json["execution_id"]: frames for frames in readers if frames}
    for found in executions(stage.server):
        execution_id = found["execution_id"]
        if execution_id in known:
            continue
        stage.server.wait(execution_id)
        frames = seen.get(execution_id, [])
        frames += resumed(stage.server, execution_id, frames[-1].id if frames else "0")
        assert applied(frames) == undisturbed
        assert frames[-1].json["is_final"] and frames[-1].json["success"]
        assert plainly(frames) == plainly(resumed(stage.server, execution_id))
        log = stage.server.execution(execution_id, "/events?page_size=1000")["events"]
        assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
