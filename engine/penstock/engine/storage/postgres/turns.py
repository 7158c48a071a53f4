"""Taking turns among all processes at what the names of a flow stand for."""

from __future__ import annotations

import psycopg

from penstock.engine.storage.postgres.database import Row

# Purpose: one after the other numbers artifacts, moves aliases and retires. Locks: an advisory lock of the flow.
_TURN = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


async def take_turn(connection: psycopg.AsyncConnection[Row], account: str, flow: str) -> None:
    """Keeps the others away until the transaction ends."""
    await connection.execute(_TURN, (f"{account}/{flow}",))
