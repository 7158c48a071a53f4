"""A Postgres server for the tests of webhooks, a database of one's own, and receivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.migrate import migrate
from penstock.engine.storage.sealing import Sealer
from tests.storage.servers import EmbeddedServer, with_database
from tests.webhooks.desk import Desk
from tests.webhooks.receiver import Receiver


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server."""
    server = EmbeddedServer()
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
async def database_url(postgres: str) -> AsyncIterator[str]:
    """The URL of a migrated database without rows."""
    name = f"test_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as connection:
        await connection.execute(f"create database {name}".encode())
        url = with_database(postgres, name)
        await migrate(url)
        yield url
        await connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(MasterKeys(tmp_path, ""))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.close()


@pytest.fixture
async def desk(database: Database, sealer: Sealer) -> AsyncIterator[Desk]:
    desk = Desk(database, sealer)
    yield desk
    await desk.close()
