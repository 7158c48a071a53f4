"""Readers of streams who are slow, and readers who leave, against a real server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import (
    EXECUTIONS,
    STREAM,
    cancel,
    eventually,
    gated,
    streamed,
)
from tests.harness import Answer, Server


def stream(server: Server, flow: str, given: Any, **fields: Any) -> Answer:
    """The whole stream."""
    return server.request("POST", STREAM, {"flow": flow, "input": given} | fields)


class StalledReader:
    """Reads the beginning of a stream and then only what it is told to. Its window is as small as can be."""

    def __init__(self, server: Server, method: str, path: str, body: Any = None) -> None:
        connection = server.connection()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(20)
        self._socket.connect((connection.host, connection.port))
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {connection.host}\r\nAuthorization: Bearer {server.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + content)

    def read(self) -> bytes:
        return self._socket.recv(4096)

    def read_on(self) -> bytes:
        """Some of the megabytes that are on their way."""
        return b"".join(self.read() for _ in range(100))

    def execution_id(self) -> str:
        seen = b""
        while b'"execution_id":"' not in seen or len(seen.partition(b'"execution_id":"')[2]) < 32:
            seen += self.read()
        return seen.partition(b'"execution_id":"')[2][:32].decode()

    def close(self) -> None:
        self._socket.close()


def resident_bytes(server: Server, line: str = "VmRSS") -> int:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    [found] = [text for text in status.splitlines() if text.startswith(f"{line}:")]
    return int(found.split()[1]) * 1024


def forget_peak(server: Server) -> int:
    """What is resident now; `resident_bytes(server, "VmHWM")` is the most there was since."""
    assert server.process is not None
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    return resident_bytes(server)


def socket_count(server: Server) -> int:
    assert server.process is not None
    return sum(1 for _ in sockets(server.process.pid))


def sockets(pid: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = descriptor.readlink().as_posix()
        except FileNotFoundError:
            continue  # it was closed meanwhile
        if target.startswith("socket:"):
            yield target


def frame_count(server: Server, execution_id: str) -> int:
    """About as many as are on record: an execution has few other events."""
    return int(server.execution(execution_id)["last_sequence"])


@pytest.mark.parametrize("flow", ["count", "count_in_thread"])
def test_a_slow_reader_slows_the_generator_and_not_the_memory(lab: Server, flow: str) -> None:
    # Sockets and buffers hold some 7 MB, so that about nine hundred frames of 8 KB get ahead.
    ahead_max, others = 2_000, 3_000
    before = resident_bytes(lab)
    body = {"flow": flow, "input": {"count": 25_000, "filler_size": 8000}}
    with closing(StalledReader(lab, "POST", STREAM, body)) as reader:
        execution_id = reader.execution_id()
        # While nobody reads this one, another generator gives more frames than this one may be ahead.
        other = stream(lab, flow, {"count": others, "filler_size": 8000})
        assert other.body.endswith(b'"frame_index":%d,"is_final":true,"success":true}\n\n' % others)
        stalled_at = frame_count(lab, execution_id)
        assert 0 < stalled_at < ahead_max
        assert resident_bytes(lab) - before < 32 * 1024 * 1024
        # It goes on when the reader does.
        eventually(lambda: reader.read_on() and frame_count(lab, execution_id) > stalled_at)
        assert lab.execution(execution_id)["status"] == "RUNNING"
    cancel(lab, execution_id)


def test_a_slow_watcher_slows_nobody_and_misses_nothing(lab: Server, tmp_path: Path) -> None:
    given, gate = gated(tmp_path, count=3000, gate_after=0)
    events = streamed(lab, "count", given | {"filler_size": 4000})
    execution_id = next(events).json["execution_id"]
    with closing(StalledReader(lab, "GET", f"{EXECUTIONS}/{execution_id}/stream")) as watcher:
        assert watcher.execution_id() == execution_id
        gate.touch()
        assert len(list(events)) == 3000
        seen = b""
        while b'"is_final":true' not in seen[-1000:]:
            seen += watcher.read()
        assert seen.count(b'"frame_index":') >= 3000


@pytest.fixture(scope="module")
def large(lab: Server) -> str:
    """An execution that gave 120 frames of 1 MB."""
    *_, final = streamed(lab, "count", {"count": 120, "filler_size": 1_000_000})
    return str(final.json["execution_id"])


@pytest.mark.parametrize(("rest", "size_min"), [("/stream", 120_000_000), ("/events", 10_000), ("/nodes", 100)])
def test_what_is_recorded_is_read_piece_by_piece(lab: Server, large: str, rest: str, size_min: int) -> None:
    before = forget_peak(lab)
    answer = lab.request("GET", f"{EXECUTIONS}/{large}{rest}")
    assert (answer.status, len(answer.body) > size_min) == (200, True)
    assert resident_bytes(lab, "VmHWM") - before < 48 * 1024 * 1024


def test_a_caller_who_leaves_in_mid_stream_does_not_end_the_execution(lab: Server, tmp_path: Path) -> None:
    given, gate = gated(tmp_path, count=2000, gate_after=2)
    events = streamed(lab, "count", given)
    execution_id = next(events).json["execution_id"]
    events.close()
    gate.touch()
    assert lab.wait(execution_id)["status"] == "COMPLETED"
    assert lab.execution(execution_id, "/output")["frame_count"] == 2000


def test_callers_who_leave_take_their_connections_with_them(lab: Server, tmp_path: Path) -> None:
    given, gate = gated(tmp_path, count=5, gate_after=2)
    before = socket_count(lab)
    open_streams = [streamed(lab, "count", given) for _ in range(20)]
    ids = [next(events).json["execution_id"] for events in open_streams]
    assert socket_count(lab) >= before + 20
    for events in open_streams:
        events.close()
    eventually(lambda: socket_count(lab) < before + 10)
    gate.touch()
    assert {lab.wait(execution_id)["status"] for execution_id in ids} == {"COMPLETED"}
