"""Two processes that share a server, each of which a test may speak to."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import psycopg
import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.durable.stage import hooked
from tests.e2e.crew import Crew, Member
from tests.harness import open_folder

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="package")
def crew() -> Iterator[Crew]:
    """A test may kill one of them; the next test finds two again."""
    folder = open_folder()
    crew = Crew(folder / "data", PACKAGES, environment=hooked(lease_life_s=600)).start()
    yield crew
    assert crew.end() == 0
    shutil.rmtree(folder)


@pytest.fixture
def pair(crew: Crew) -> tuple[Member, Member]:
    one, two = crew.all()
    return one, two


@pytest.fixture(scope="package")
def channel(crew: Crew) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(crew.info["grpc_address"]) as channel:
        yield channel


@pytest.fixture(scope="package")
def database_url(crew: Crew) -> str:
    """Of the database that the crew works on."""
    # It runs already: this only tells where.
    return asyncio.run(EmbeddedPostgres(crew.data_dir).start())


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
