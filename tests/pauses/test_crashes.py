"""People and programs go on where they were, whichever commit the server is killed after."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.durable.stage import Stage, hooked
from tests.harness import Answer, Server
from tests.pauses.people import PACKAGES, QUOTE, decide, events, output, receipt, signal

COMMITS_MIN = 9
"""Commits of the two executions, when each step is one of its own."""
COMMITS_MAX = 1_000
FLOWS, USED = PACKAGES / "desk" / "flows", ("both", "ask_twice")
_T = TypeVar("_T")


class Desk:
    """A server that is killed after so many commits, and somebody who goes on when it is back."""

    def __init__(self, folder: Path) -> None:
        # Fewer flows: it starts often.
        others = shutil.ignore_patterns(*(file.name for file in FLOWS.iterdir() if file.stem not in USED))
        shutil.copytree(PACKAGES, folder / "packages", ignore=others)
        self.server = Server(folder / "data", folder / "packages")
        self.has_crashed = False

    def start(self, crash_after: int) -> None:
        """Ends what runs and starts a server that dies after so many commits."""
        self.has_crashed = False
        self.server.kill()
        self.server.environment = hooked(crash_after=crash_after)
        self.server.start()

    def insist(self, action: Callable[[], _T]) -> _T:
        """What `action` gives, asked for again when the server died before it answered."""
        try:
            return action()
        except (OSError, HTTPException):
            assert self.server.process is not None
            self.server.process.wait(30)
            self.has_crashed = True
            self.server.environment = {}
            self.server.start()
            return action()


@pytest.fixture
def crashing() -> Iterator[Desk]:
    stage = Stage()
    desk = Desk(stage.folder)
    stage.server = desk.server
    yield desk
    stage.close()


def test_nothing_is_lost_and_nothing_done_twice(crashing: Desk, request: pytest.FixtureRequest) -> None:
    crashing.server.start()
    expected = _one_of_each(crashing)
    # tests/durable crashes after every commit of such flows; here it is about who asks.
    for commit_count in count(1) if request.config.getoption("--soak") else (3, 6, COMMITS_MIN, COMMITS_MAX):
        crashing.start(crash_after=commit_count)
        assert _one_of_each(crashing) == expected
        if not crashing.has_crashed:
            break
    assert commit_count > COMMITS_MIN


def _one_of_each(desk: Desk) -> list[Any]:
    """Both decisions of one execution and both signals of another; what they gave, and what their logs tell."""
    server = desk.server
    joined = desk.insist(partial(server.begin, "both", QUOTE))
    assert desk.insist(partial(server.wait, joined))["status"] == "PAUSED"
    for name, verb in (("left", "approve"), ("right", "resume")):
        _check_decided(desk.insist(partial(decide, server, joined, verb, name, comment=name)))
    asked = desk.insist(partial(server.begin, "ask_twice", QUOTE))
    for name in ("first", "second"):
        answer = desk.insist(partial(signal, server, asked, "answer", {"grade": len(name), "note": name}, name))
        assert answer.status == 200, answer.body
    outputs = [desk.insist(partial(output, server, each)) for each in (joined, asked)]
    assert outputs == [receipt(5, "joined", "joined"), receipt(5, "second")]
    decisions = [(e["node"], e["decision"], e["comment"]) for e in events(server, joined, "PAUSE_DECIDED")]
    return [outputs, decisions, len(events(server, asked, "SIGNAL_RECEIVED"))]


def _check_decided(answer: Answer) -> None:
    """The decision stands: by this answer, or by the one that was lost."""
    assert answer.status == 200 or answer.json["reason"] == "PAUSE_DECIDED", answer.body
