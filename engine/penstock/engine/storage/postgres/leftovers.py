"""Removes what is of no use any more although no execution took it along."""

from __future__ import annotations

from penstock.engine.storage.postgres.database import Database, to_time

# Purpose: remove a lot of request ids that are free again. One that is used anew meanwhile stays. Index:
# request_ids_by_time, request_ids_pkey.
_REQUEST_IDS = """with lot as (
  select account, request_id from request_ids where create_time < %(before)s order by create_time limit %(count_max)s),
gone as (
  delete from request_ids r using lot
  where r.account = lot.account and r.request_id = lot.request_id and r.create_time < %(before)s returning 1)
select count(*) from gone"""
# Purpose: commands to executions that were removed before they came: nobody looks for them. The table is nearly always
# empty. Index: executions_pkey.
_COMMANDS = """delete from commands c where c.create_time < now() - interval '1 day'
and not exists (select 1 from executions e where e.execution_id = c.execution_id)"""


class Leftovers:
    """Statements on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remove_request_ids(self, before_us: int, count_max: int) -> int:
        """Removes a lot of those that were used before a time, unix time in microseconds; how many."""
        row = await self._database.fetch_one(_REQUEST_IDS, {"before": to_time(before_us), "count_max": count_max})
        assert row is not None
        return int(row[0])

    async def remove_commands(self) -> None:
        """Removes those that nobody can do."""
        await self._database.execute(_COMMANDS)
