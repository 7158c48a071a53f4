"""Asks for the removal of old executions, and tells how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.engine.storage.postgres.database import Database, from_time

_ASK = "update retention_sweep set ask_count = ask_count + 1"
# Purpose: where the sweep is, and what it removed of an account. Index: retention_tallies_pkey.
_STATUS = """select s.hold_time > now() or s.ask_count > s.answer_count, s.start_time, s.end_time, s.problem,
  coalesce(t.removed_count, 0), coalesce(t.archived_count, 0), t.remove_time
from retention_sweep s left join retention_tallies t on t.account = %s"""


@dataclass(frozen=True, slots=True)
class SweepStatus:
    """Times are unix time in microseconds, None for not yet. What was removed is that of one account."""

    is_running: bool
    start_us: int | None
    end_us: int | None
    problem: str
    removed_count: int
    archived_count: int
    remove_us: int | None


class Sweeps:
    """Statements for those who do not sweep themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self) -> None:
        """Has whoever sweeps next remove everything that may go."""
        await self._database.execute(_ASK)

    async def status(self, account: str) -> SweepStatus:
        row = await self._database.fetch_one(_STATUS, (account,))
        assert row is not None
        return SweepStatus(row[0], from_time(row[1]), from_time(row[2]), row[3], row[4], row[5], from_time(row[6]))
