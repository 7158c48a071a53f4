"""Progress of an execution in words."""

import io
import time
from datetime import UTC, datetime

import pytest

from penstock.cli.runs.display import display
from penstock.cli.runs.follow import Update
from penstock.cli.runs.progress import Line, Narrator
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


def told(*events: dict[str, object]) -> tuple[Narrator, list[str]]:
    narrator = Narrator()
    return narrator, [line.text for event in events for line in narrator.tell(Update("node", event))]


NOW = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
DUE = {"due_time": "2026-01-02T04:00:00Z"}


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moments are shown in local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def test_attempt_that_is_followed_by_another_is_told_with_when() -> None:
    failed = node("NODE_ATTEMPT_FAILED", 3, 5.5, error=FAILURE, wait="RETRY", **DUE)
    narrator, lines = told(node("NODE_STARTED", 2, 5), failed)
    assert lines[1:] == [
        "greet failed after 500 ms: card refused (CARD_REFUSED); next attempt 2026-01-02 04:00:00",
    ]
    assert narrator.running(NOW) == "greet waits for its next attempt until 2026-01-02 04:00:00"


def test_fallback_is_told() -> None:
    _, lines = told(node("NODE_FELL_BACK", 3, 5, error=FAILURE))
    assert lines == ["greet failed: card refused (CARD_REFUSED); its fallback takes its place"]


def test_pause_is_told_with_its_decision() -> None:
    decided = node("PAUSE_DECIDED", 4, 6, decision="APPROVED", by="Ada (k1)", comment="fine")
    narrator, lines = told(node("NODE_WAITING", 3, 5, wait="PAUSE", **DUE), decided)
    assert lines == [
        "greet waits for a person until 2026-01-02 04:00:00",
        "greet was APPROVED by Ada (k1): fine",
    ]
    narrator.tell(Update("node", node("NODE_SUCCEEDED", 5, 6)))
    assert narrator.running(NOW) == ""


def test_node_that_got_its_signal_is_under_way_again() -> None:
    narrator, _ = told(node("NODE_STARTED", 2, 5), node("NODE_WAITING", 3, 5, wait="SIGNAL", signal="visa"))
    assert narrator.running(NOW) == "greet waits for the signal visa"
    came = {"sequence": 4, "type": "SIGNAL_RECEIVED", "time": "2026-01-02T03:04:05Z", "signal": "visa"}
    assert narrator.tell(Update("node", came)) == [Line("signal visa came")]
    assert narrator.running(NOW) == "greet 1.0 s"


def test_items_of_a_map_are_counted() -> None:
    narrator, lines = told(
        node("NODE_STARTED", 2, 5, item_count=3),
        node("ITEM_SUCCEEDED", 3, 5, item=1),
        node("NODE_ATTEMPT_FAILED", 4, 5, item=0, error=FAILURE, wait="RETRY", **DUE),
        node("ITEM_FAILED", 5, 5, item=2, error=FAILURE),
    )
    assert lines == ["greet started, 3 items"]
    assert narrator.running(NOW) == "greet 1.0 s 2 of 3"


def test_progress_and_log_are_told() -> None:
    narrator, lines = told(
        node("NODE_STARTED", 2, 5),
        node("NODE_REPORTED", 3, 5, report={"log": {"level": "INFO", "message": "packing"}}),
        node("NODE_REPORTED", 4, 5, report={"progress": {"fraction": 0.5, "message": "on the way"}}),
        node("NODE_REPORTED", 5, 5, report={"usage": {"provider": "maps"}}),
    )
    assert lines[1:] == ["greet: INFO packing", "greet: 50% on the way"]
    assert narrator.running(NOW) == "greet 1.0 s 50% on the way"


def test_undoing_is_told() -> None:
    undoing = {"compensation": True}
    _, lines = told(
        node("NODE_ATTEMPT_FAILED", 3, 5, error=FAILURE, wait="RETRY", **DUE, **undoing),
        node("NODE_COMPENSATED", 4, 5, **undoing),
        node("COMPENSATION_FAILED", 5, 5, error=FAILURE, **undoing),
    )
    assert lines == [
        "greet could not be undone yet: card refused (CARD_REFUSED); next attempt 2026-01-02 04:00:00",
        "greet was undone",
        "greet could not be undone: card refused (CARD_REFUSED)",
    ]


def test_frames_that_are_rolled_back_do_not_count() -> None:
    narrator, lines = told(node("NODE_STARTED", 2, 5), node("FRAMES_ROLLED_BACK", 5, 5, frame_index=1))
    assert lines[1:] == ["greet takes back its frames from 1 on"]
    back = {"frame_index": 1, "is_final": False, "success": True, "rollback_to": 1}
    for update in (*UPDATES[2:4], Update("frame", back)):
        narrator.tell(update)
    assert narrator.running(NOW) == "greet 1.0 s, 1 frame"


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
