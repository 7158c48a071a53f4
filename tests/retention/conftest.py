"""A Postgres server, a migrated database of it for each test, and a past to put executions into."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.migrate import migrate
from tests.retention.past import Past
from tests.storage.samples import opened
from tests.storage.servers import EmbeddedServer, with_database


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a server whose database `fresh` is migrated."""
    server = EmbeddedServer()
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create database fresh")
    # In a thread: an async test has a loop of its own running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate(with_database(server.url, "fresh"))).result()
    yield server.url
    server.stop()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """The URL of a migrated database without rows."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template fresh".encode())
        yield with_database(postgres_url, name)
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as database:
        yield database


@pytest.fixture
def past(database: Database) -> Past:
    return Past(database)
