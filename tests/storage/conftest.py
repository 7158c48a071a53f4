"""Postgres servers for all tests of the store, and a fresh database of one for each."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.storage.postgres.migrate import migrate
from tests.harness import open_folder as make_open_folder
from tests.storage.servers import EmbeddedServer, PostgresServer, server_by_url, with_database


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[PostgresServer]:
    yield from _running(EmbeddedServer())


@pytest.fixture(scope="session")
def url_server() -> Iterator[PostgresServer]:
    yield from _running(server_by_url())


@pytest.fixture(scope="session", params=["embedded", "by URL"])
def server(request: pytest.FixtureRequest) -> PostgresServer:
    """Each server in turn: the same tests pass on all of them."""
    name = "embedded_server" if request.param == "embedded" else "url_server"
    found: PostgresServer = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="session")
def postgres_url(embedded_server: PostgresServer) -> str:
    return embedded_server.url


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database."""
    with _database(postgres_url) as url:
        yield url


@pytest.fixture
def store(server: PostgresServer) -> Iterator[str]:
    """The URL of a migrated database without rows, on each server."""
    with _database(server.url) as url:
        asyncio.run(migrate(url))
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


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    yield with_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())
