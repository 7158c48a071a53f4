"""A gateway over a fake engine on a free port, in the engine's process and over a socket, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from penstock.engine.rpc.server import GrpcServer
from penstock.gateway.app import Gateway
from penstock.gateway.remote.engine import RemoteEngine
from penstock.gateway.settings import Settings
from penstock.wire.service import Engine
from tests.gateway.fake_engine import FakeEngine, hello_artifact

_TIMEOUT = aiohttp.ClientTimeout(10)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(answers={"get_artifact": hello_artifact()})


@pytest.fixture
def settings() -> Settings:
    return Settings()


@asynccontextmanager
async def running(engine: Engine, settings: Settings | None = None) -> AsyncIterator[Gateway]:
    """A gateway of its own."""
    gateway = Gateway(engine, "127.0.0.1", 0, settings)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


@asynccontextmanager
async def served(engine: Engine) -> AsyncIterator[RemoteEngine]:
    """The engine as a gateway in another process has it: over a real socket, here to the same process."""
    server = GrpcServer(engine)
    await server.start("127.0.0.1", 0)
    remote = RemoteEngine(f"127.0.0.1:{server.port}")
    await remote.start()
    await remote.wait_until_connected()
    try:
        yield remote
    finally:
        await remote.stop()
        await server.stop(0)


@pytest.fixture(params=["together", "apart"])
async def gateway(request: pytest.FixtureRequest, engine: FakeEngine, settings: Settings) -> AsyncIterator[Gateway]:
    """In the engine's process, and in one of its own."""
    if request.param == "together":
        async with running(engine, settings) as gateway:
            yield gateway
    else:
        async with served(engine) as remote, running(remote, settings) as gateway:
            yield gateway


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
