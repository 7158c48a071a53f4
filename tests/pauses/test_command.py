"""`penstock pauses` and `penstock executions signal` against a real server."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import eventually
from tests.e2e.test_cli import penstock
from tests.harness import Server
from tests.pauses.people import PRICED, QUOTE, events, output, pause, paused, receipt, who

GRADE = {"grade": 3, "note": "good"}
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return [re.sub(TIME, "TIME", line) for line in done.stdout.splitlines()]


def failed(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one line that it says, without its beginning."""
    assert (done.returncode, done.stdout) == (code, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("penstock: ")
    return line.removeprefix("penstock: ")


def cells(line: str) -> list[str]:
    return re.split(r"  +", line)


def test_open_pauses_are_a_table(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    header, *rows = lines(penstock(desk, "pauses", "list", "--limit", "1000"))
    assert cells(header) == ["EXECUTION", "PAUSE", "FLOW", "STATE", "OPENED", "EXPIRES", "PROMPT"]
    [row] = [row for row in rows if execution_id in row]
    assert cells(row) == [execution_id, "approve", "buy", "OPEN", "TIME", "Approve this quote?"]
    # Other pauses may make its columns wider or narrower.
    [own] = lines(penstock(desk, "pauses", "list", execution_id))[1:]
    assert cells(own) == cells(row)


def test_pauses_of_an_execution_are_json_for_programs(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    done = penstock(desk, "pauses", "list", execution_id, "--output", "json")
    assert json.loads(done.stdout) == {"pauses": [pause(desk, execution_id)]}
    done = penstock(desk, "pauses", "get", execution_id, "approve", "--output", "json")
    assert json.loads(done.stdout) == pause(desk, execution_id)


def test_pause_is_shown_before_and_after_its_decision(desk: Server) -> None:
    execution_id = paused(desk, "slow")
    graph_id = desk.execution(execution_id)["graph_id"]
    shown = [
        f"execution: {execution_id}",
        f"flow:      slow ({graph_id})",
        "pause:     approve",
        "state:     OPEN",
        f"input:     {json.dumps(PRICED, sort_keys=True)}",
        "opened:    TIME",
        "expires:   TIME, then reject",
    ]
    assert lines(penstock(desk, "pauses", "get", execution_id, "approve")) == shown
    done = penstock(desk, "pauses", "approve", execution_id, "approve", "--comment", "it is fine")
    assert lines(done) == [f"{execution_id} approve APPROVED"]
    after = [
        *shown[:3],
        "state:     APPROVED",
        *shown[4:],
        "decided:   TIME",
        f"by:        {who(desk)}",
        "comment:   it is fine",
        f"value:     {json.dumps(PRICED, sort_keys=True)}",
    ]
    assert lines(penstock(desk, "pauses", "get", execution_id, "approve")) == after


def test_pause_is_resumed_with_a_value_from_a_file(desk: Server, tmp_path: Path) -> None:
    file = tmp_path / "grade.json"
    file.write_text(json.dumps(GRADE))
    execution_id = paused(desk, "review")
    assert "needs:     desk.Review" in lines(penstock(desk, "pauses", "get", execution_id, "judge"))
    done = penstock(desk, "pauses", "resume", execution_id, "judge", "--value", f"@{file}")
    assert lines(done) == [f"{execution_id} judge RESUMED"]
    assert output(desk, execution_id) == receipt(3, "good", "review")


def test_pause_is_approved_with_an_edited_value_and_rejected(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    given = json.dumps(QUOTE)
    done = penstock(desk, "pauses", "approve", execution_id, "approve", "--value", "-", "--output", "json", given=given)
    assert json.loads(done.stdout) == pause(desk, execution_id)
    assert output(desk, execution_id) == receipt(4)
    execution_id = paused(desk, "buy")
    assert lines(penstock(desk, "pauses", "reject", execution_id, "approve")) == [f"{execution_id} approve REJECTED"]


def test_refusal_is_one_line(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    wrong = penstock(desk, "pauses", "resume", execution_id, "approve", "--value", '{"total_cents": "x"}')
    assert failed(wrong) == 'value.total_cents: expected int64, got "x"'
    unknown = penstock(desk, "pauses", "get", execution_id, "nope")
    assert failed(unknown) == "flow buy has no pause 'nope'; its pauses are: approve"
    lines(penstock(desk, "pauses", "approve", execution_id, "approve"))
    again = failed(penstock(desk, "pauses", "reject", execution_id, "approve"))
    assert again.startswith(f"pause approve was approved by {who(desk)} at ")


@pytest.mark.parametrize(
    "words",
    [
        ("get", "nothing", "approve"),
        ("approve",),
        ("approve", "0" * 32, "Approve"),
        ("reject", "0" * 32, "approve", "--value", "{}"),
        ("resume", "0" * 32, "approve", "--value", "no json"),
        ("resume", "0" * 32, "approve", "--value", "@/nowhere"),
        ("decide", "0" * 32, "approve"),
    ],
)
def test_wrong_words_are_told_before_anything_is_asked(desk: Server, words: Any) -> None:
    assert failed(penstock(desk, "pauses", *words), code=2)


def test_signal_is_sent(desk: Server) -> None:
    execution_id = desk.begin("ask_twice", QUOTE)
    eventually(lambda: events(desk, execution_id, "NODE_WAITING"))

    def signal(*words: str) -> subprocess.CompletedProcess[str]:
        return penstock(desk, "executions", "signal", execution_id, "answer", *words)

    first = lines(signal("--payload", json.dumps(GRADE), "--request-id", "one"))
    [recorded] = events(desk, execution_id, "SIGNAL_RECEIVED")
    assert first == [f"{execution_id} has it as event {recorded['sequence']}"]
    assert lines(signal("--payload", "{}", "--request-id", "one")) == first
    assert failed(signal("--payload", '{"grade": "x"}')) == 'payload.grade: expected int64, got "x"'
    assert json.loads(signal("--output", "json").stdout)["execution_id"] == execution_id
    assert output(desk, execution_id) == receipt(3, "")
    assert failed(signal()) == "no signal can reach the execution any more: it is COMPLETED"
    assert failed(penstock(desk, "executions", "signal", execution_id, "Answer"), code=2)
