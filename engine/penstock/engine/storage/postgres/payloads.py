"""Payloads as rows hold them, and as everybody else sees them: what is sealed is opened here, wherever it is read.

A statement may give many rows of different executions. Where one that does not open must not keep the others from being
seen, `shown` and `shown_event_of` leave its payload out.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from penstock.engine.domain.event import Event, EventType
from penstock.engine.storage.data_keys import (
    MARK,
    OVERHEAD_BYTES,
    event_place,
    hint_of,
    is_sealed,
    key_id_of,
    sealed_of_text,
)
from penstock.engine.storage.details import decode_detail
from penstock.engine.storage.failures import decode_failure
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.engine.storage.postgres.database import Database, Row, from_time
from penstock.wire.gen.event_pb2 import NodeLog, NodeProgress, NodeReport

EVENT_COLUMNS = """sequence, type, event_time, node, attempt, start_time, payload, branch, frame_index, failure,
reason, detail"""
SIZE = rf"""(octet_length(payload)
  - case when substring(payload from 1 for 1) = '\x{MARK.hex()}' then {OVERHEAD_BYTES} else 0 end)"""
"""SQL: the size of a payload that is not sealed."""

_PROGRESS = b"\x12"


def begins_with(tag: str) -> str:
    r"""SQL: whether a report begins with a byte such as '0a', sealed or not."""
    return rf"(substring(payload from 1 for 1) = '\x{tag}' or substring(payload from 1 for 2) = '\x{MARK.hex()}{tag}')"


async def opened(database: Database, kept: bytes, owner: bytes, place: bytes) -> bytes:
    """A payload as it was. Raises MasterKeyError when no key of this process opens it."""
    if not is_sealed(kept):
        return kept
    key = await database.data_keys.find(key_id_of(kept))
    return key.open(kept, owner, place)


async def shown(database: Database, kept: bytes, owner: bytes, place: bytes) -> bytes | None:
    """Like `opened`, for lists: None when no key opens it."""
    try:
        return await opened(database, kept, owner, place)
    except MasterKeyError:
        return None


async def opened_text(database: Database, kept: str, owner: bytes, place: bytes) -> str:
    """Like `opened`, for a column of text."""
    sealed = sealed_of_text(kept)
    return kept if sealed is None else (await opened(database, sealed, owner, place)).decode()


async def event_of(database: Database, execution_id: UUID, row: Row) -> Event:
    """Maps EVENT_COLUMNS. Raises MasterKeyError."""
    event = _event(row)
    payload = event.payload
    if payload is None or not is_sealed(payload):
        return event
    return event._replace(payload=await opened(database, payload, execution_id.bytes, event_place(event.sequence)))


def head_of(row: Row) -> Event:
    """Maps EVENT_COLUMNS of a row whose payload was left out: there is nothing to open."""
    return _event(row)


async def events_of(database: Database, execution_id: UUID, rows: Iterable[Row]) -> list[Event]:
    """Events of one execution. Raises MasterKeyError."""
    return [await event_of(database, execution_id, row) for row in rows]


async def shown_event_of(database: Database, execution_id: UUID, row: Row) -> Event:
    """Like `event_of`, for lists: a payload that does not open is left out, and a report says that it does not."""
    try:
        return await event_of(database, execution_id, row)
    except MasterKeyError as error:
        event = _event(row)
        if event.type is not EventType.NODE_REPORTED:
            return event._replace(payload=None)
        text = f"[sealed: {error}]"
        is_progress = event.payload is not None and hint_of(event.payload) == _PROGRESS
        report = (
            NodeReport(progress=NodeProgress(message=text)) if is_progress else NodeReport(log=NodeLog(message=text))
        )
        return event._replace(payload=report.SerializeToString())


def _event(row: Row) -> Event:
    return Event(
        sequence=row[0],
        type=EventType(row[1]),
        time_us=from_time(row[2]) or 0,
        node=row[3],
        attempt=row[4],
        started_us=from_time(row[5]) or 0,
        payload=None if row[6] is None else bytes(row[6]),
        branch=row[7],
        frame_index=row[8],
        failure=None if row[9] is None else decode_failure(bytes(row[9])),
        reason=row[10],
        detail=None if row[11] is None else decode_detail(bytes(row[11])),
    )
