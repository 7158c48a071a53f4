"""Counts executions that failed."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from penstock.engine.storage.postgres.database import Database

# Purpose: failures by day of acceptance, flow and class, one page. Ids sort by that time, so that they bound what is
# read. Index: executions_not_completed, once a status.
_COUNTS = """select day, flow, failure_class, count from (
  select (create_time at time zone 'UTC')::date as day, flow, failure_class, count(*) as count from executions
  where account = %(account)s and status in (4, 6) and execution_id >= %(first)s and failure_class is not null
    and (%(flow)s = '' or flow = %(flow)s)
  group by 1, 2, 3) counted
where %(day)s::date is null or day < %(day)s or (day = %(day)s and (flow, failure_class) > (%(after)s, %(class)s))
order by day desc, flow, failure_class limit %(count_max)s"""


class Count(NamedTuple):
    day: date
    flow: str
    failure_class: int
    failed_count: int


class FailureCounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, account: str, flow: str, first_us: int, after: tuple[date | None, str, int], count_max: int
    ) -> list[Count]:
        """Failures of executions that were accepted since a time, those of one flow unless it is "".

        `after` is the day, flow and class that the page before ended with; no day for the first page.
        """
        parameters = {
            "account": account,
            "flow": flow,
            "first": UUID(int=(first_us // 1000) << 80),
            "day": after[0],
            "after": after[1],
            "class": after[2],
            "count_max": count_max,
        }
        return [Count(*row) for row in await self._database.fetch_all(_COUNTS, parameters)]
