"""Keys and accounts in the database of this machine's server, for whoever runs it."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from penstock.cli.errors import CliError
from penstock.engine.domain.errors import PenstockError
from penstock.engine.rpc.keys import Keys
from penstock.engine.runtime.clock import Clock, SystemClock
from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.key_hashes import KeyHasher
from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.keys import KeyRows
from penstock.engine.storage.postgres.migrate import migrate

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class KeyStore:
    rows: KeyRows
    keys: Keys
    clock: Clock


def with_store(args: Namespace, do: Callable[[KeyStore], Awaitable[_T]]) -> _T:
    """What `do` gives. Raises CliError."""
    try:
        return asyncio.run(_with_store(args, do))
    except (PenstockError, OSError) as error:
        raise CliError(str(error)) from error


async def _with_store(args: Namespace, do: Callable[[KeyStore], Awaitable[_T]]) -> _T:
    async with _url(args) as url:
        await migrate(url)
        database = Database(url)
        await database.open()
        try:
            # The data directory is that of the server when its database is.
            hasher = KeyHasher(MasterKeys(args.data_dir), is_alone=not args.database_url)
            rows, clock = KeyRows(database), SystemClock()
            return await do(KeyStore(rows, Keys(rows, hasher, clock, _unmarked, _untold), clock))
        finally:
            await database.close()


@asynccontextmanager
async def _url(args: Namespace) -> AsyncIterator[str]:
    if args.database_url:
        yield args.database_url
        return
    args.data_dir.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(args.data_dir)
    try:
        yield await postgres.start()
    finally:
        await postgres.stop()


def _unmarked() -> bytes:
    return b""


def _untold() -> None:
    """A new key is known to nobody who would have to hear of it."""
