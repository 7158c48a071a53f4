"""Reads the value of a comparison as what its field holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from penstock.engine.domain.filter_text import Word
from penstock.engine.domain.filter_tree import FieldKind, FieldType, Searched, SearchKind, Value, Wildcard
from penstock.engine.domain.ids import is_execution_id

SEARCHED_LENGTH_MAX = 500
"""Characters of a text that is searched: longer ones are cut and end in "…". An index takes 2,700 bytes."""

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_INTEGER_MAX = 2**63 - 1
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_AMOUNT = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
_DURATION = re.compile(rf"(?=.)(?:{_AMOUNT}h)?(?:{_AMOUNT}m)?(?:{_AMOUNT}s)?(?:{_AMOUNT}ms)?", re.ASCII)
_UNITS_US = (3_600_000_000, 60_000_000, 1_000_000, 1_000)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def expectation(field: FieldType) -> str:
    """What a value of the field looks like."""
    if field.members is not None:
        return "one of " + ", ".join(member.name for member in field.members)
    if field.kind is FieldKind.SEARCHED:
        return " or ".join(_searched_expectation(field, kind) for kind in sorted(field.searched))
    return _EXPECTATIONS[field.kind]


def _searched_expectation(field: FieldType, kind: SearchKind) -> str:
    if kind is SearchKind.ENUM:
        return "one of " + ", ".join(field.choices)
    return _SEARCHED_EXPECTATIONS[kind]


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


def _name(word: Word, field: FieldType) -> Value | None:
    return word.text if len(word.parts) == 1 and "\0" not in word.text else None


def _duration(word: Word, field: FieldType) -> Value | None:
    found = _DURATION.fullmatch(word.text)
    if found is None:
        return None
    parts = zip(found.groups(), _UNITS_US, strict=True)
    return timedelta(microseconds=sum(int(Fraction(amount) * unit) for amount, unit in parts if amount))


def _searched(word: Word, field: FieldType) -> Value | None:
    """As whatever the flows declare it, where it can be read so."""
    text: str | Wildcard | None = None
    number: Decimal | None = None
    if SearchKind.TEXT in field.searched:
        text = _searched_text(word)
    elif word.text in field.choices or (SearchKind.BOOL in field.searched and word.text in ("true", "false")):
        text = word.text
    if SearchKind.NUMBER in field.searched and _NUMBER.fullmatch(word.text):
        number = Decimal(word.text)
    elif SearchKind.TIME in field.searched:
        time = _time(word, field)
        if isinstance(time, datetime):
            passed = time - _EPOCH
            number = Decimal(passed.days * 86_400 + passed.seconds) + Decimal(passed.microseconds) / 1_000_000
    return None if text is None and number is None else Searched(text, number)


def _searched_text(word: Word) -> str | Wildcard | None:
    if "\0" in word.text or len(word.text) > SEARCHED_LENGTH_MAX:
        return None
    return word.text if len(word.parts) == 1 else Wildcard(word.parts)


def _member(word: Word, field: FieldType) -> Value | None:
    return next((member for member in field.members or () if member.name == word.text), None)


_READERS: Mapping[FieldKind, Callable[[Word, FieldType], Value | None]] = {
    FieldKind.TEXT: _text,
    FieldKind.EXECUTION_ID: _execution_id,
    FieldKind.INTEGER: _integer,
    FieldKind.TIME: _time,
    FieldKind.DURATION: _duration,
    FieldKind.ENUM: _member,
    FieldKind.NAME: _name,
    FieldKind.SEARCHED: _searched,
    FieldKind.LABELS: _text,
}
_EXPECTATIONS = {
    FieldKind.TEXT: "text",
    FieldKind.EXECUTION_ID: "32 lower-case hex digits",
    FieldKind.INTEGER: "a whole number of 64 bits",
    FieldKind.TIME: 'a time such as "2026-01-31T12:00:00Z"',
    FieldKind.DURATION: "a length of time such as 10s, 200ms or 1h30m",
    FieldKind.NAME: "a name",
    FieldKind.LABELS: "text",
}
_SEARCHED_EXPECTATIONS = {
    SearchKind.TEXT: f"text of at most {SEARCHED_LENGTH_MAX} characters",
    SearchKind.NUMBER: "a number",
    SearchKind.BOOL: "true or false",
    SearchKind.TIME: _EXPECTATIONS[FieldKind.TIME],
}
