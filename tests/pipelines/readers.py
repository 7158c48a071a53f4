"""Readers of streams: what counts of the frames that came, whatever was taken back on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.e2e.support import EXECUTIONS, STREAM
from tests.harness import Server, SseEvent


def applied(frames: Iterable[SseEvent]) -> list[Any]:
    """Payloads in their places, after what was rolled back is taken out. Fails on a gap, and on a repeat."""
    counted: list[Any] = []
    last_id = 0
    for frame in frames:
        assert int(frame.id) > last_id, f"{frame} came after {last_id}"
        last_id = int(frame.id)
        data = frame.json
        if "rollback_to" in data:
            assert "payload" not in data and data["success"]
            del counted[data["rollback_to"] :]
        assert data["frame_index"] == len(counted), data
        if "payload" in data:
            counted.append(data["payload"])
    return counted


def plainly(frames: Iterable[SseEvent]) -> list[tuple[str, Any]]:
    """Id and content: the members of a payload may come in another order when it is read again."""
    return [(frame.id, frame.json) for frame in frames]


def stream(server: Server, flow: str, **given: Any) -> list[SseEvent]:
    return list(server.stream("POST", STREAM, {"flow": flow, "input": given, "timeout_seconds": 30}))


def resumed(server: Server, execution_id: str, after: str = "0") -> list[SseEvent]:
    """The frames behind an id."""
    path = f"{EXECUTIONS}/{execution_id}/stream"
    return [event for event in server.stream("GET", path, None, {"Last-Event-ID": after}) if event.name == "message"]
