"""How long a Python client goes on to look for a server that is away, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.sdks import python_names
from tests.sdks.pips import unpack

pytest.importorskip("betterproto2")

PATIENCE_S = 10.0
SILENCE_S = 3600.0


class Clock:
    """Stands still but for sleeps."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of a client that knows of patience."""
    monkeypatch.syspath_prepend(unpack(python_names.recursive(), tmp_path))
    yield import_module("penstock_tree._connection")
    for name in [name for name in sys.modules if name.partition(".")[0] == "penstock_tree"]:
        del sys.modules[name]


@pytest.fixture
def clock(connection: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(connection, "time", made)
    monkeypatch.setattr(connection, "asyncio", made)
    return made


def pauses(patience: Any, deadline: Any) -> int:
    """How many tries it is good for in one go."""

    async def count() -> int:
        found = 0
        while await patience.pause(deadline):
            found += 1
        return found

    return asyncio.run(count())


def test_patience_ends_when_the_server_was_away_for_that_long(connection: Any, clock: Clock) -> None:
    patience = connection.Patience(PATIENCE_S)
    assert pauses(patience, connection.Deadline(None)) > 5
    assert clock.now_s == pytest.approx(1000.0 + PATIENCE_S)
    assert pauses(patience, connection.Deadline(None)) == 0


def test_patience_ends_with_the_time_of_the_caller(connection: Any, clock: Clock) -> None:
    assert pauses(connection.Patience(PATIENCE_S), connection.Deadline(1.0)) > 0
    assert clock.now_s == pytest.approx(1001.0)


def test_patience_begins_when_the_server_goes_away_not_when_it_falls_silent(connection: Any, clock: Clock) -> None:
    patience = connection.Patience(PATIENCE_S)
    for _ in range(3):
        clock.now_s += SILENCE_S
        assert pauses(patience, connection.Deadline(None)) > 5
    assert clock.now_s == pytest.approx(1000.0 + 3 * (SILENCE_S + PATIENCE_S))


def test_patience_begins_anew_when_something_came(connection: Any, clock: Clock) -> None:
    patience = connection.Patience(PATIENCE_S)
    pauses(patience, connection.Deadline(None))
    patience.reset()
    assert pauses(patience, connection.Deadline(None)) > 5
