"""A Postgres server, a migrated database of it for each test, and what the services need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.secrets import Secrets
from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.migrate import migrate
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.sealing import Sealer
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.service import Caller
from tests.storage.samples import NOW_US, opened
from tests.storage.servers import EmbeddedServer, with_database

ADA, BOB = Caller("ada", "key of Ada"), Caller("bob", "key of Bob")
FLOW = "tea"


class ManualClock:
    """Stands still until a test sets it."""

    def __init__(self) -> None:
        self.time_us = NOW_US

    def now_us(self) -> int:
        return self.time_us


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    server = EmbeddedServer()
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """The URL of a migrated database without rows."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    url = with_database(postgres_url, name)
    # In a thread: an async test has a loop of its own running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate(url)).result()
    yield url
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


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
