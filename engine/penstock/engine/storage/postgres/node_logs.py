"""Reads the logs of many executions for those who look at their nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.payloads import EVENT_COLUMNS, head_of
from penstock.engine.storage.postgres.views import HEADS, Head

# Purpose: the logs of a lot of executions without frames, items and reports: see `Views.outline`. Index: events_pkey.
_OUTLINES = f"""select execution_id, {EVENT_COLUMNS}, step = 2 from (
  select execution_id, {HEADS},
    sequence - lag(sequence, 1, 2) over (partition by execution_id order by sequence) as step
  from events where execution_id = any(%s::uuid[])) log
where type not in (12, 23, 24, 29) and not (type = 18 and frame_index >= 0) order by execution_id, sequence"""


class NodeLogs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def outlines(self, execution_ids: Sequence[str]) -> Mapping[str, list[Head]]:
        """The recorded events of each in order, but for frames, items and reports."""
        found: dict[str, list[Head]] = {execution_id: [] for execution_id in execution_ids}
        for row in await self._database.fetch_all(_OUTLINES, ([UUID(one) for one in execution_ids],)):
            found[row[0].hex].append(Head(head_of(row[1:]), row[-1]))
        return found
