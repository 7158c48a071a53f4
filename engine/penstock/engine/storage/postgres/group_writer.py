"""Commits one group of journal entries in one statement: one round trip, one transaction, one fsync."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import psycopg
from psycopg.pq.abc import PGresult

from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.postgres import journal_rows
from penstock.engine.storage.postgres.journal_rows import MOVE_STATUS
from penstock.engine.storage.postgres.link import Link
from penstock.engine.storage.records import Acceptance, Lease, SearchValue

# Purpose: commit a group. Locks: the lease row, shared, so that a take-over waits for this transaction and
# this transaction sees a take-over that came first; then the rows of executions that end. Index: executions_pkey.
_FENCE = """with fence as (
  select lease_id, pg_current_xact_id()::text::bigint as xid from leases
  where lease_id = $1 and epoch = $2 for share)"""
_RECORD = """, recorded as (
  insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time, start_time,
                      payload, failure, reason, detail, xid)
  select r.*, fence.xid from unnest({}::journal_event[]) r, fence{})"""
_ACCEPT = """, accepted as (
  insert into executions (lease_id, execution_id, status, last_sequence, create_time, start_time, input, labels,
                          account, flow, graph_id, version, mode, options, parent_id, parent_node, webhook_time,
                          create_xid)
  select fence.lease_id, a.*, fence.xid from unnest({}::journal_acceptance[]) a, fence{})"""
_MOVE = """, moved as (
  update executions e
  set move_xid = fence.xid, status = m.status, last_sequence = m.last_sequence, attempt_count = m.attempt_count,
      start_xid = case when e.start_time is null and m.start_time is not null then fence.xid else e.start_xid end,
      start_time = coalesce(e.start_time, m.start_time), complete_time = m.complete_time,
      failure_class = m.failure_class, failure = m.failure, cancel_reason = m.cancel_reason,
      webhook_time = case when e.webhook_time is not null then coalesce(m.complete_time, e.webhook_time) end
  from unnest({}::journal_move[]) m, fence
  where e.execution_id = m.execution_id{})"""
_VALUE = """, valued as (
  insert into search_values (execution_id, path, account, text_value, number_value)
  select v.execution_id, v.path, v.account, v.text_value, v.number_value::numeric
  from unnest({}::journal_value[]) v, fence{})"""
_RESULT = " select 1 from fence"
# For a group that is sent again because its answer got lost: rows that are there already are skipped. Not for all,
# because it makes each row an eighth longer in the log of the database.
_AGAIN = " on conflict do nothing"
# Purpose: the numbers that this database has given to the types of rows.
_TYPES = """select 'journal_event'::regtype::oid, 'journal_acceptance'::regtype::oid,
  'journal_move'::regtype::oid, 'journal_value'::regtype::oid"""

# Without these the plan of the update flips to a scan of the whole table while its statistics are stale.
_SETTINGS = (
    "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off;"
    "set plan_cache_mode = force_generic_plan"
)


_STARTED = EventType.EXECUTION_STARTED


class PostgresGroupWriter:
    """Owns one connection and opens it again when it broke."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._link: Link | None = None
        self._types = (0, 0, 0, 0)

    async def open(self) -> None:
        link = await Link.open(self._conninfo, _SETTINGS)
        try:
            row = await link.run(b"types", _TYPES.encode(), ())
        except BaseException:
            await link.close()
            raise
        self._types = (_oid(row, 0), _oid(row, 1), _oid(row, 2), _oid(row, 3))
        self._link = link

    async def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def write(self, entries: Sequence[Entry], lease: Lease, *, again: bool = False) -> None:
        """See `GroupWriter.write`."""
        try:
            if self._link is None:
                await self.open()
            assert self._link is not None
            name, sql, parameters = self._statement(entries, lease, again)
            is_held = (await self._link.run(name, sql, parameters)).ntuples == 1
        except psycopg.OperationalError as error:
            # Serialization failures (40001) are OperationalErrors too: the group is sent again.
            if self._link is None or self._link.is_broken:
                await self.close()
            raise StoreUnavailable(str(error).strip()) from error
        if not is_held:
            raise LeaseLost("another process has taken over this process's executions")

    def _statement(self, entries: Sequence[Entry], lease: Lease, again: bool) -> tuple[bytes, bytes, list[bytes]]:
        """Name, text and parameters of the statement for what is among the entries."""
        recorded: list[tuple[bytes, Event]] = []
        accepted: list[tuple[Acceptance, Sequence[Event]]] = []
        moved: list[tuple[bytes, Event | None, Event]] = []
        valued: list[tuple[bytes, SearchValue]] = []
        for execution_id, events, acceptance, _, values, data_key in entries:
            if data_key is not None:
                events = data_key.seal_events(execution_id, events)
                acceptance = None if acceptance is None else data_key.seal_acceptance(acceptance)
            if values:
                valued.extend((execution_id, value) for value in values)
            if acceptance is not None:
                accepted.append((acceptance, events))
                recorded.extend((execution_id, event) for event in events[2:])
                continue
            start = last = None
            for event in events:
                kind = event.type
                if kind in MOVE_STATUS:
                    last = event
                    if kind is _STARTED:
                        start = event
                        continue
                    if kind in TERMINAL_EVENTS:
                        continue
                recorded.append((execution_id, event))
            if last is not None:
                moved.append((execution_id, start, last))
        event_type, acceptance_type, move_type, value_type = self._types
        parameters = [lease.lease_id.bytes, lease.epoch.to_bytes(4, "big")]
        if recorded:
            parameters.append(journal_rows.events(event_type, recorded))
        if accepted:
            parameters.append(journal_rows.acceptances(acceptance_type, accepted))
        if moved:
            parameters.append(journal_rows.moves(move_type, moved))
        if valued:
            parameters.append(journal_rows.values(value_type, valued))
        name, sql = _STATEMENTS[bool(recorded), bool(accepted), bool(moved), bool(valued), again]
        return name, sql, parameters


def _oid(row: PGresult, column: int) -> int:
    value = row.get_value(0, column)
    assert value is not None
    return int.from_bytes(value, "big")


def _compose(records: bool, accepts: bool, moves: bool, values: bool, again: bool) -> tuple[bytes, bytes]:
    """Name and text of the statement for a group that has such rows."""
    skip = _AGAIN if again else ""
    parts = (
        [(_RECORD, skip)] * records + [(_ACCEPT, skip)] * accepts + [(_MOVE, "")] * moves + [(_VALUE, skip)] * values
    )
    sql = _FENCE + "".join(part.format(f"${number}", rest) for number, (part, rest) in enumerate(parts, 3)) + _RESULT
    return f"group {records:d}{accepts:d}{moves:d}{values:d}{again:d}".encode(), sql.encode()


_STATEMENTS = {has: _compose(*has) for has in product((False, True), repeat=5)}
