"""Whether a process can accept and drive executions, and if not, why."""

from __future__ import annotations

import asyncio

from penstock.engine.domain import limits
from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.runtime.keeper import LeaseKeeper
from penstock.engine.storage.postgres.database import Database
from penstock.wire.service import OK, Readiness


async def readiness(database: Database, keeper: LeaseKeeper, is_stopping: bool) -> Readiness:
    """Asks the database, within a bounded time."""
    return Readiness(
        {
            "database": OK if await _answers(database) else "the database does not answer",
            "lease": OK if keeper.is_held else "the lease ran out",
            "intake": "the process is stopping" if is_stopping else OK,
        }
    )


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(limits.READY_TIMEOUT_S):
            await database.fetch_one("select 1")
    except (StoreUnavailable, TimeoutError):
        return False
    return True
