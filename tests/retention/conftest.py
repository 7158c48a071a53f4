"""A migrated database for each test, and a past to put executions into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from penstock.engine.storage.postgres.database import Database
from tests.databases import migrated_database
from tests.retention.past import Past
from tests.storage.samples import opened


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """The URL of a migrated database without rows."""
    with migrated_database(postgres_url) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as database:
        yield database


@pytest.fixture
def past(database: Database) -> Past:
    return Past(database)
