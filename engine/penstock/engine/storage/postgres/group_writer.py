"""Commits one group of journal entries in one statement: one round trip, one transaction, one fsync."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType
from penstock.engine.storage.failures import encode_failure
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.postgres import binary
from penstock.engine.storage.postgres.database import CONNECT_OPTIONS
from penstock.engine.storage.records import END_STATUS, Acceptance, Lease

# Purpose: commit a group. Locks: the lease row, shared, so that a take-over waits for this transaction and
# this transaction sees a take-over that came first; then the rows of executions that end. Index: executions_pkey.
# Events and acceptances that are there already are skipped: the group is sent again when the connection
# broke before the answer.
_FENCE = "with fence as (select 1 from leases where lease_id = %b and epoch = %b for share)"
_RECORD = """, recorded as (
  insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time, start_time,
                      payload, failure, reason)
  select r.* from unnest(%b::uuid[], %b::int[], %b::smallint[], %b::smallint[], %b::smallint[], %b::smallint[],
                         %b::int[], %b::timestamptz[], %b::timestamptz[], %b::bytea[], %b::bytea[], %b::text[]) r,
                fence
  on conflict do nothing)"""
_ACCEPT = """, accepted as (
  insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id, create_time,
                          start_time, last_sequence, labels, input)
  select a.id, a.account, a.flow, a.graph_id, a.version, a.mode, a.status, %b::uuid, a.created, a.started,
         a.sequence, a.labels, a.input
  from unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::int[], %b::smallint[], %b::smallint[],
              %b::timestamptz[], %b::timestamptz[], %b::int[], %b::jsonb[], %b::bytea[])
       a(id, account, flow, graph_id, version, mode, status, created, started, sequence, labels, input), fence
  on conflict do nothing)"""
_MOVE = """, moved as (
  update executions e
  set status = m.status, last_sequence = m.sequence, attempt_count = m.attempts,
      start_time = coalesce(e.start_time, m.started), complete_time = m.completed,
      failure_class = nullif(m.failure_class, 0), failure = m.failure, cancel_reason = m.reason
  from unnest(%b::uuid[], %b::smallint[], %b::int[], %b::int[], %b::timestamptz[], %b::timestamptz[],
              %b::smallint[], %b::bytea[], %b::text[])
       m(id, status, sequence, attempts, started, completed, failure_class, failure, reason), fence
  where e.execution_id = m.id)"""
_RESULT = " select 1 from fence"

# Without these the plan of the update flips to a scan of the whole table while its statistics are stale.
_SETTINGS = (
    "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off;"
    "set plan_cache_mode = force_generic_plan"
)


class PostgresGroupWriter:
    """Owns one connection and opens it again when it broke."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._cursor: psycopg.AsyncCursor[Any] | None = None

    async def open(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo, application_name="penstock journal", **CONNECT_OPTIONS
        )
        try:
            await connection.execute(_SETTINGS, prepare=False)
        except BaseException:
            await connection.close()
            raise
        binary.register(connection)
        self._connection = connection
        self._cursor = connection.cursor(binary=True)

    async def close(self) -> None:
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            await connection.close()

    async def write(self, entries: Sequence[Entry], lease: Lease) -> None:
        """See `GroupWriter.write`."""
        sql, parameters = _statement(entries, lease)
        try:
            if self._cursor is None:
                await self.open()
            assert self._cursor is not None
            await self._cursor.execute(sql, parameters, prepare=True)
            is_held = await self._cursor.fetchone() is not None
        except psycopg.OperationalError as error:
            # Serialization failures (40001) are OperationalErrors too: the group is sent again.
            if self._connection is None or self._connection.broken or self._connection.closed:
                await self.close()
            raise StoreUnavailable(str(error).strip()) from error
        if not is_held:
            raise LeaseLost("another process has taken over this process's executions")


def _statement(entries: Sequence[Entry], lease: Lease) -> tuple[str, list[Any]]:
    recorded: list[tuple[bytes, Event]] = []
    accepted: list[tuple[Acceptance, Sequence[Event]]] = []
    moved: list[tuple[bytes, Event]] = []
    for entry in entries:
        if entry.acceptance is not None:
            accepted.append((entry.acceptance, entry.events))
            continue
        for event in entry.events:
            if event.type in TERMINAL_EVENTS or event.type is EventType.EXECUTION_STARTED:
                moved.append((entry.execution_id, event))
            else:
                recorded.append((entry.execution_id, event))
    sql = _FENCE
    parameters: list[Any] = [lease.lease_id, lease.epoch]
    if recorded:
        sql += _RECORD
        parameters += _event_columns(recorded)
    if accepted:
        sql += _ACCEPT
        parameters.append(lease.lease_id)
        parameters += acceptance_columns(accepted)
    if moved:
        sql += _MOVE
        parameters += _move_columns(moved)
    return sql + _RESULT, parameters


def _event_columns(rows: list[tuple[bytes, Event]]) -> list[Any]:
    events = [event for _, event in rows]
    return [
        binary.uuids([execution_id for execution_id, _ in rows]),
        binary.int4s([event[0] for event in events]),
        binary.int2s([event[1] for event in events]),
        binary.int2s([event[3] for event in events]),
        binary.int2s([event[4] for event in events]),
        binary.int2s([event[7] for event in events]),
        binary.int4s([event[8] for event in events]),
        binary.times([event[2] for event in events]),
        binary.times([event[5] for event in events]),
        binary.byteas([event[6] for event in events]),
        binary.byteas([None if event[9] is None else encode_failure(event[9]) for event in events]),
        binary.texts([event[10] for event in events]),
    ]


def acceptance_columns(rows: Sequence[tuple[Acceptance, Sequence[Event]]]) -> list[Any]:
    """Columns of executions; the events of each are the acceptance and, when it runs at once, the start."""
    acceptances = [acceptance for acceptance, _ in rows]
    return [
        binary.uuids([a.execution_id for a in acceptances]),
        binary.texts([a.account for a in acceptances]),
        binary.texts([a.flow for a in acceptances]),
        binary.texts([a.graph_id for a in acceptances]),
        binary.int4s([a.version for a in acceptances]),
        binary.int2s([a.mode for a in acceptances]),
        binary.int2s([len(events) for _, events in rows]),
        binary.times([events[0].time_us for _, events in rows]),
        binary.times([events[1].time_us if len(events) > 1 else 0 for _, events in rows]),
        binary.int4s([len(events) for _, events in rows]),
        binary.jsonbs([a.labels for a in acceptances]),
        binary.byteas([a.input for a in acceptances]),
    ]


def _move_columns(rows: list[tuple[bytes, Event]]) -> list[Any]:
    events = [event for _, event in rows]
    return [
        binary.uuids([execution_id for execution_id, _ in rows]),
        binary.int2s([END_STATUS.get(event.type, 2) for event in events]),
        binary.int4s([event.sequence for event in events]),
        binary.int4s([event.attempt for event in events]),
        binary.times([event.time_us if event.type is EventType.EXECUTION_STARTED else 0 for event in events]),
        binary.times([event.time_us if event.type in END_STATUS else 0 for event in events]),
        binary.int2s([event.failure.failure_class if event.failure else 0 for event in events]),
        binary.byteas([None if event.failure is None else encode_failure(event.failure) for event in events]),
        binary.texts([event.reason for event in events]),
    ]
