"""Finds what is wrong with a value that does not fit its shape, after fast code has refused it.

The converters only notice that something is wrong; here it gets its path. Values that convert are never looked
at here, so this may be slow and plain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from penstock.engine.domain.failure import shorten
from penstock.engine.nodes.limits import MESSAGE_DEPTH_MAX
from penstock.engine.nodes.shapes import (
    Choice,
    Field,
    Known,
    Listed,
    Mapped,
    OneOf,
    Record,
    Scalar,
    Shape,
    shape_name,
)

FLOAT32_MAX = (2 - 2**-23) * 2.0**127
JSON_INTEGER_MAX = 2**53
"""Greatest integer that a number of JSON, a double, holds with all digits."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_ONE = timedelta(seconds=-62_135_596_800)
DURATION_MAX = timedelta(seconds=315_576_000_000)
"""Ten thousand years, the limit of google.protobuf.Duration."""

_STEPS_MAX = 150
"""Fields and items on the way to a value. Deeper is a value that contains itself, or one that proto refuses anyway."""
_PATH_LENGTH_MAX = 200
_VALUE_LENGTH_MAX = 80
_GONE = object()


class WrongType(Exception):
    """A value does not fit. `path` is "" for the whole value, else such as "items[2].quantity"."""

    def __init__(self, expected: str, found: str, path: str = "") -> None:
        super().__init__(f"{path}: expected {expected}, got {found}" if path else f"expected {expected}, got {found}")
        self.path = path
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class _Place:
    records: Mapping[type, tuple[Field, ...]]
    path: str
    steps: int

    def member(self, name: str) -> _Place:
        return _Place(self.records, f"{self.path}.{name}" if self.path else name, self.steps + 1)

    def item(self, key: object) -> _Place:
        text = shorten(repr(key), _VALUE_LENGTH_MAX) if isinstance(key, str) else str(key)
        return _Place(self.records, f"{self.path}[{text}]", self.steps + 1)

    def wrong(self, expected: str, found: str) -> WrongType:
        return WrongType(expected, found, shorten(self.path, _PATH_LENGTH_MAX))


def find_mismatch(records: Mapping[type, tuple[Field, ...]], shape: Shape, value: object) -> WrongType | None:
    """The first thing in `value` that does not fit `shape`, in the order of the fields."""
    return next(_wrongs(shape, value, _Place(records, "", 0)), None)


def too_deep() -> WrongType:
    return WrongType(f"at most {MESSAGE_DEPTH_MAX} levels of messages in one another", "more")


def type_name(value: object) -> str:
    """How a problem names what it found: the type, None itself, "nothing" for an attribute that is not there."""
    if value is _GONE:
        return "nothing"
    return "None" if value is None else type(value).__name__


def _wrongs(shape: Shape, value: object, at: _Place) -> Iterator[WrongType]:
    if at.steps > _STEPS_MAX:
        yield too_deep()
        return
    match shape:
        case Scalar():
            yield from _scalar(shape, value, at)
        case Record(cls) if isinstance(value, cls):
            for field in at.records[cls]:
                yield from _field(field, getattr(value, field.name, _GONE), at.member(field.name))
        case OneOf(members) if type(value) in [cls for _, cls in members]:
            yield from _wrongs(Record(type(value)), value, at)
        case Listed(item) if isinstance(value, list):
            for index, element in enumerate(value):
                yield from _wrongs(item, element, at.item(index))
        case Mapped(item) if isinstance(value, dict):
            for key, element in value.items():
                yield from _key(key, at)
                yield from _wrongs(item, element, at.item(key))
        case Choice(enum) if isinstance(value, enum):
            return
        case Known.TIMESTAMP if isinstance(value, datetime):
            yield from _timestamp(value, at)
        case Known.DURATION if isinstance(value, timedelta):
            if not -DURATION_MAX <= value <= DURATION_MAX:
                yield at.wrong("at most 10,000 years", str(value))
        case Known.STRUCT if isinstance(value, dict):
            yield from _json(value, at)
        case Known.VALUE:
            yield from _json(value, at)
        case _:
            yield at.wrong(shape_name(shape), type_name(value))


def _field(field: Field, value: object, at: _Place) -> Iterator[WrongType]:
    if value is None and (field.optional or field.shape is Known.VALUE):
        return
    for wrong in _wrongs(field.shape, value, at):
        if field.is_sensitive:
            # Not even keys of what it holds: of which type it is, and what was expected, will do.
            yield at.wrong(wrong.expected, type_name(value))
            return
        at_the_field = wrong.path == shorten(at.path, _PATH_LENGTH_MAX) and wrong.expected == shape_name(field.shape)
        yield at.wrong(f"{wrong.expected} or None", wrong.found) if field.optional and at_the_field else wrong


def _scalar(shape: Scalar, value: object, at: _Place) -> Iterator[WrongType]:
    python = shape.python
    if python is float and isinstance(value, int) and not isinstance(value, bool):
        # An int is a float to Python's typing; one that a double cannot hold at all is not.
        if abs(value) > JSON_INTEGER_MAX and not _fits_double(value):
            yield at.wrong(shape.name, _spell(value))
            return
        value = float(value)
    if not isinstance(value, python) or (python is int and isinstance(value, bool)):
        yield at.wrong(python.__name__, type_name(value))
    elif isinstance(value, int) and python is int:
        least, greatest = shape.range
        if not least <= value <= greatest:
            yield at.wrong(shape.name, _spell(value))
    elif isinstance(value, str):
        yield from _text(value, at)
    elif shape.name == "float" and isinstance(value, float) and math.isfinite(value) and abs(value) > FLOAT32_MAX:
        yield at.wrong("float of 32 bits", _spell(value))


def _text(value: str, at: _Place) -> Iterator[WrongType]:
    try:
        value.encode()
    except UnicodeEncodeError:
        yield at.wrong("text", "a lone surrogate, which is no character")


def _timestamp(value: datetime, at: _Place) -> Iterator[WrongType]:
    if value.utcoffset() is None:
        yield at.wrong("datetime with a time zone", "datetime without one")
    elif value - EPOCH < YEAR_ONE:
        yield at.wrong("datetime from year 1 on", str(value))


def _key(key: object, at: _Place) -> Iterator[WrongType]:
    if isinstance(key, str):
        yield from _text(key, at)
    else:
        yield at.wrong("keys of str", type_name(key))


def _json(value: object, at: _Place) -> Iterator[WrongType]:
    """JSON values: None, bool, int, float, str, lists (or tuples) and dicts of them."""
    if at.steps > _STEPS_MAX:
        yield too_deep()
        return
    match value:
        case None | bool():
            return
        case Enum():
            yield at.wrong("a JSON value", type_name(value))
        case int() if abs(value) > JSON_INTEGER_MAX:
            yield at.wrong("int within ±2^53, else its digits as str", _spell(value))
        case float() if not math.isfinite(value):
            yield at.wrong("a finite number", str(value))
        case int() | float():
            return
        case str():
            yield from _text(value, at)
        case list() | tuple():
            for index, element in enumerate(value):
                yield from _json(element, at.item(index))
        case dict():
            for key, element in value.items():
                yield from _key(key, at)
                yield from _json(element, at.item(key))
        case _:
            yield at.wrong("a JSON value (None, bool, int, float, str, list or dict)", type_name(value))


def _fits_double(value: int) -> bool:
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _spell(value: object) -> str:
    # Python refuses to print integers of thousands of digits.
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an int of {value.bit_length()} bits"
    return shorten(str(value), _VALUE_LENGTH_MAX)
