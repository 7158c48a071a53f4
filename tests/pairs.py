"""Two servers on one database of their own, which a test may kill."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.clusters import furnish
from tests.databases import empty_database
from tests.harness import Server


@contextmanager
def database_of(data_dir: Path) -> Iterator[str]:
    """The URL of a new database in the cluster of a data directory, which runs as long."""
    furnish(data_dir)
    postgres = EmbeddedPostgres(data_dir)
    with empty_database(asyncio.run(postgres.start())) as url:
        yield url
    asyncio.run(postgres.stop())


@contextmanager
def two_servers(
    folder: Path, *paths: Path, database: str, environment: Mapping[str, str]
) -> Iterator[tuple[Server, Server]]:
    """Nobody has started them yet: see `up`. Those that run at the end are killed."""
    shared = {"PENSTOCK_DATABASE_URL": database} | dict(environment)
    servers = [Server(folder / name, *paths, environment=shared) for name in ("one", "two")]
    try:
        yield servers[0], servers[1]
    finally:
        for server in servers:
            if server.is_running:
                server.kill()


def up(server: Server) -> Server:
    """The server, started unless it runs."""
    return server if server.is_running else server.start()
