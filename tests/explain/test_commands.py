"""`penstock executions explain` and `timeline` for people."""

from __future__ import annotations

import re
from typing import Any

from penstock.cli.runs.timeline import draw, shown
from tests.e2e.support import cancel
from tests.e2e.test_cli import penstock
from tests.explain.looks import explained, explained_as, until
from tests.harness import Server
from tests.pauses.people import QUOTE, who

NOW = "2026-01-31T12:00:10Z"


def at(second: float) -> str:
    return f"2026-01-31T12:00:{second:09.6f}Z"


def span(kind: str, node: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind, "node": node, "state": "DONE", "sequence": 1, **more}


def test_explanation_begins_with_the_sentence_of_the_api_and_ends_with_what_to_type(watched: Server) -> None:
    execution_id = watched.begin("review", QUOTE)
    explanation = explained_as(watched, execution_id, "WAITING_FOR_DECISION")
    done = penstock(watched, "executions", "explain", execution_id)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == explanation["summary"] == explained(watched, execution_id)["summary"]
    assert f"Who may decide: {who(watched)}" in lines
    assert lines[-2:] == [action["command"] for action in explanation["causes"][0]["actions"]]
    cancel(watched, execution_id)


def test_child_is_shown_below_the_node_that_waits_for_it(watched: Server) -> None:
    execution_id = watched.begin("called_asked", {})
    until(lambda: "is PAUSED" in explained(watched, execution_id)["summary"])
    done = penstock(watched, "executions", "explain", execution_id)
    rows = [line for line in done.stdout.splitlines() if re.match(r" *child +WAITING_FOR_CHILD", line)]
    assert [len(row) - len(row.lstrip()) for row in rows] == [0, 2]
    cancel(watched, execution_id)


def test_timeline_draws_nodes_and_their_waits(watched: Server) -> None:
    execution_id = watched.invoke("hung", {})["execution_id"]
    for arguments, rows in (
        ([], ["SPAN", "execution", "hangs", "attempt", "waits:", "attempt"]),
        (["--all"], ["SPAN", "execution", "hangs", "attempt", "waits:", "attempt"]),
    ):
        done = penstock(watched, "executions", "timeline", execution_id, *arguments, COLUMNS="60")
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert [line.split()[0] for line in lines] == rows
        assert max(map(len, lines)) <= 60
        assert [("✗" in line, "░" in line) for line in lines[3:]] == [(True, False), (False, True), (False, False)]


def test_bars_are_to_scale() -> None:
    spans = [
        span("EXECUTION", ready_time=at(0), start_time=at(0), state="OPEN"),
        span("NODE", "a", ready_time=at(0), start_time=at(2), end_time=at(4), queue_time="2s"),
        span("ATTEMPT", "a", attempt=1, ready_time=at(0), start_time=at(2), end_time=at(4), queue_time="2s"),
        span("NODE", "p", ready_time=at(4), start_time=at(4), state="OPEN"),
        span("WAIT", "p", wait="PAUSE", start_time=at(4), state="OPEN"),
        span("ITEM", "a", item=3, attempt=2, start_time=at(3), end_time=at(4), state="FAILED"),
    ]
    assert draw(spans, NOW, 57).splitlines() == [
        "SPAN                 START   QUEUED  TOOK",
        "execution            +0 ms           10.0 s …  ██████████",
        "a                    +2.0 s  2.0 s   2.0 s     ··██",
        "  attempt 1          +2.0 s  2.0 s   2.0 s     ··██",
        "  item 3, attempt 2  +3.0 s          1.0 s        ✗",
        "p                    +4.0 s          6.0 s …       ██████",
        "  waits: PAUSE       +4.0 s          6.0 s …       ░░░░░░",
    ]
    assert [each["type"] for each in shown(spans)] == ["EXECUTION", "NODE", "NODE", "WAIT"]


def test_lots_and_what_is_undone_are_named() -> None:
    spans = [
        span("ITEMS", "m", attempt=2, item_count=1500, items_failed=2, start_time=at(0), end_time=at(9)),
        span("ATTEMPT", "m", attempt=1, compensation=True, start_time=at(0), end_time=at(9)),
        span("ATTEMPT", "m", attempt=3, fallback=True, start_time=at(0), end_time=at(9)),
    ]
    names = [re.split(r"  +\+", line)[0].strip() for line in draw(spans, NOW, 120).splitlines()[1:]]
    assert names == ["1,500 items, attempt 2, 2 failed", "undo 1", "fallback 3"]


def test_execution_that_has_not_begun_is_drawn_as_queued() -> None:
    [_, line] = draw([span("EXECUTION", ready_time=at(0), state="OPEN")], NOW, 60).splitlines()
    assert line.split() == ["execution", "·" * len(line.split()[-1])]
