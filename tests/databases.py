"""Databases of a test's own: empty ones, and migrated ones, which are copied from one that is migrated once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

import psycopg

from penstock.engine.storage.postgres.migrate import migrate
from tests.storage.servers import with_database


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a database without tables. `server_url` is that of any database of the server."""
    with _database(server_url) as url:
        yield url


@contextmanager
def migrated_database(server_url: str) -> Iterator[str]:
    """The URL of a database with all tables and without rows."""
    with _database(server_url, _template(server_url)) as url:
        yield url


@contextmanager
def _database(server_url: str, template: str = "template1") -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    # A connection each: in between, a test may crash the server.
    _order(server_url, f"create database {name} template {template}")
    yield with_database(server_url, name)
    _order(server_url, f"drop database {name} with (force)")


@cache
def _template(server_url: str) -> str:
    """The name of a migrated database that nobody is connected to."""
    name = f"template_{uuid4().hex}"
    _order(server_url, f"create database {name}")
    # In a thread: an async test has a loop of its own running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate(with_database(server_url, name))).result()
    return name


def _order(server_url: str, statement: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement.encode())
