"""Postgres servers for all tests of the store, and a fresh database of one for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import empty_database, migrated_database
from tests.harness import open_folder as make_open_folder
from tests.storage.servers import EmbeddedServer, PostgresServer, server_by_url


@pytest.fixture(scope="package")
def embedded_server() -> Iterator[PostgresServer]:
    yield from _running(EmbeddedServer())


@pytest.fixture(scope="package")
def url_server() -> Iterator[PostgresServer]:
    yield from _running(server_by_url())


@pytest.fixture(scope="package", params=["embedded", "by URL"])
def server(request: pytest.FixtureRequest) -> PostgresServer:
    """Each server in turn: the same tests pass on all of them."""
    name = "embedded_server" if request.param == "embedded" else "url_server"
    found: PostgresServer = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="package")
def postgres_url(embedded_server: PostgresServer) -> str:
    return embedded_server.url


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database."""
    with empty_database(postgres_url) as url:
        yield url


@pytest.fixture
def store(server: PostgresServer) -> Iterator[str]:
    """The URL of a migrated database without rows, on each server."""
    with migrated_database(server.url) as url:
        yield url


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach. pytest's own are open to nobody but who runs it."""
    folder = make_open_folder()
    yield folder
    shutil.rmtree(folder)


def _running(server: PostgresServer) -> Iterator[PostgresServer]:
    server.start()
    yield server
    server.stop()
