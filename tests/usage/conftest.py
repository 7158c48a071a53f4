"""A Postgres server with a migrated database, which each test finds empty, and a server whose nodes spend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from penstock.engine.storage.postgres.migrate import migrate
from tests.e2e.conftest import running
from tests.harness import Server
from tests.storage.samples import opened
from tests.storage.servers import EmbeddedServer
from tests.usage.desk import Desk, ManualClock

PACKAGES = Path(__file__).parent / "packages"
EMPTY = "truncate events, executions, artifacts, flows, usage_days, usage_executions, usage_totals, usage_kept, budgets"


@pytest.fixture(scope="package")
def database_url() -> Iterator[str]:
    server = EmbeddedServer()
    server.start()
    # In a thread: an async test has a loop of its own running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate(server.url)).result()
    yield server.url
    server.stop()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def desk(database_url: str, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(database_url) as database:
        await database.execute(EMPTY)
        desk = Desk(database, database_url, clock, tmp_path)
        await desk.furnish()
        yield desk


@pytest.fixture(scope="package")
def meter() -> Iterator[Server]:
    """A server whose nodes spend what they are told; tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="package")
def channel(meter: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(meter.info["grpc_address"]) as channel:
        yield channel
