"""Reads executions and their events; accepts those that carry a request id."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import LeaseLost
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.data_keys import INPUT, DataKey, event_place
from penstock.engine.storage.details import encode_detail
from penstock.engine.storage.failures import decode_failure
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.journal_rows import status_after
from penstock.engine.storage.postgres.payloads import EVENT_COLUMNS, event_of, events_of, opened
from penstock.engine.storage.records import Acceptance, ExecutionRow, Lease, Parent, Progress, RequestKey, SearchValue

LIVE_STATUSES = ", ".join(str(int(status)) for status in ExecutionStatus if not status.is_terminal)
"""Numbers of the statuses of executions that have not ended, for SQL."""
EXECUTION_COLUMNS = """e.execution_id, e.account, e.flow, e.graph_id, e.version, e.mode, e.status, e.lease_id,
e.create_time, e.start_time, e.complete_time, e.last_sequence, e.attempt_count, e.failure,
e.cancel_reason, e.labels, e.options, e.parent_id, e.parent_node"""

# Events that tell of an attempt: its start, or an end that holds it; not those of items.
_ATTEMPT = "(type = 7 or (start_time is not null and (type = 8 or (type in (9, 10, 11, 18, 27) and frame_index < 0))))"

# Purpose: one execution. Index: executions_pkey.
_GET = f"select {EXECUTION_COLUMNS} from executions e where e.execution_id = %s and e.account = %s"
# Purpose: the input of one execution. Index: executions_pkey.
_INPUT = "select input from executions where execution_id = %s"
# Purpose: one page of events. Index: events_pkey.
_EVENTS = f"""select {EVENT_COLUMNS}, found_count from (
  select *, count(*) over () as found_count,
    coalesce(sum(octet_length(payload)) over (order by sequence rows between unbounded preceding and 1 preceding), 0)
      as bytes_before
  from (select * from events where execution_id = %s and sequence > %s order by sequence limit %s) page) sized
where bytes_before < {limits.PAYLOAD_BYTES_MAX} order by sequence"""
# Purpose: one page of events for those who look at no payloads but those of reports. Index: events_pkey.
_EVENT_HEADS = f"""select {EVENT_COLUMNS.replace("payload", "case when type = 29 then payload end")} from events
where execution_id = %s and sequence > %s order by sequence limit %s"""
# Purpose: the checkpoint of one node. Index: events_pkey.
_CHECKPOINT = f"""select {EVENT_COLUMNS} from events
where execution_id = %s and type in ({EventType.NODE_SUCCEEDED:d}, {EventType.NODE_RECOVERED:d}) and node = %s
order by sequence desc limit 1"""
# Purpose: what resume folds: the events of many executions but the payloads of their frames, of which only the
# last counts. Index: events_pkey.
_LOGS = f"""select execution_id, {EVENT_COLUMNS.replace("payload", "case when type <> 12 then payload end")}
from events where execution_id = any(%s::uuid[]) order by execution_id, sequence"""
# Purpose: how far executions that have not ended are. Index: events_pkey.
_PROGRESS = f"""select execution_id, max(sequence), max(event_time),
count(distinct (node, attempt)) filter (where {_ATTEMPT})
from events where execution_id = any(%s::uuid[]) group by execution_id"""
# Purpose: number of attempts up to a sequence. Index: events_pkey.
_ATTEMPTS_UP_TO = f"""select count(distinct (node, attempt)) from events
where execution_id = %s and sequence <= %s and {_ATTEMPT}"""
# Purpose: number of frames of an execution up to a sequence that were not rolled back up to there: frames of a
# pipeline, or the output of the terminal node. Index: events_pkey.
_FRAMES_OF_PIPELINE = """select frame_index + (type = 12)::int from events
where execution_id = %s and sequence <= %s and type in (12, 28) order by sequence desc limit 1"""
_FRAMES_OF_UNARY = """select count(*) from events
where execution_id = %s and sequence <= %s and type = 8 and node = %s"""
# Purpose: a frame by its index: the last one that got it, after those that were rolled back. Index: events_pkey.
_FRAME = """select payload, sequence from events
where execution_id = %s and type = 12 and frame_index = %s order by sequence desc limit 1"""
# Purpose: accept once for a request id; a request id older than its life is free again. Locks: the lease row,
# shared (see the journal's fence), and the request id. Index: request_ids_pkey, executions_pkey.
_ACCEPT_ONCE = """with fence as (select 1 from leases where lease_id = %(lease_id)s and epoch = %(epoch)s for share),
claimed as (
  insert into request_ids (account, request_id, fingerprint, execution_id, create_time)
  select %(account)s, %(request_id)s, %(fingerprint)s, %(execution_id)s, %(created)s from fence
  on conflict (account, request_id) do update
    set fingerprint = excluded.fingerprint, execution_id = excluded.execution_id, create_time = excluded.create_time
    where request_ids.create_time < excluded.create_time - make_interval(secs => %(life_s)s)
  returning execution_id),
accepted as (
  insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id, create_time,
                          start_time, last_sequence, labels, input, options, webhook_time, create_xid)
  select execution_id, %(account)s, %(flow)s, %(graph_id)s, %(version)s, %(mode)s, %(status)s, %(lease_id)s,
         %(created)s, %(started)s, %(sequence)s, %(labels)s::jsonb, %(input)s, %(options)s, %(webhook)s::timestamptz,
         pg_current_xact_id()::text::bigint
  from claimed),
recorded as (
  insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time, payload, detail,
                      xid)
  select c.execution_id, r.*, pg_current_xact_id()::text::bigint from claimed c,
    unnest(%(sequences)s::int[], %(types)s::smallint[], %(nodes)s::smallint[], %(attempts)s::smallint[],
           %(branches)s::smallint[], %(frames)s::int[], %(times)s::timestamptz[], %(payloads)s::bytea[],
           %(details)s::bytea[]) r){}
select (select count(*) from fence), (select count(*) from claimed)"""
_VALUED = """,
valued as (
  insert into search_values (execution_id, account, path, text_value, number_value)
  select c.execution_id, v.* from claimed c,
    unnest(%(accounts)s::text[], %(paths)s::text[], %(texts)s::text[], %(numbers)s::numeric[]) v)"""
_ACCEPT_ONCE_VALUED = _ACCEPT_ONCE.format(_VALUED)
_ACCEPT_ONCE = _ACCEPT_ONCE.format("")
# Purpose: what a request id stands for. Index: request_ids_pkey.
_REQUEST = "select fingerprint, execution_id from request_ids where account = %s and request_id = %s"


class Executions:
    """Statements on executions and events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, execution_id: str, account: str) -> ExecutionRow | None:
        row = await self._database.fetch_one(_GET, (UUID(execution_id), account))
        return None if row is None else execution_row(row)

    async def input(self, execution_id: str) -> bytes:
        row = await self._database.fetch_one(_INPUT, (UUID(execution_id),))
        return b"" if row is None else await self.opened_input(execution_id, bytes(row[0]))

    async def opened_input(self, execution_id: str, kept: bytes) -> bytes:
        """The input of an execution as its row holds it, as it was. Raises MasterKeyError."""
        return await opened(self._database, kept, bytes.fromhex(execution_id), INPUT)

    async def events(self, execution_id: str, after: int, count_max: int) -> tuple[list[Event], bool]:
        """Recorded events after a sequence, and whether these are all. Implied starts are not expanded.

        At most `count_max`, and no more than one beyond PAYLOAD_BYTES_MAX of payloads.
        """
        id = UUID(execution_id)
        rows = await self._database.fetch_all(_EVENTS, (id, after, count_max))
        is_all = not rows or rows[0][-1] == len(rows) < count_max
        return await events_of(self._database, id, rows), is_all

    async def event_heads(self, execution_id: str, after: int, count_max: int) -> tuple[list[Event], bool]:
        """Like `events`, without payloads but those of reports."""
        id = UUID(execution_id)
        rows = await self._database.fetch_all(_EVENT_HEADS, (id, after, count_max))
        return await events_of(self._database, id, rows), len(rows) < count_max

    async def checkpoint(self, execution_id: str, node: int) -> Event | None:
        id = UUID(execution_id)
        row = await self._database.fetch_one(_CHECKPOINT, (id, node))
        return None if row is None else await event_of(self._database, id, row)

    async def logs(self, execution_ids: Sequence[str]) -> dict[str, list[Event]]:
        """The events of each execution in order, frames without their payload. Raises MasterKeyError."""
        logs: dict[str, list[Event]] = {execution_id: [] for execution_id in execution_ids}
        rows = await self._database.fetch_all(_LOGS, ([UUID(i) for i in execution_ids],))
        for row in rows:
            logs[row[0].hex].append(await event_of(self._database, row[0], row[1:]))
        return logs

    async def progress(self, execution_ids: Sequence[str]) -> dict[str, Progress]:
        """How far executions are by their event rows; those without a row are left out."""
        rows = await self._database.fetch_all(_PROGRESS, ([UUID(i) for i in execution_ids],))
        return {row[0].hex: Progress(row[1], from_time(row[2]) or 0, row[3]) for row in rows}

    async def frames_up_to(self, execution_id: str, sequence: int, unary_terminal: int | None) -> int:
        """Number of frames up to a sequence, but those rolled back. `unary_terminal` is the terminal node, None for
        a pipeline."""
        if unary_terminal is None:
            row = await self._database.fetch_one(_FRAMES_OF_PIPELINE, (UUID(execution_id), sequence))
        else:
            row = await self._database.fetch_one(_FRAMES_OF_UNARY, (UUID(execution_id), sequence, unary_terminal))
        return row[0] if row else 0

    async def frame(self, execution_id: str, index: int) -> bytes | None:
        """A frame of a pipeline that counts; None when there is none."""
        id = UUID(execution_id)
        row = await self._database.fetch_one(_FRAME, (id, index))
        return None if row is None else await opened(self._database, bytes(row[0]), id.bytes, event_place(row[1]))

    async def attempts_up_to(self, execution_id: str, sequence: int) -> int:
        """Number of attempts on record up to a sequence."""
        row = await self._database.fetch_one(_ATTEMPTS_UP_TO, (UUID(execution_id), sequence))
        return row[0] if row else 0

    async def is_used(self, account: str, request_id: str) -> bool:
        """Whether a call with this request id was accepted."""
        return await self._database.fetch_one(_REQUEST, (account, request_id)) is not None

    async def accept_once(
        self,
        acceptance: Acceptance,
        events: Sequence[Event],
        request: RequestKey,
        lease: Lease,
        values: Sequence[SearchValue] = (),
        data_key: DataKey | None = None,
    ) -> tuple[bytes, str] | None:
        """None when it was accepted now; else the fingerprint and execution id that the request id stands for.

        `data_key` seals what flows. Safe to repeat with the same acceptance after an error. Raises LeaseLost as the
        journal does.
        """
        if data_key is not None:
            events = data_key.seal_events(acceptance.execution_id, events)
            acceptance = data_key.seal_acceptance(acceptance)
        parameters = {
            "lease_id": lease.lease_id,
            "epoch": lease.epoch,
            "request_id": request.request_id,
            "fingerprint": request.fingerprint,
            "life_s": limits.REQUEST_ID_LIFE_S,
            "execution_id": UUID(bytes=acceptance.execution_id),
            "account": acceptance.account,
            "flow": acceptance.flow,
            "graph_id": acceptance.graph_id,
            "version": acceptance.version,
            "mode": int(acceptance.mode),
            "status": status_after(events),
            "created": to_time(events[0].time_us),
            "started": to_time(events[1].time_us) if len(events) > 1 else None,
            "sequence": events[-1].sequence,
            "labels": acceptance.labels.decode(),
            "input": acceptance.input,
            "options": acceptance.options,
            "webhook": "infinity" if acceptance.has_webhook else None,
            **_columns(events[2:]),
        }
        if values:
            parameters |= _value_columns(values)
        async with self._database.transaction() as connection:
            row = await (
                await connection.execute(_ACCEPT_ONCE_VALUED if values else _ACCEPT_ONCE, parameters)
            ).fetchone()
            assert row is not None
            if not row[0]:
                raise LeaseLost("another process has taken over this process's executions")
            if row[1]:
                return None
        known = await self._database.fetch_one(_REQUEST, (acceptance.account, request.request_id))
        assert known is not None
        if known[1].bytes == acceptance.execution_id:
            # An earlier try whose answer was lost.
            return None
        return bytes(known[0]), known[1].hex


def _columns(events: Sequence[Event]) -> dict[str, list[Any]]:
    """Events of a step that are rows, by column."""
    return {
        "sequences": [event.sequence for event in events],
        "types": [int(event.type) for event in events],
        "nodes": [event.node for event in events],
        "attempts": [event.attempt for event in events],
        "branches": [event.branch for event in events],
        "frames": [event.frame_index for event in events],
        "times": [to_time(event.time_us) for event in events],
        "payloads": [event.payload for event in events],
        "details": [None if event.detail is None else encode_detail(event.detail) for event in events],
    }


def _value_columns(values: Sequence[SearchValue]) -> dict[str, list[Any]]:
    return {
        "accounts": [value.account for value in values],
        "paths": [value.path for value in values],
        "texts": [value.text for value in values],
        "numbers": [None if value.number is None else Decimal(value.number) for value in values],
    }


def execution_row(row: Row) -> ExecutionRow:
    """Maps EXECUTION_COLUMNS."""
    created = from_time(row[8])
    assert created is not None
    return ExecutionRow(
        execution_id=row[0].hex,
        account=row[1],
        flow=row[2],
        graph_id=row[3],
        version=row[4],
        mode=Mode(row[5]),
        status=ExecutionStatus(row[6]),
        lease_id=row[7],
        create_us=created,
        start_us=from_time(row[9]),
        complete_us=from_time(row[10]),
        last_sequence=row[11],
        attempt_count=row[12],
        failure=None if row[13] is None else decode_failure(bytes(row[13])),
        cancel_reason=row[14],
        labels=row[15],
        options=None if row[16] is None else bytes(row[16]),
        parent=None if row[17] is None else Parent(row[17].bytes, row[18]),
    )
