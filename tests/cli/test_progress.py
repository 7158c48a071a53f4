"""Progress of an execution in words."""

import io
from datetime import UTC, datetime

import pytest

from penstock.cli.display import display
from penstock.cli.follow import Update
from penstock.cli.progress import Line, Narrator
from tests.cli.samples import FAILURE, execution, frame, node


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


UPDATES = [
    Update("status", execution("RUNNING")),
    Update("node", node("NODE_STARTED", 2, 5)),
    Update("frame", frame(0, {"line": "x"})),
    Update("frame", frame(1, {"line": "y"})),
    Update("node", node("NODE_SUCCEEDED", 5, 5.25)),
    Update("status", execution("COMPLETED", mode="PIPELINE")),
    Update("frame", frame(2)),
]


def test_each_change_is_a_line() -> None:
    narrator = Narrator()
    assert [narrator.tell(update) for update in UPDATES] == [
        [Line("hello v3 RUNNING", is_lasting=False)],
        [Line("greet started", is_lasting=False)],
        [],
        [],
        [Line("greet succeeded after 250 ms")],
        [Line("hello v3 COMPLETED after 1.0 s, 2 frames")],
        [],
    ]


def test_failure_is_told_with_its_reason() -> None:
    narrator = Narrator()
    narrator.tell(Update("node", node("NODE_STARTED", 2, 5, attempt=2)))
    assert narrator.tell(Update("node", node("NODE_FAILED", 3, 6.5, error=FAILURE))) == [
        Line("greet failed after 1.5 s: card refused (CARD_REFUSED)")
    ]


def test_second_attempt_is_numbered() -> None:
    assert Narrator().tell(Update("node", node("NODE_STARTED", 2, 5, attempt=2))) == [
        Line("greet started, attempt 2", is_lasting=False)
    ]


def test_node_whose_start_was_not_seen_ends_without_a_time() -> None:
    assert Narrator().tell(Update("node", node("NODE_CANCELLED", 9, 5))) == [Line("greet was cancelled")]


def test_running_nodes_are_told_with_their_time_and_frames() -> None:
    narrator = Narrator()
    assert narrator.running(datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)) == ""
    for update in UPDATES[:3]:
        narrator.tell(update)
    assert narrator.running(datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)) == "greet 1.0 s, 1 frame"


async def test_pipe_gets_plain_lines() -> None:
    stream = io.StringIO()
    async with display(stream) as show:
        for update in UPDATES:
            show(update)
    assert stream.getvalue().splitlines() == [
        "hello v3 RUNNING",
        "greet started",
        "greet succeeded after 250 ms",
        "hello v3 COMPLETED after 1.0 s, 2 frames",
    ]


async def test_terminal_keeps_what_ended_and_clears_its_live_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    async with display(stream) as show:
        for update in UPDATES:
            show(update)
    drawn = stream.getvalue()
    assert [line.split("\x1b[K")[-1] for line in drawn.split("\n")] == [
        "greet succeeded after 250 ms",
        "hello v3 COMPLETED after 1.0 s, 2 frames",
        "",
    ]
    assert "⠋ greet " in drawn


async def test_terminal_without_cursor_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    async with display(stream) as show:
        show(UPDATES[1])
    assert stream.getvalue() == "greet started\n"
