"""A server with flows that declare searchable fields, its faces, and a database of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import grpc
import psycopg
import pytest

from penstock.engine.storage.postgres.migrate import migrate
from tests.e2e.conftest import running
from tests.find.faces import CommandFace, Face, GrpcFace, HttpFace
from tests.find.sales import Sales, sell
from tests.harness import Server
from tests.storage.servers import EmbeddedServer, with_database

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="package")
def market() -> Iterator[Server]:
    """Tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="package")
def sales(market: Server) -> Sales:
    """Executions of that server."""
    return sell(market)


@pytest.fixture(scope="package")
def market_channel(market: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(market.info["grpc_address"]) as channel:
        yield channel


@pytest.fixture(scope="package")
def faces(market: Server, market_channel: grpc.Channel) -> dict[str, Face]:
    return {"http": HttpFace(market), "grpc": GrpcFace(market, market_channel), "command": CommandFace(market)}


@pytest.fixture(scope="package")
def postgres() -> Iterator[str]:
    """The URL of a server."""
    server = EmbeddedServer()
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def store(postgres: str) -> str:
    """The URL of a migrated database without rows."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    url = with_database(postgres, name)
    asyncio.run(migrate(url))
    return url
