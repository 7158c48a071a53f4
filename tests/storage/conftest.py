"""An embedded Postgres for all tests of the store, and a fresh database of it for each."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    folder = _open_folder()
    server = EmbeddedPostgres(folder)
    yield asyncio.run(server.start())
    asyncio.run(server.stop())
    shutil.rmtree(folder)


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        yield postgres_url.replace("@/postgres?", f"@/{name}?")
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach. pytest's own are open to nobody but who runs it."""
    folder = _open_folder()
    yield folder
    shutil.rmtree(folder)


def _open_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="penstock-test-")).resolve()
    folder.chmod(0o755)
    return folder
