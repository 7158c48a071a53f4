"""Reads pauses: what executions waited for, what was decided, and what they have to decide on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from penstock.engine.domain.event import Event
from penstock.engine.storage.data_keys import INPUT
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import EXECUTION_COLUMNS, execution_row
from penstock.engine.storage.postgres.payloads import EVENT_COLUMNS, shown, shown_event_of
from penstock.engine.storage.records import ExecutionRow

# Purpose: a lot of executions of an account in which a pause may be open, oldest first. Index:
# executions_not_completed, once a status and merged.
_MAY_BE_OPEN = " union all ".join(
    f"""(select execution_id from executions
where account = %(account)s and status = {status} and execution_id >= %(first)s
order by execution_id limit %(count_max)s)"""
    for status in (2, 7, 8)
)
_MAY_BE_OPEN += " order by execution_id limit %(count_max)s"
# Purpose: what executions waited for and what was decided. Index: events_waits.
_WAITS = f"""select execution_id, {EVENT_COLUMNS} from events
where execution_id = any(%s::uuid[]) and type in (19, 21) order by execution_id, sequence"""
# Purpose: which of some waits ended without a decision: their node was cancelled. Index: events_pkey.
_GIVEN_UP = """select wait_id, wait_sequence
from unnest(%s::uuid[], %s::int[], %s::smallint[]) w(wait_id, wait_sequence, wait_node)
where exists (select 1 from events where execution_id = wait_id and sequence > wait_sequence and node = wait_node
  and type = 11)"""
# Purpose: the outputs of some nodes, made here or taken over, as they stood when a pause began. Index: events_pkey.
_BEFORE = f"""select wait_id, wait_sequence, {EVENT_COLUMNS}
from unnest(%s::uuid[], %s::int[], %s::smallint[]) w(wait_id, wait_sequence, source)
join events on execution_id = wait_id and sequence < wait_sequence and node = source and type in (8, 30)"""
# Purpose: events at some sequences. Index: events_pkey.
_AT = f"""select wait_id, {EVENT_COLUMNS} from unnest(%s::uuid[], %s::int[]) w(wait_id, wait_sequence)
join events on execution_id = wait_id and sequence = wait_sequence"""
# Purpose: one event. Index: events_pkey.
_EVENT = f"select {EVENT_COLUMNS} from events where execution_id = %s and sequence = %s"
# Purpose: executions with their inputs. Index: executions_pkey.
_EXECUTIONS = f"select {EXECUTION_COLUMNS}, e.input from executions e where e.execution_id = any(%s::uuid[])"


class Place(NamedTuple):
    """The event that a pause began with. Where a node matters it is that of the pause, or one before it."""

    execution_id: str
    sequence: int
    node: int = -1


class Pauses:
    """Statements on the events of pauses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def may_be_open(self, account: str, first: str, count_max: int) -> list[str]:
        """Executions from `first` on that have not ended and may wait for a person, oldest first."""
        parameters = {"account": account, "first": UUID(first), "count_max": count_max}
        return [row[0].hex for row in await self._database.fetch_all(_MAY_BE_OPEN, parameters)]

    async def waits(self, execution_ids: Sequence[str]) -> Mapping[str, list[Event]]:
        """The waits and decisions of each execution, in order."""
        found: dict[str, list[Event]] = {execution_id: [] for execution_id in execution_ids}
        for row in await self._database.fetch_all(_WAITS, ([UUID(one) for one in execution_ids],)):
            found[row[0].hex].append(await shown_event_of(self._database, row[0], row[1:]))
        return found

    async def given_up(self, places: Sequence[Place]) -> set[tuple[str, int]]:
        """Execution and sequence of the waits that ended without a decision."""
        rows = await self._database.fetch_all(_GIVEN_UP, _columns(places))
        return {(row[0].hex, row[1]) for row in rows}

    async def outputs_before(self, places: Sequence[Place]) -> Mapping[tuple[str, int], list[Event]]:
        """The checkpoints of the nodes of `places`, by execution and sequence of the wait."""
        found: dict[tuple[str, int], list[Event]] = defaultdict(list)
        for row in await self._database.fetch_all(_BEFORE, _columns(places)):
            found[row[0].hex, row[1]].append(await shown_event_of(self._database, row[0], row[2:]))
        return found

    async def events_at(self, places: Sequence[Place]) -> Mapping[tuple[str, int], Event]:
        """The events at the sequences of `places`, by execution and sequence."""
        ids, sequences, _ = _columns(places)
        rows = await self._database.fetch_all(_AT, (ids, sequences))
        return {(row[0].hex, row[1]): await shown_event_of(self._database, row[0], row[1:]) for row in rows}

    async def event(self, execution_id: str, sequence: int) -> Event | None:
        id = UUID(execution_id)
        row = await self._database.fetch_one(_EVENT, (id, sequence))
        return None if row is None else await shown_event_of(self._database, id, row)

    async def executions(self, execution_ids: Sequence[str]) -> Mapping[str, tuple[ExecutionRow, bytes | None]]:
        """Executions and their inputs; None for one that does not open."""
        rows = await self._database.fetch_all(_EXECUTIONS, ([UUID(one) for one in execution_ids],))
        return {
            row[0].hex: (execution_row(row[:-1]), await shown(self._database, bytes(row[-1]), row[0].bytes, INPUT))
            for row in rows
        }


def _columns(places: Sequence[Place]) -> tuple[list[UUID], list[int], list[int]]:
    return (
        [UUID(place.execution_id) for place in places],
        [place.sequence for place in places],
        [place.node for place in places],
    )
