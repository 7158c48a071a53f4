"""Cancels from one process to another: a durable row, and a notification so that it is seen at once.

Everything works without notifications too: who drives executions looks for rows every few seconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.storage.postgres.database import CONNECT_OPTIONS, Database
from penstock.engine.storage.records import Lease

_CHANNEL = "penstock_commands"
# Purpose: ask for a cancel once. Index: cancel_requests_pkey.
_ASK = "insert into cancel_requests (execution_id, reason) values (%s, %s) on conflict do nothing"
# Purpose: take out what is asked of this process. Locks: the rows taken. Index: executions_pkey.
_TAKE = """delete from cancel_requests c using executions e
where e.execution_id = c.execution_id and (e.lease_id = %s or e.status not in (1, 2))
returning c.execution_id, c.reason, e.account, e.status in (1, 2)"""


class Commands:
    """Statements on cancel requests, and their notifications."""

    def __init__(self, database: Database, conninfo: str) -> None:
        self._database = database
        self._conninfo = conninfo

    async def ask_for_cancel(self, execution_id: str, reason: str) -> None:
        await self._database.execute(_ASK, (UUID(execution_id), reason))
        await self._database.execute("select pg_notify(%s, '')", (_CHANNEL,))

    async def put_back(self, execution_id: str, reason: str) -> None:
        """Keeps a request for the next look, without a notification."""
        await self._database.execute(_ASK, (UUID(execution_id), reason))

    async def take(self, lease: Lease) -> list[tuple[str, str, str]]:
        """(execution id, account, reason) of what this process is asked to cancel; each is given once."""
        rows = await self._database.fetch_all(_TAKE, (lease.lease_id,))
        return [(row[0].hex, row[2], row[1]) for row in rows if row[3]]

    async def notifications(self) -> AsyncIterator[None]:
        """Something as soon as it listens, and each time that somebody asked.

        Raises StoreUnavailable when the connection is lost.
        """
        try:
            async with await psycopg.AsyncConnection.connect(
                self._conninfo, application_name="penstock commands", **CONNECT_OPTIONS
            ) as connection:
                await connection.execute(f"listen {_CHANNEL}")
                yield None
                async for _ in connection.notifies():
                    yield None
        except psycopg.OperationalError as error:
            raise StoreUnavailable(str(error).strip()) from error
