"""Reads how long the items of a map took, many at once."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from penstock.engine.storage.postgres.database import Database, from_time

# Purpose: the attempts of the items of maps by node and number, however many there are. Index: events_pkey.
_LOTS = """select node, attempt, count(*), count(*) filter (where type <> 23), min(sequence),
  min(coalesce(start_time, event_time)), max(event_time),
  (extract(epoch from sum(event_time - coalesce(start_time, event_time))) * 1000000)::bigint
from events where execution_id = %s and type in (18, 23, 24) and frame_index >= 0
group by node, attempt order by node, attempt"""


class Lot(NamedTuple):
    """Attempts of the items of one map that have one number and ended. Times are microseconds."""

    node: int
    attempt: int
    item_count: int
    failed_count: int
    first_sequence: int
    start_us: int
    end_us: int
    run_us: int
    """Sum of their times."""


class Lots:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def lots(self, execution_id: str) -> list[Lot]:
        rows = await self._database.fetch_all(_LOTS, (UUID(execution_id),))
        return [Lot._make((*row[:5], from_time(row[5]), from_time(row[6]), row[7])) for row in rows]
