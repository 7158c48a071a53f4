"""A database of one's own for each test of webhooks, and receivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.sealing import Sealer
from tests.databases import migrated_database
from tests.webhooks.desk import Desk
from tests.webhooks.receiver import Receiver


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """The URL of a migrated database without rows."""
    with migrated_database(postgres_url) as url:
        yield url


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
