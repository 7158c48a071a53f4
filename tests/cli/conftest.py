"""Fixtures: a scripted server and the command itself, run in this process."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from penstock.cli import patience
from penstock.cli.main import main
from tests.cli.fake_server import FakeServer


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


Penstock = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No server and no settings but those that a test makes; waiting for a server takes no time."""
    for name in ("URL", "API_KEY", "DATA_DIR", "DATABASE_URL", "HTTP_ADDRESS", "GRPC_ADDRESS", "DEBUG"):
        monkeypatch.delenv(f"PENSTOCK_{name}", raising=False)
    monkeypatch.setattr(patience, "DELAYS_S", (0.0, 0.0, 0.0))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """The server that commands find by PENSTOCK_URL. Every reply that is laid out must be asked for."""
    server = FakeServer()
    monkeypatch.setenv("PENSTOCK_URL", server.url)
    monkeypatch.setenv("PENSTOCK_API_KEY", "psk_test")
    yield server
    server.close()
    assert server.unused() == {}


@pytest.fixture
def penstock(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Penstock:
    """Runs `penstock` with arguments and, if given, text on standard input."""

    def run(*arguments: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(arguments)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run
