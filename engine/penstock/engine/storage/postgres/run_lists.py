"""Reads lists of what one execution has: lines of its logs, frames, children, and single payloads."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from penstock.engine.domain import limits
from penstock.engine.domain.event import Event, EventType
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS, execution_row
from penstock.engine.storage.postgres.payloads import EVENT_COLUMNS, SIZE, begins_with, event_of, events_of
from penstock.engine.storage.records import ExecutionRow

# Purpose: one lot of lines of logs, of all nodes or of one: reports whose bytes begin with field 1. Index: events_pkey.
_LOGS = f"""select {EVENT_COLUMNS} from events
where execution_id = %(execution_id)s and sequence > %(after)s and type = {EventType.NODE_REPORTED:d}
  and {begins_with("0a")} and (%(node)s::int is null or node = %(node)s::int)
order by sequence limit %(count_max)s"""
# Purpose: one page of the frames that count, those that are too large without what they hold. Index: events_pkey.
_FRAMES = f"""with rollbacks as materialized (
  select sequence, frame_index from events where execution_id = %(execution_id)s and sequence > %(after)s
    and type = {EventType.FRAMES_ROLLED_BACK:d}),
page as (
  select * from events e where execution_id = %(execution_id)s and sequence > %(after)s
    and type = {EventType.FRAME_EMITTED:d} and not exists (
      select 1 from rollbacks r where r.sequence > e.sequence and r.frame_index <= e.frame_index)
  order by sequence limit %(count_max)s),
cut as (
  select *, coalesce({SIZE}, 0) as size, coalesce({SIZE}, 0) <= %(bytes_max)s as is_whole
  from page),
sized as (
  select *, count(*) over () as found_count,
    coalesce(sum(case when is_whole then size else 0 end)
      over (order by sequence rows between unbounded preceding and 1 preceding), 0) as bytes_before
  from cut)
select {EVENT_COLUMNS.replace("payload", "case when is_whole then payload end")}, size, found_count from sized
where bytes_before < {limits.PAYLOAD_BYTES_MAX} order by sequence"""
# Purpose: one page of the executions of an execution's sub-flows. Index: executions_children.
_CHILDREN = f"""select {EXECUTION_COLUMNS} from executions e
where e.parent_id = %s and e.account = %s and e.execution_id > %s order by e.execution_id limit %s"""
# Purpose: one event. Index: events_pkey.
_EVENT = f"select {EVENT_COLUMNS} from events where execution_id = %s and sequence = %s"

NOBODY = "0" * 32
"""Comes before every execution id."""


class Cut(NamedTuple):
    """An event whose payload may have been left out, and how large that is in bytes; None for no payload."""

    event: Event
    size: int | None


class RunLists:
    """Statements on the rows of one execution."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def logs(self, execution_id: str, node: int | None, after: int, count_max: int) -> list[Event]:
        """Lines of logs after a sequence: their payload is a penstock.v1.NodeReport."""
        parameters = {"execution_id": UUID(execution_id), "node": node, "after": after, "count_max": count_max}
        return await events_of(self._database, UUID(execution_id), await self._database.fetch_all(_LOGS, parameters))

    async def frames(self, execution_id: str, after: int, bytes_max: int, count_max: int) -> tuple[list[Cut], bool]:
        """Frames after a sequence that were not rolled back since, and whether there are more of them.

        Those of more than `bytes_max` bytes have no payload. At most `count_max`, and no more than one beyond
        PAYLOAD_BYTES_MAX of payloads.
        """
        parameters = {
            "execution_id": UUID(execution_id),
            "after": after,
            "bytes_max": bytes_max,
            "count_max": count_max + 1,
        }
        rows = await self._database.fetch_all(_FRAMES, parameters)
        has_more = bool(rows) and rows[0][-1] > min(len(rows), count_max)
        events = await events_of(self._database, UUID(execution_id), rows[:count_max])
        return [Cut(event, row[-2]) for event, row in zip(events, rows, strict=False)], has_more

    async def children(self, execution_id: str, account: str, after: str, count_max: int) -> list[ExecutionRow]:
        """Oldest first. `after` is the execution that the page before ended with, NOBODY for the first page."""
        values = (UUID(execution_id), account, UUID(after), count_max)
        return [execution_row(row) for row in await self._database.fetch_all(_CHILDREN, values)]

    async def event(self, execution_id: str, sequence: int) -> Event | None:
        id = UUID(execution_id)
        row = await self._database.fetch_one(_EVENT, (id, sequence))
        return None if row is None else await event_of(self._database, id, row)
