"""Reads the events of all executions of an account in the order in which they were committed.

That order is the one of transactions, then of executions, then of sequences. What is below the oldest transaction
under way is complete: nothing will come to stand before it any more. So a place in it is a cursor that loses nothing,
whichever process wrote what.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import psycopg

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.domain.event import ATTEMPT_ENDS, STATUS_EVENTS, Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.postgres.database import Database, Row
from penstock.engine.storage.postgres.payloads import EVENT_COLUMNS, shown_event_of
from penstock.engine.storage.records import END_STATUS

log = logging.getLogger(__name__)

_STATUS_AFTER = {
    EventType.EXECUTION_ACCEPTED: ExecutionStatus.QUEUED,
    EventType.EXECUTION_STARTED: ExecutionStatus.RUNNING,
    EventType.EXECUTION_RESUMED: ExecutionStatus.RUNNING,
    **STATUS_EVENTS,
    **END_STATUS,
}


def _case(column: LiteralString, values: Mapping[Any, int]) -> str:
    """SQL: the value that a column stands for, 0 for none."""
    return f"case {column} " + " ".join(f"when {int(key)} then {int(to)}" for key, to in values.items()) + " else 0 end"


_FIRST = f"{EventType.EXECUTION_ACCEPTED:d}::smallint"
_STARTED = f"{EventType.EXECUTION_STARTED:d}::smallint"
_ENDED = _case("status", {status: kind for kind, status in END_STATUS.items()})
_ENDS = ", ".join(str(int(status)) for status in sorted(END_STATUS.values()))
_ENDS_OF_ATTEMPTS = ", ".join(str(int(kind)) for kind in sorted(ATTEMPT_ENDS))
_ROW = """-1::smallint as node, {attempt} as attempt, null::timestamptz as start_time, null::bytea as payload,
    -1::smallint as branch, -1 as frame_index, {failure} as failure, {reason} as reason, null::bytea as detail"""
_ROW_BEGIN = _ROW.format(attempt="0", failure="null::bytea", reason="null::text")
_ROW_END = _ROW.format(attempt="attempt_count", failure="failure", reason="cancel_reason")
_RANGE = ">= %(xid)s::bigint and {0} < (select upto from bound)"
_COLUMNS = EVENT_COLUMNS.replace("payload", "case when type = 29 then payload end as payload")

# Purpose: one page of what is complete. The first events and the last one of an execution are in its own row; one that
# waited for a place has its start in a transaction of its own. Rows of other accounts are dropped by the join: a
# condition on the account beside the range would have the planner read all rows of the account by another index.
# Gives one row at least, for what all of them share.
# Index: events_by_xid, executions_by_create_xid, executions_by_start_xid, executions_by_move_xid, removed_up_to_pkey;
# executions_pkey for each event.
_PAGE = """with bound as materialized (
  select least(pg_snapshot_xmin(s)::text::bigint, %(xid)s::bigint + %(span)s::bigint) as upto,
    pg_snapshot_xmin(s)::text::bigint as complete, pg_snapshot_xmax(s)::text::bigint as begun,
    coalesce((select xid from removed_up_to where account = %(account)s), 0) as removed
  from pg_current_snapshot() s),
recorded as (
  select xid, execution_id, {columns} from events where xid {range_xid}
  union all
  select create_xid, execution_id, 1, {first}, create_time, {row_begin}
  from executions where create_xid {range_create}
  union all
  select create_xid, execution_id, 2, {started}, start_time, {row_begin}
  from executions where create_xid {range_create} and start_time is not null and start_xid is null
  union all
  select start_xid, execution_id, 2, {started}, start_time, {row_begin}
  from executions where start_xid {range_start}
  union all
  select move_xid, execution_id, last_sequence, ({ended})::smallint, complete_time, {row_end}
  from executions where move_xid {range_move} and status in ({ends_of_executions})),
page as (
  select r.*, about.flow, about.graph_id, about.version, about.labels, about.parent_id, about.status
  from recorded r cross join lateral (
    select * from (
      select x.execution_id, x.flow, x.graph_id, x.version, x.mode, x.labels, x.parent_id, x.create_time,
        {status} as status, case when r.node < 0 and r.failure is not null then x.failure_class end as failure_class
      from executions x where x.execution_id = r.execution_id and x.account = %(account)s) e
    where {where}) about
  where (r.xid, r.execution_id, r.sequence) > (%(xid)s::bigint, %(execution_id)s::uuid, %(sequence)s::int)
    and (%(types)s::smallint[] is null or r.type = any(%(types)s::smallint[]))
  order by r.xid, r.execution_id, r.sequence limit %(count_max)s)
select b.upto, b.complete, b.begun, b.removed, p.xid, p.execution_id, p.flow, p.graph_id, p.version, p.labels,
  p.parent_id, p.status, p.type in ({ends}) and p.sequence > 3 and not exists (
    select 1 from events before where before.execution_id = p.execution_id and before.sequence = p.sequence - 1),
  {page_columns}
from bound b left join page p on true order by p.xid, p.execution_id, p.sequence"""
# Without these a plan may read whole tables while their statistics are stale, or start workers that cost more than the
# rows.
_SETTINGS = """select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
  set_config('max_parallel_workers_per_gather', '0', true)"""
# Purpose: have what was written lately found by its transactions; Postgres does it by itself within a minute or so.
# Locks: the tables, against being vacuumed: not waited for, since whoever vacuums would give way.
_SUMMARIZE = """select brin_summarize_new_values('events_by_xid'),
  brin_summarize_new_values('executions_by_create_xid'), brin_summarize_new_values('executions_by_move_xid')"""
_NO_WAIT = "set local lock_timeout = '50ms'"
# Purpose: where somebody begins who wants only what is still to come.
_NOW = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


class Place(NamedTuple):
    """Behind which event somebody has read. Places are ordered as the events are."""

    xid: int
    execution_id: str
    """32 hex digits."""
    sequence: int


BEGINNING = Place(0, "0" * 32, 0)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event, and of its execution what does not change."""

    place: Place
    event: Event
    implies_start: bool
    """Whether it takes two sequences: see `Event`."""
    flow: str
    graph_id: str
    version: int
    labels: Mapping[str, str]
    parent_id: str
    """"" for none."""
    status: ExecutionStatus | None
    """Where the event led its execution; None when it led nowhere else."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a read found. `upto` is the transaction before which nothing else is left when the page is not full."""

    recorded: Sequence[Recorded]
    upto: int
    complete: int
    """The oldest transaction that was under way."""
    begun: int
    """The first one that had not begun."""
    removed: int
    """The newest one of which something was removed; 0 for none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events. `where` is SQL over `parameters` from `filter_sql`, "" for no filter; `types` None means all."""

    account: str
    where: str = ""
    parameters: tuple[Any, ...] = ()
    types: tuple[EventType, ...] | None = None


class CommitOrder:
    """Statements that read by transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> Place:
        """Behind everything that is complete."""
        row = await self._database.fetch_one(_NOW)
        assert row is not None
        return Place(row[0], BEGINNING.execution_id, 0)

    async def page(self, choice: Choice, after: Place, span: int, count_max: int) -> Page:
        """At most `count_max` events after a place, of at most `span` transactions."""
        where, extra = _named(choice)
        parameters = {
            **extra,
            "account": choice.account,
            "xid": after.xid,
            "execution_id": UUID(after.execution_id),
            "sequence": after.sequence,
            "span": span,
            "types": None if choice.types is None else [int(kind) for kind in choice.types],
            "count_max": count_max,
        }
        async with self._database.transaction() as connection:
            await connection.execute(_SETTINGS)
            cursor = await connection.execute(_statement(where).encode(), parameters, binary=True)
            rows: list[Row] = await cursor.fetchall()
        upto, complete, begun, removed = rows[0][:4]
        recorded = [await self._recorded(row[4:]) for row in rows if row[4] is not None]
        return Page(recorded, upto, complete, begun, removed)

    async def _recorded(self, row: Row) -> Recorded:
        event = await shown_event_of(self._database, row[1], row[9:])
        return Recorded(
            place=Place(row[0], row[1].hex, event.sequence),
            event=event,
            implies_start=row[8],
            flow=row[2],
            graph_id=row[3],
            version=row[4],
            labels=row[5],
            parent_id="" if row[6] is None else row[6].hex,
            status=ExecutionStatus(row[7]) if row[7] else None,
        )

    async def summarize(self) -> None:
        """Keeps reading cheap while much is written. Done by somebody else when it cannot be done at once."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute(_NO_WAIT)
                await connection.execute(_SUMMARIZE)
        except (StoreUnavailable, psycopg.Error) as error:
            log.debug("indexes are not summarized", extra={"action": "summarize_left", "error": str(error)})


def _named(choice: Choice) -> tuple[str, dict[str, Any]]:
    """The filter with names for its parameters, as the rest of the statement has them."""
    if not choice.where:
        return "true", {}
    pieces = choice.where.split("%s")
    names = [f"filter_{number}" for number in range(len(choice.parameters))]
    text = pieces[0] + "".join(f"%({name})s{piece}" for name, piece in zip(names, pieces[1:], strict=True))
    return text, dict(zip(names, choice.parameters, strict=True))


def _statement(where: str) -> str:
    ranges = {f"range_{name}": _RANGE.format(column) for name, column in _RANGED.items()}
    return _PAGE.format(
        columns=_COLUMNS,
        first=_FIRST,
        started=_STARTED,
        ended=_ENDED,
        row_begin=_ROW_BEGIN,
        row_end=_ROW_END,
        status=_case("r.type", _STATUS_AFTER),
        ends=_ENDS_OF_ATTEMPTS,
        ends_of_executions=_ENDS,
        page_columns=", ".join(f"p.{name.strip()}" for name in EVENT_COLUMNS.split(",")),
        where=where,
        **ranges,
    )


_RANGED = {"xid": "xid", "create": "create_xid", "start": "start_xid", "move": "move_xid"}
