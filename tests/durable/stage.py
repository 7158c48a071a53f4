"""Servers that a test kills, and what is left of them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.durable.ledger import Ledger
from tests.harness import Server, open_folder

PACKAGES = Path(__file__).parent / "packages"
HOOKS = Path(__file__).parent / "hooks"

EXECUTIONS = "/invocations/v1/executions"
STREAM = "/invocations/v1/flows/invoke/stream"

PATIENCE_S = 60
_LOOK_EVERY_S = 0.005


class Stage:
    """One data directory, and the server on it: killed and started again as the tests like."""

    def __init__(self) -> None:
        self.folder = open_folder()
        self.ledger = Ledger(self.folder / "lines")
        self.server = Server(self.folder / "data", PACKAGES)
        self._numbers = count()
        self._settings: Mapping[str, object] = {}

    def start(self, **settings: object) -> None:
        """Starts the server, with settings of hooks/sitecustomize.py."""
        self._settings = settings
        self.server.environment = hooked(**settings)
        self.ledger.process_starts()
        self.server.start()

    def make_ready(self) -> None:
        """Starts the server unless it runs, without settings."""
        if self._settings and self.is_running:
            self.server.kill()
        if not self.is_running:
            self.start()

    @property
    def is_running(self) -> bool:
        return self.server.is_running

    def kill(self) -> None:
        self.server.kill()

    def kill_with_postgres(self) -> None:
        """Kills the server, and its database at the same moment."""
        postmaster = self.server.data_dir / "postgres" / "data" / "postmaster.pid"
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)
        self.server.kill()

    def new_path(self) -> Path:
        """A path where nothing is: for a gate that is not open."""
        return self.folder / f"gate{next(self._numbers)}"

    def work(self, number: int = 1, **fields: object) -> dict[str, object]:
        """An input for the flows of the package `steps`."""
        return {"lines": str(self.ledger.path), "number": number, **fields}

    def held(self, at: str, gate: Path, number: int = 1) -> dict[str, object]:
        """Work that waits at a node, or before a frame, until `gate` is there."""
        return self.work(number, held=at, gate=str(gate))

    def close(self) -> None:
        if self.is_running:
            self.server.kill()
        asyncio.run(_end_postgres(self.server.data_dir))
        shutil.rmtree(self.folder)


async def _end_postgres(data_dir: Path) -> None:
    """A killed server leaves its database running."""
    postgres = EmbeddedPostgres(data_dir)
    await postgres.start()
    await postgres.stop()


def hooked(**settings: object) -> dict[str, str]:
    """An environment with settings of hooks/sitecustomize.py, such as lease_life_s=1."""
    if not settings:
        return {}
    path = os.pathsep.join(filter(None, [str(HOOKS), os.environ.get("PYTHONPATH")]))
    return {"PYTHONPATH": path} | {f"PENSTOCK_TEST_{name.upper()}": str(value) for name, value in settings.items()}


def exit_code(server: Server) -> int:
    """Waits for the end of its process."""
    assert server.process is not None
    try:
        return server.process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the server did not end:\n{server.log}") from None


def until(look: Callable[[], Any]) -> Any:
    """The first true value that `look` gives."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing within {PATIENCE_S} s"
        time.sleep(_LOOK_EVERY_S)
    return found


def executions(server: Server) -> list[Any]:
    """All executions, oldest first."""
    found: list[Any] = []
    token = ""
    while True:
        page = server.request("GET", f"{EXECUTIONS}?page_size=1000&page_token={token}").json
        found += page["executions"]
        token = page["next_page_token"]
        if not token:
            return found[::-1]


def events(server: Server, execution_id: str) -> list[Any]:
    """The whole log. No test's log is longer than a page."""
    page = server.execution(execution_id, "/events?page_size=1000")
    assert page["next_page_token"] == ""
    return list(page["events"])


def whole_stream(server: Server, execution_id: str) -> list[Any]:
    """The frames of an execution, the final one included."""
    stream = server.stream("GET", f"{EXECUTIONS}/{execution_id}/stream")
    return [event for event in stream if event.name == "message"]
