"""Reads what people see of an execution. The many rows that they only see the number of stay in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from penstock.engine.domain import limits
from penstock.engine.domain.event import Event, EventType, implied_start
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.data_keys import event_place
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.journal_rows import MOVE_STATUS
from penstock.engine.storage.postgres.payloads import (
    EVENT_COLUMNS,
    SIZE,
    begins_with,
    event_of,
    events_of,
    opened,
)
from penstock.engine.storage.postgres.run_lists import Cut

HEADS = EVENT_COLUMNS.replace("payload", "null::bytea as payload")

# Purpose: the log without frames, items and reports. Each row says whether the start of its attempt is implied: then
# one sequence before it is free. The first two events are in the execution's own row. Index: events_pkey.
_OUTLINE = f"""select {EVENT_COLUMNS}, step = 2 from (
  select {HEADS}, sequence - lag(sequence, 1, 2) over (order by sequence) as step
  from events where execution_id = %s) log
where type not in (12, 23, 24, 29) and not (type = 18 and frame_index >= 0) order by sequence"""
# Purpose: one page of the events of a node, in the same form but with its reports. Index: events_pkey.
_OF_NODE = f"""select {EVENT_COLUMNS}, step = 2 from (
  select {EVENT_COLUMNS.replace("payload", "case when type = 29 then payload end as payload")},
    sequence - lag(sequence, 1, 2) over (order by sequence) as step
  from events where execution_id = %s) log
where node = %s and sequence > %s order by sequence limit %s"""
# Purpose: how many items of maps there are, and how many reports. Index: events_pkey.
_TALLIES = """select node, type, count(*) from events
where execution_id = %s and type in (23, 24, 29) group by node, type"""
# Purpose: the newest progress of each node: reports whose bytes begin with field 2. Index: events_pkey.
_PROGRESS = f"""select distinct on (node) node, payload, sequence from events
where execution_id = %s and type = 29 and {begins_with("12")} order by node, sequence desc"""
# Purpose: one lot of what nodes used: reports whose bytes begin with field 3. Index: events_pkey.
_USAGE = r"""select sequence, node, payload from events
where execution_id = %s and sequence > %s and type = 29 and substring(payload from 1 for 1) = '\x1a'
order by sequence limit %s"""
# Purpose: one page of the attempts of a map's items that ended, or of those of one item. Index: events_pkey.
_ITEMS = f"""select {HEADS} from events
where execution_id = %(execution_id)s and sequence > %(after)s and node = %(node)s and type in (18, 23, 24)
  and frame_index >= 0 and (%(item)s::int is null or frame_index = %(item)s)
order by sequence limit %(count_max)s"""
# Purpose: one page of checkpoints, of all nodes or of one with its items; those that are too large without what they
# hold. Index: events_pkey.
_CHECKPOINTS = f"""select {EVENT_COLUMNS.replace("payload", "case when is_whole then payload end")}, size, found_count
from (
  select *, count(*) over () as found_count, coalesce(sum(case when is_whole then size end)
      over (order by sequence rows between unbounded preceding and 1 preceding), 0) as bytes_before
  from (select *, {SIZE} as size, {SIZE} <= %(bytes_max)s as is_whole
        from events where execution_id = %(execution_id)s and sequence > %(after)s
          and case when %(node)s::int is null then type in (8, 30) else node = %(node)s and type in (8, 23, 30) end
        order by sequence limit %(count_max)s) page) sized
where bytes_before < {limits.PAYLOAD_BYTES_MAX} order by sequence"""
# Purpose: the last change of status up to a sequence. Index: events_pkey.
_STATUS = """select type from events
where execution_id = %s and sequence <= %s and type in (14, 15, 16, 17) order by sequence desc limit 1"""

_USAGE_LOT = 5_000
"""Reports that are read at once: they take no longer than other calls may wait."""


class Head(NamedTuple):
    """An event without its payload."""

    event: Event
    implies_start: bool
    """Whether it takes two sequences: see `Event`."""


class Views:
    """Statements on events for those who look at one execution."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outline(self, execution_id: str) -> list[Head]:
        """The recorded events in order but for frames, items and reports."""
        id = UUID(execution_id)
        rows = await self._database.fetch_all(_OUTLINE, (id,))
        return [Head(await event_of(self._database, id, row), row[-1]) for row in rows]

    async def events_of_node(self, execution_id: str, node: int, after: int, count_max: int) -> list[Event]:
        """Events of a node after a sequence, implied starts put in, without payloads but those of reports.

        At least `count_max` when there are so many.
        """
        id = UUID(execution_id)
        rows = await self._database.fetch_all(_OF_NODE, (id, node, after, count_max))
        events: list[Event] = []
        for row in rows:
            event = await event_of(self._database, id, row)
            if row[-1] and event.sequence - 1 > after:
                events.append(implied_start(event))
            events.append(event)
        return events

    async def tallies(self, execution_id: str) -> dict[tuple[int, EventType], int]:
        """Number of ITEM_SUCCEEDED, ITEM_FAILED and NODE_REPORTED events by node; those without any are left out."""
        rows = await self._database.fetch_all(_TALLIES, (UUID(execution_id),))
        return {(node, EventType(kind)): count for node, kind, count in rows}

    async def progress(self, execution_id: str) -> dict[int, bytes]:
        """The newest report of progress by node, a serialized penstock.v1.NodeReport."""
        id = UUID(execution_id)
        rows = await self._database.fetch_all(_PROGRESS, (id,))
        return {
            node: await opened(self._database, bytes(payload), id.bytes, event_place(sequence))
            for node, payload, sequence in rows
        }

    async def usage(self, execution_id: str) -> AsyncIterator[list[tuple[int, bytes]]]:
        """What nodes used, lot by lot: (node, serialized penstock.v1.NodeReport)."""
        after = 0
        while True:
            rows = await self._database.fetch_all(_USAGE, (UUID(execution_id), after, _USAGE_LOT))
            if rows:
                yield [(node, bytes(payload)) for _, node, payload in rows]
                after = rows[-1][0]
            if len(rows) < _USAGE_LOT:
                return

    async def items(self, execution_id: str, node: int, item: int | None, after: int, count_max: int) -> list[Event]:
        """Ends of attempts of a map's items after a sequence, of all or of one item, without payloads."""
        parameters = {
            "execution_id": UUID(execution_id),
            "node": node,
            "item": item,
            "after": after,
            "count_max": count_max,
        }
        return await events_of(self._database, UUID(execution_id), await self._database.fetch_all(_ITEMS, parameters))

    async def checkpoints(
        self, execution_id: str, node: int | None, after: int, bytes_max: int, count_max: int
    ) -> tuple[list[Cut], bool]:
        """Checkpoints after a sequence, of all nodes or of one and its items, and whether there are more of them.

        Those of more than `bytes_max` bytes have no payload. At most `count_max`, and no more than one beyond
        PAYLOAD_BYTES_MAX of payloads.
        """
        parameters = {
            "execution_id": UUID(execution_id),
            "node": node,
            "after": after,
            "bytes_max": bytes_max,
            "count_max": count_max + 1,
        }
        rows = await self._database.fetch_all(_CHECKPOINTS, parameters)
        has_more = bool(rows) and rows[0][-1] > min(len(rows), count_max)
        events = await events_of(self._database, UUID(execution_id), rows[:count_max])
        return [Cut(event, row[-2]) for event, row in zip(events, rows, strict=False)], has_more

    async def status_up_to(self, execution_id: str, sequence: int) -> ExecutionStatus:
        """Where an execution that runs stood after a sequence."""
        row = await self._database.fetch_one(_STATUS, (UUID(execution_id), sequence))
        return ExecutionStatus.RUNNING if row is None else MOVE_STATUS[EventType(row[0])]
