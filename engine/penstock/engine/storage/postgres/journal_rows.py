"""Rows of the journal in Postgres's binary format: arrays of the types in migration 0002, packed by hand.

One array a kind of row, and one `pack` for what every row has: a third of the time that one array a
column takes, and a quarter of what the driver's list adapter takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import Struct

from penstock.engine.domain.event import Event, EventType
from penstock.engine.storage.failures import encode_failure
from penstock.engine.storage.records import END_STATUS, Acceptance

_EPOCH_US = 946_684_800_000_000
"""2000-01-01 in unix microseconds: where Postgres counts times from."""
_STATUS_RUNNING = 2

# Types by the number that Postgres gives them, and each as a field's head: type, length.
_INT2, _INT4, _TEXT, _BYTEA, _UUID, _TIME, _JSONB = 21, 23, 25, 17, 2950, 1184, 3802
_FIELD = Struct(">ii")
_ARRAY = Struct(">iiIii")
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
_NOTHING_MORE = _null(_BYTEA) + _null(_TEXT)


def events(oid: int, rows: Sequence[tuple[bytes, Event]]) -> bytes:
    """journal_event[] of (execution id, event)."""
    parts: list[bytes] = []
    for execution_id, event in rows:
        sequence, kind, time_us, node, attempt, started_us, payload, branch, frame_index, failure, reason = event
        if failure is None and reason is None:
            rest = _NOTHING_MORE
        else:
            rest = _field(_BYTEA, None if failure is None else encode_failure(failure)) + _field(_TEXT, _utf8(reason))
        length = -1 if payload is None else len(payload)
        size = (0 if payload is None else length) + len(rest) - _SIZE_BYTES
        # fmt: off
        if started_us:
            parts.append(_EVENT.pack(
                size + _EVENT.size, 12, _UUID, 16, execution_id, _INT4, 4, sequence, _INT2, 2, kind, _INT2, 2, node,
                _INT2, 2, attempt, _INT2, 2, branch, _INT4, 4, frame_index, _TIME, 8, time_us - _EPOCH_US,
                _TIME, 8, started_us - _EPOCH_US, _BYTEA, length,
            ))
        else:
            parts.append(_EVENT_NOT_STARTED.pack(
                size + _EVENT_NOT_STARTED.size, 12, _UUID, 16, execution_id, _INT4, 4, sequence, _INT2, 2, kind,
                _INT2, 2, node, _INT2, 2, attempt, _INT2, 2, branch, _INT4, 4, frame_index,
                _TIME, 8, time_us - _EPOCH_US, _TIME, -1, _BYTEA, length,
            ))
        # fmt: on
        if payload:
            parts.append(payload)
        parts.append(rest)
    return _array(oid, len(rows), parts)


_ACCEPTANCE = Struct(">ii ii16s iih iii iiq".replace(" ", ""))
_NO_LABELS = _field(_JSONB, b"\x01{}")


def acceptances(oid: int, rows: Sequence[tuple[Acceptance, Sequence[Event]]]) -> bytes:
    """journal_acceptance[]; the events of each are the acceptance and, when it runs at once, the start."""
    parts: list[bytes] = []
    for acceptance, first in rows:
        execution_id, account, flow, graph_id, version, mode, labels, run_input = acceptance
        start = _field(_TIME, None if len(first) == 1 else _time(first[1].time_us))
        data = _field(_BYTEA, run_input)
        # The binary form of jsonb is a version byte before the text.
        tags = _NO_LABELS if labels == b"{}" else _field(_JSONB, b"\x01" + labels)
        artifact = _artifact(account, flow, graph_id, version, mode)
        size = _ACCEPTANCE.size - _SIZE_BYTES + len(start) + len(data) + len(tags) + len(artifact)
        # fmt: off
        head = _ACCEPTANCE.pack(
            size, 12, _UUID, 16, execution_id, _INT2, 2, len(first), _INT4, 4, len(first),
            _TIME, 8, first[0].time_us - _EPOCH_US,
        )
        # fmt: on
        parts += (head, start, data, tags, artifact)
    return _array(oid, len(rows), parts)


@lru_cache(maxsize=1000)
def _artifact(account: str, flow: str, graph_id: str, version: int, mode: int) -> bytes:
    """The fields that all executions of an artifact and account share."""
    texts = b"".join(_field(_TEXT, text.encode()) for text in (account, flow, graph_id))
    return texts + _field(_INT4, version.to_bytes(4, "big")) + _field(_INT2, mode.to_bytes(2, "big"))


_MOVE = Struct(">ii ii16s iih iii iii".replace(" ", ""))
_NO_TIME = _null(_TIME)
_NO_FAILURE = _null(_INT2) + _null(_BYTEA)
_NO_REASON = _null(_TEXT)


def moves(oid: int, rows: Sequence[tuple[bytes, Event]]) -> bytes:
    """journal_move[] of (execution id, its late start or its end)."""
    parts: list[bytes] = []
    for execution_id, event in rows:
        time = _field(_TIME, _time(event.time_us))
        is_start = event.type is EventType.EXECUTION_STARTED
        times = time + _NO_TIME if is_start else _NO_TIME + time
        failure = event.failure
        why = _NO_FAILURE
        if failure is not None:
            why = _field(_INT2, failure.failure_class.to_bytes(2, "big")) + _field(_BYTEA, encode_failure(failure))
        reason = _NO_REASON if event.reason is None else _field(_TEXT, _utf8(event.reason))
        # fmt: off
        head = _MOVE.pack(
            _MOVE.size - _SIZE_BYTES + len(times) + len(why) + len(reason), 9, _UUID, 16, execution_id,
            _INT2, 2, _STATUS_RUNNING if is_start else END_STATUS[event.type], _INT4, 4, event.sequence,
            _INT4, 4, event.attempt,
        )
        # fmt: on
        parts += (head, times, why, reason)
    return _array(oid, len(rows), parts)


def _time(time_us: int) -> bytes:
    return (time_us - _EPOCH_US).to_bytes(8, "big", signed=True)


def _utf8(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
