"""Rows of the journal in Postgres's binary format: arrays of the types in migrations 0002 and 0004, packed by hand.

One array a kind of row, and one `pack` for what every row has: a third of the time that one array a
column takes, and a quarter of what the driver's list adapter takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import Struct

from penstock.engine.domain.event import STATUS_EVENTS, Detail, Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.details import encode_detail
from penstock.engine.storage.failures import encode_failure
from penstock.engine.storage.records import END_STATUS, Acceptance, Parent, SearchValue

_EPOCH_US = 946_684_800_000_000
"""2000-01-01 in unix microseconds: where Postgres counts times from."""
_STATUS_QUEUED, _STATUS_RUNNING = 1, 2
MOVE_STATUS = {**END_STATUS, **STATUS_EVENTS, EventType.EXECUTION_STARTED: ExecutionStatus.RUNNING}
"""Status of an execution after each event that is a move of its row."""

# Types by the number that Postgres gives them, and each as a field's head: type, length.
_INT2, _INT4, _TEXT, _BYTEA, _UUID, _TIME, _JSONB = 21, 23, 25, 17, 2950, 1184, 3802
_FIELD = Struct(">ii")
_ARRAY = Struct(">iiIii")
_COUNTED = Struct(">ii")
_SIZE_BYTES = 4
"""Before each row stands its size, which does not count itself."""


def _null(oid: int) -> bytes:
    return _FIELD.pack(oid, -1)


def _field(oid: int, data: bytes | None) -> bytes:
    return _null(oid) if data is None else _FIELD.pack(oid, len(data)) + data


def _array(oid: int, count: int, rows: Iterable[bytes]) -> bytes:
    """A one-dimensional array of rows of the type `oid`."""
    return b"".join((_ARRAY.pack(1, 0, oid, count, 1), *rows))


# A row's size and number of fields, then its fields, each with its type and length; up to the first that may be null.
_EVENT = Struct(">ii ii16s iii iih iih iih iih iii iiq iiq ii".replace(" ", ""))
_EVENT_NOT_STARTED = Struct(">ii ii16s iii iih iih iih iih iii iiq ii ii".replace(" ", ""))
_NOTHING_MORE = _null(_BYTEA) + _null(_TEXT) + _null(_BYTEA)


def events(oid: int, rows: Sequence[tuple[bytes, Event]]) -> bytes:
    """journal_event[] of (execution id, event)."""
    parts: list[bytes] = []
    for execution_id, event in rows:
        sequence, kind, time_us, node, attempt, started_us, payload, branch, frame_index, failure, reason, detail = (
            event
        )
        if failure is None and reason is None and detail is None:
            rest = _NOTHING_MORE
        else:
            rest = _more(failure, reason, detail)
        length = -1 if payload is None else len(payload)
        size = (0 if payload is None else length) + len(rest) - _SIZE_BYTES
        # fmt: off
        if started_us:
            parts.append(_EVENT.pack(
                size + _EVENT.size, 13, _UUID, 16, execution_id, _INT4, 4, sequence, _INT2, 2, kind, _INT2, 2, node,
                _INT2, 2, attempt, _INT2, 2, branch, _INT4, 4, frame_index, _TIME, 8, time_us - _EPOCH_US,
                _TIME, 8, started_us - _EPOCH_US, _BYTEA, length,
            ))
        else:
            parts.append(_EVENT_NOT_STARTED.pack(
                size + _EVENT_NOT_STARTED.size, 13, _UUID, 16, execution_id, _INT4, 4, sequence, _INT2, 2, kind,
                _INT2, 2, node, _INT2, 2, attempt, _INT2, 2, branch, _INT4, 4, frame_index,
                _TIME, 8, time_us - _EPOCH_US, _TIME, -1, _BYTEA, length,
            ))
        # fmt: on
        if payload:
            parts.append(payload)
        parts.append(rest)
    return _array(oid, len(rows), parts)


def _more(failure: Failure | None, reason: str | None, detail: Detail | None) -> bytes:
    return (
        _field(_BYTEA, None if failure is None else encode_failure(failure))
        + _field(_TEXT, _utf8(reason))
        + _field(_BYTEA, None if detail is None else encode_detail(detail))
    )


_ACCEPTANCE = Struct(">ii ii16s iih iii iiq".replace(" ", ""))
_NO_LABELS = _field(_JSONB, b"\x01{}")


def acceptances(oid: int, rows: Sequence[tuple[Acceptance, Sequence[Event]]]) -> bytes:
    """journal_acceptance[]; the events of each are the acceptance and, when it runs at once, the start and more."""
    parts: list[bytes] = []
    for acceptance, events in rows:
        execution_id, account, flow, graph_id, version, mode, labels, run_input, options, parent, has_webhook = (
            acceptance
        )
        status = _STATUS_RUNNING if len(events) == 2 else status_after(events)
        start = _field(_TIME, None if len(events) == 1 else _time(events[1].time_us))
        data = _field(_BYTEA, run_input)
        # The binary form of jsonb is a version byte before the text.
        tags = _NO_LABELS if labels == b"{}" else _field(_JSONB, b"\x01" + labels)
        artifact = _artifact(account, flow, graph_id, version, mode)
        rest = _NO_OPTIONS
        if options is not None or parent is not None:
            rest = _options(options, parent, has_webhook)
        size = _ACCEPTANCE.size - _SIZE_BYTES + len(start) + len(data) + len(tags) + len(artifact) + len(rest)
        # fmt: off
        head = _ACCEPTANCE.pack(
            size, 16, _UUID, 16, execution_id, _INT2, 2, status, _INT4, 4, events[-1].sequence,
            _TIME, 8, events[0].time_us - _EPOCH_US,
        )
        # fmt: on
        parts += (head, start, data, tags, artifact, rest)
    return _array(oid, len(rows), parts)


def status_after(events: Sequence[Event]) -> int:
    """The status of an execution after its first events."""
    if len(events) == 1:
        return _STATUS_QUEUED
    return next((STATUS_EVENTS[e.type] for e in reversed(events) if e.type in STATUS_EVENTS), _STATUS_RUNNING)


_NO_OPTIONS = _null(_BYTEA) + _null(_UUID) + _null(_INT2) + _null(_TIME)
_NEVER = (2**63 - 1).to_bytes(8, "big")
"""'infinity'."""


def _options(options: bytes | None, parent: Parent | None, has_webhook: bool) -> bytes:
    if parent is None:
        above = _null(_UUID) + _null(_INT2)
    else:
        above = _field(_UUID, parent.execution_id) + _field(_INT2, parent.node.to_bytes(2, "big"))
    return _field(_BYTEA, options) + above + _field(_TIME, _NEVER if has_webhook else None)


@lru_cache(maxsize=1000)
def _artifact(account: str, flow: str, graph_id: str, version: int, mode: int) -> bytes:
    """The fields that all executions of an artifact and account share."""
    texts = b"".join(_field(_TEXT, text.encode()) for text in (account, flow, graph_id))
    return texts + _field(_INT4, version.to_bytes(4, "big")) + _field(_INT2, mode.to_bytes(2, "big"))


_MOVE = Struct(">ii ii16s iih iii iii".replace(" ", ""))
_NO_FAILURE = _null(_INT2) + _null(_BYTEA)
_NO_REASON = _null(_TEXT)


def moves(oid: int, rows: Sequence[tuple[bytes, Event | None, Event]]) -> bytes:
    """journal_move[] of (execution id, its late start if it is in the same step, its last move)."""
    parts: list[bytes] = []
    for execution_id, start, event in rows:
        is_end = event.type in END_STATUS
        times = _field(_TIME, None if start is None else _time(start.time_us))
        times += _field(_TIME, _time(event.time_us) if is_end else None)
        failure = event.failure if is_end else None
        why = _NO_FAILURE
        if failure is not None:
            why = _field(_INT2, failure.failure_class.to_bytes(2, "big")) + _field(_BYTEA, encode_failure(failure))
        reason = _NO_REASON if event.reason is None or not is_end else _field(_TEXT, _utf8(event.reason))
        # fmt: off
        head = _MOVE.pack(
            _MOVE.size - _SIZE_BYTES + len(times) + len(why) + len(reason), 9, _UUID, 16, execution_id,
            _INT2, 2, MOVE_STATUS[event.type], _INT4, 4, event.sequence, _INT4, 4, event.attempt if is_end else 0,
        )
        # fmt: on
        parts += (head, times, why, reason)
    return _array(oid, len(rows), parts)


def values(oid: int, rows: Sequence[tuple[bytes, SearchValue]]) -> bytes:
    """journal_value[] of (execution id, value)."""
    parts: list[bytes] = []
    for execution_id, (account, path, text, number) in rows:
        texts = b"".join(_field(_TEXT, _utf8(each)) for each in (path, account, text, number))
        fields = _field(_UUID, execution_id) + texts
        parts.append(_COUNTED.pack(_SIZE_BYTES + len(fields), 5) + fields)
    return _array(oid, len(rows), parts)


def _time(time_us: int) -> bytes:
    return (time_us - _EPOCH_US).to_bytes(8, "big", signed=True)


def _utf8(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
