"""Reads the value of a comparison as what its field holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from penstock.engine.domain.filter_text import Word
from penstock.engine.domain.filter_tree import FieldKind, FieldType, Value, Wildcard
from penstock.engine.domain.ids import is_execution_id

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_INTEGER_MAX = 2**63 - 1
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def expectation(field: FieldType) -> str:
    """What a value of the field looks like."""
    if field.members is not None:
        return "one of " + ", ".join(member.name for member in field.members)
    return _EXPECTATIONS[field.kind]


def read_value(word: Word, field: FieldType) -> Value:
    """Raises FilterError when the word is no value of the field."""
    value = _READERS[field.kind](word, field)
    if value is None:
        raise word.refused(expectation(field))
    return value


def _text(word: Word, field: FieldType) -> Value | None:
    if "\0" in word.text:
        return None
    return word.text if len(word.parts) == 1 else Wildcard(word.parts)


def _execution_id(word: Word, field: FieldType) -> Value | None:
    return word.text if is_execution_id(word.text) else None


def _integer(word: Word, field: FieldType) -> Value | None:
    if not _INTEGER.fullmatch(word.text):
        return None
    value = int(word.text)
    return value if abs(value) <= _INTEGER_MAX else None


def _time(word: Word, field: FieldType) -> Value | None:
    if not _TIME.fullmatch(word.text):
        return None
    try:
        return datetime.fromisoformat(word.text.upper())
    except ValueError:
        # It has the form of a time, but there is no such day or hour.
        return None


def _member(word: Word, field: FieldType) -> Value | None:
    return next((member for member in field.members or () if member.name == word.text), None)


_READERS: Mapping[FieldKind, Callable[[Word, FieldType], Value | None]] = {
    FieldKind.TEXT: _text,
    FieldKind.EXECUTION_ID: _execution_id,
    FieldKind.INTEGER: _integer,
    FieldKind.TIME: _time,
    FieldKind.ENUM: _member,
    FieldKind.LABELS: _text,
}
_EXPECTATIONS = {
    FieldKind.TEXT: "text",
    FieldKind.EXECUTION_ID: "32 lower-case hex digits",
    FieldKind.INTEGER: "a whole number of 64 bits",
    FieldKind.TIME: 'a time such as "2026-01-31T12:00:00Z"',
    FieldKind.LABELS: "text",
}
