"""A migrated database for each test, and what the services need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.secrets import Secrets
from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.sealing import Sealer
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.service import Caller
from tests.databases import migrated_database
from tests.storage.samples import NOW_US, opened

ADA, BOB = Caller("ada", "key of Ada"), Caller("bob", "key of Bob")
FLOW = "tea"


class ManualClock:
    """Stands still until a test sets it."""

    def __init__(self) -> None:
        self.time_us = NOW_US

    def now_us(self) -> int:
        return self.time_us


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
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def bulletin(tmp_path: Path) -> Bulletin:
    return Bulletin(tmp_path / "names")


@pytest.fixture
async def registry(database: Database) -> Registry:
    """Ada has a flow, tea, and another one, milk."""
    registry = Registry(database)
    for flow in (FLOW, "milk"):
        await registry.create_draft(ADA.account, Flow(flow=flow), NOW_US)
    return registry


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(MasterKeys(tmp_path, ""))


@pytest.fixture
def secrets(database: Database, sealer: Sealer, bulletin: Bulletin, clock: ManualClock) -> Secrets:
    return Secrets(SecretRows(database), sealer, bulletin, clock)
