"""Reads who asked for an attempt at once."""

from __future__ import annotations

from uuid import UUID

from penstock.engine.storage.details import decode_detail
from penstock.engine.storage.postgres.database import Database

# Purpose: what was asked for under a key: its text may stand in another field. Index: events_pkey.
_REQUESTED = """select node, detail from events
where execution_id = %s and type = 33 and position(%s::bytea in detail) > 0 order by sequence"""


class RetryRows:
    """Statements on these events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def requested(self, execution_id: str, request_id: str) -> list[int]:
        """Indices of the nodes that were asked for under a request id."""
        rows = await self._database.fetch_all(_REQUESTED, (UUID(execution_id), request_id.encode()))
        return [node for node, detail in rows if decode_detail(bytes(detail)).request_id == request_id]
