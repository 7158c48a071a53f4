"""Reads the signals of executions."""

from __future__ import annotations

from uuid import UUID

from penstock.engine.storage.details import decode_detail
from penstock.engine.storage.postgres.database import Database

# Purpose: signals whose detail holds a text. Index: events_pkey.
_HOLDING = """select sequence, detail from events
where execution_id = %s and type = 22 and position(%s::bytea in detail) > 0 order by sequence"""
# Purpose: number of signals. Index: events_pkey.
_COUNT = "select count(*) from events where execution_id = %s and type = 22"


class SignalRows:
    """Statements on the events of signals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sequence(self, execution_id: str, request_id: str) -> int:
        """Sequence of the signal that came with a request id; 0 when there is none."""
        rows = await self._database.fetch_all(_HOLDING, (UUID(execution_id), request_id.encode()))
        # The text may stand in another field.
        return next((row[0] for row in rows if decode_detail(bytes(row[1])).request_id == request_id), 0)

    async def count(self, execution_id: str) -> int:
        row = await self._database.fetch_one(_COUNT, (UUID(execution_id),))
        return 0 if row is None else int(row[0])
