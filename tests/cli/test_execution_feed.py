"""`penstock executions watch` of all executions, against a scripted server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, Events, FakeServer, Hang, event, refusal
from tests.cli.samples import ID
from tests.e2e.support import eventually

PATH = "/invocations/v1/executions:watch"
WATCH = f"GET {PATH}"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def recorded(kind: str, id: int, **more: object) -> str:
    what = {"sequence": id, "type": kind, "time": "2026-01-02T03:04:05Z", **more}
    about = {"execution_id": ID, "flow": "hello", "version": 3, "labels": {}}
    return event(about | {"event": what}, id, "recorded")


BOOKMARK = event({"time": "2026-01-02T03:04:05Z"}, 1, "bookmark")
GONE = refusal("no", "INVALID_ARGUMENT", 400)


def test_each_event_is_a_line(server: FakeServer, penstock: Penstock) -> None:
    text = BOOKMARK + recorded("EXECUTION_ACCEPTED", 2) + recorded("NODE_STARTED", 3, node="greet", attempt=2)
    server.on(WATCH, Events(text), GONE)
    outcome = penstock("executions", "watch", "--all")
    assert (outcome.code, outcome.err) == (1, "penstock: no\n")
    assert outcome.out.splitlines() == [
        f"2026-01-02 03:04:05  {ID}  hello v3  EXECUTION_ACCEPTED",
        f"2026-01-02 03:04:05  {ID}  hello v3  NODE_STARTED  greet  attempt 2",
    ]


def test_it_goes_on_behind_the_last_cursor_when_the_connection_breaks(server: FakeServer, penstock: Penstock) -> None:
    server.on(WATCH, Events(BOOKMARK + recorded("EXECUTION_ACCEPTED", 2), breaks=True))
    server.on(WATCH, refusal("starting", "UNAVAILABLE", 503))
    server.on(WATCH, Events(recorded("EXECUTION_STARTED", 3) + event({"time": "…"}, 7, "bookmark")), GONE)
    outcome = penstock("executions", "watch", "--all", "--output", "json", "--after", "oldest")
    lines = [json.loads(line) for line in outcome.out.splitlines()]
    assert [(line["cursor"], line["recorded"]["event"]["type"]) for line in lines] == [
        ("2", "EXECUTION_ACCEPTED"),
        ("3", "EXECUTION_STARTED"),
    ]
    assert [request.after for request in server.requests] == ["oldest", "2", "2", "7"]


def test_what_is_asked_for_is_in_the_query(server: FakeServer, penstock: Penstock) -> None:
    server.on(WATCH, GONE)
    penstock(*("executions", "watch", "--flow", "hello", "--filter", "version > 2", "--type", "NODE_FAILED"))
    assert server.requests[0].query == {"filter": 'flow = "hello" AND version > 2', "types": "NODE_FAILED"}


@pytest.mark.parametrize("words", [(), (ID, "--all"), (ID, "--flow", "hello"), (ID, "--after", "oldest")])
def test_it_is_one_execution_or_all(penstock: Penstock, server: FakeServer, words: tuple[str, ...]) -> None:
    assert penstock("executions", "watch", *words).code == 2


def test_it_ends_when_nobody_reads_any_more(server: FakeServer) -> None:
    """The next event may be far away."""
    server.on(WATCH, Hang())
    command = [sys.executable, "-m", "penstock.cli", "executions", "watch", "--all"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout is not None
        eventually(lambda: server.requests)
        process.stdout.close()
        assert process.wait(30) == 1


def test_a_server_that_is_not_there_is_told_at_once(penstock: Penstock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_URL", "http://127.0.0.1:1")
    assert penstock("executions", "watch", "--all").code == 3


def test_a_refusal_is_told_at_once(server: FakeServer, penstock: Penstock) -> None:
    server.on(WATCH, Answer({"error": "e", "code": "INVALID_ARGUMENT", "reason": "R", "details": {}}, 400))
    assert penstock("executions", "watch", "--all").err == "penstock: e\n"
