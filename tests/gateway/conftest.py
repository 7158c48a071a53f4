"""A gateway over a fake engine on a free port, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings
from tests.gateway.fake_engine import FakeEngine, hello_artifact

_TIMEOUT = aiohttp.ClientTimeout(10)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(answers={"get_artifact": hello_artifact()})


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
async def gateway(engine: FakeEngine, settings: Settings) -> AsyncIterator[Gateway]:
    gateway = Gateway(engine, "127.0.0.1", 0, settings)
    await gateway.start()
    yield gateway
    await gateway.stop()


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    """A client with Ada's key."""
    headers = {"Authorization": "Bearer psk_ada"}
    async with aiohttp.ClientSession(gateway.url, headers=headers, timeout=_TIMEOUT) as session:
        yield session


@pytest.fixture
async def stranger(gateway: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    """A client without a key."""
    async with aiohttp.ClientSession(gateway.url, timeout=_TIMEOUT) as session:
        yield session
