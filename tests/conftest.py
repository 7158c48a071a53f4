"""Fixtures that every test may use."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.clusters import furnish
from tests.harness import EXAMPLES, Server, open_folder, running

pytest_plugins = ["tests.folders"]

# No test depends on how fast the machine is, or on who else is busy on it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run what depends on chance many times longer")
    parser.addoption("--fuzz", metavar="SECONDS", type=float, default=0.0, help="throw inputs at a server for so long")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A real server with the examples; tests share it and must not kill it."""
    with running(EXAMPLES) as started:
        yield started


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a Postgres server that nobody may stop; tests make databases of their own in it."""
    folder = open_folder()
    furnish(folder)
    postgres = EmbeddedPostgres(folder)
    yield asyncio.run(postgres.start())
    asyncio.run(postgres.stop())
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A new folder for the data of a server that a test starts itself."""
    made = open_folder()
    yield made
    shutil.rmtree(made)
