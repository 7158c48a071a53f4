"""Servers with the package `desk`: one for all tests that do not kill theirs, and databases for those that do."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.e2e.conftest import running
from tests.harness import Server, open_folder
from tests.pauses.people import PACKAGES
from tests.storage.servers import with_database


@pytest.fixture(scope="session")
def desk() -> Iterator[Server]:
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for the data of servers."""
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def database(place: Path) -> Iterator[str]:
    """The URL of a database for several servers."""
    postgres = EmbeddedPostgres(place / "data")
    url = asyncio.run(postgres.start())
    name = f"test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    yield with_database(url, name)
    asyncio.run(postgres.stop())
