"""A pool of connections for everything but the journal, and what its errors mean to the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from penstock.engine.domain.errors import InvalidArgument, StoreUnavailable
from penstock.engine.storage.postgres.data_keys import DataKeys
from penstock.engine.storage.sealing import Sealer

_POOL_SIZE_MAX = 8
_POOL_WAIT_S = 5.0

CONNECT_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "autocommit": True,
        # A network that went silent is noticed within seconds, not hours. Without effect on a unix socket.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
)

Row = tuple[Any, ...]
Parameters = Sequence[Any] | Mapping[str, Any]


class Database:
    """Statements in autocommit. A statement that met a broken connection is tried once more."""

    def __init__(self, conninfo: str, sealer: Sealer | None = None) -> None:
        """Without `sealer` it opens no payload that is sealed, and seals none."""
        self.conninfo = conninfo
        self.data_keys = DataKeys(self, sealer)
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[Row]] = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=_POOL_SIZE_MAX,
            timeout=_POOL_WAIT_S,
            kwargs={**CONNECT_OPTIONS, "application_name": "penstock"},
            open=False,
        )

    async def open(self) -> None:
        try:
            await self._pool.open(wait=True, timeout=_POOL_WAIT_S)
        except PoolTimeout as error:
            raise StoreUnavailable(f"cannot connect to the database within {_POOL_WAIT_S:g} s") from error

    async def close(self) -> None:
        await self._pool.close()

    def pool_stats(self) -> Mapping[str, int]:
        """What the pool has done and does, as psycopg calls it."""
        return self._pool.get_stats()

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return await self._run(sql, parameters, has_rows=True)

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        rows = await self._run(sql, parameters, has_rows=True)
        return rows[0] if rows else None

    async def execute(self, sql: str, parameters: Parameters = ()) -> None:
        await self._run(sql, parameters, has_rows=False)

    async def _run(self, sql: str, parameters: Parameters, *, has_rows: bool) -> list[Row]:
        try:
            return await self._run_once(sql, parameters, has_rows)
        except StoreUnavailable:
            return await self._run_once(sql, parameters, has_rows)

    async def _run_once(self, sql: str, parameters: Parameters, has_rows: bool) -> list[Row]:
        async with _translated(), self._pool.connection() as connection:
            cursor = await connection.execute(sql, parameters, binary=True)
            return await cursor.fetchall() if has_rows else []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[psycopg.AsyncConnection[Row]]:
        """One transaction. Not tried again: the caller's statements may depend on what it read."""
        async with _translated(), self._pool.connection() as connection, connection.transaction():
            yield connection


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("the database does not answer") from error
    except psycopg.DataError as error:
        # The statements and their types are ours: what is left is a text with a NUL character.
        raise InvalidArgument(f"a value cannot be stored: {str(error).strip()}") from error
    except psycopg.OperationalError as error:
        raise StoreUnavailable(str(error).strip() or "the database does not answer") from error


def to_time(time_us: int) -> datetime:
    """Unix time in microseconds as Postgres takes it."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).replace(microsecond=time_us % 1_000_000)


def from_time(time: datetime | None) -> int | None:
    """Unix time in microseconds. Exact: no float in between."""
    if time is None:
        return None
    delta = time - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
