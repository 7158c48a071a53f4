"""Servers for tests that need other packages than the examples."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.harness import Server, open_folder

PACKAGES = Path(__file__).parent / "packages"
ODD = Path(__file__).parent / "odd"

STOP_S_MAX = 5
"""How long a server without running executions may take to stop."""


@contextmanager
def running(*paths: Path) -> Iterator[Server]:
    """A server of one's own. A test may stop, kill and start it."""
    folder = open_folder()
    server = Server(folder / "data", *paths)
    try:
        yield server.start()
    finally:
        if server.end(STOP_S_MAX) != 0:
            asyncio.run(_stop_database(server.data_dir))
        shutil.rmtree(folder)


async def _stop_database(data: Path) -> None:
    """Stops what a killed server leaves alive."""
    database = EmbeddedPostgres(data)
    await database.start()
    await database.stop()


@pytest.fixture(scope="session")
def lab() -> Iterator[Server]:
    """A server with nodes that misbehave or do as the test says; tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="session")
def odd() -> Iterator[Server]:
    """A server with a package whose messages use all that proto can say; tests share it and must not stop it."""
    with running(ODD) as server:
        yield server


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts a server with the packages in the given folders, for one test."""
    with ExitStack() as stack:
        yield lambda *paths: stack.enter_context(running(*paths))
