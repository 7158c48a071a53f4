"""Converts the Python values that are messages to proto: times, lengths of time and JSON.

Writers raise Refused, or whatever upb raises, for a value that does not fit; `mismatch` finds out why.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from penstock.engine.nodes.mismatch import (
    DURATION_MAX,
    EPOCH,
    FLOAT32_MAX,
    JSON_INTEGER_MAX,
    YEAR_ONE,
    WrongType,
)


class Refused(Exception):
    """The value does not fit. Carries nothing: the slow search that follows says what and where."""


class Members(dict[int, Enum]):
    """The members of an enum by number. A number without a member raises WrongType."""

    def __init__(self, enum: type[Enum]) -> None:
        super().__init__((member.value, member) for member in enum)
        self.enum = enum

    def __missing__(self, number: int) -> Enum:
        names = ", ".join(f"{member.name} ({member.value})" for member in self.enum)
        raise WrongType(f"{self.enum.__name__}: one of {names}", str(number))


def need(value: object, kind: type) -> None:
    """Passes instances of subclasses, which the fast check of the exact type does not."""
    if not isinstance(value, kind):
        raise Refused


def need_float(value: object) -> None:
    # upb takes True and Decimal for a double.
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Refused


def need_float32(value: Any) -> None:
    """upb makes infinity of what is too large."""
    need_float(value)
    if abs(value) > FLOAT32_MAX and not math.isinf(value):
        raise Refused


def read_timestamp(message: Any) -> datetime:
    try:
        return EPOCH + timedelta(0, message.seconds, message.nanos // 1000)
    except OverflowError:
        raise WrongType("a time from year 1 to 9999", f"{message.seconds} s") from None


def write_timestamp(message: Any, value: datetime) -> None:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise Refused
    since = value - EPOCH
    if since < YEAR_ONE:
        raise Refused
    # Days and seconds of a negative timedelta round down, as Timestamp wants.
    message.seconds = since.days * 86400 + since.seconds
    message.nanos = since.microseconds * 1000


def read_duration(message: Any) -> timedelta:
    try:
        return timedelta(0, message.seconds, int(message.nanos / 1000))
    except OverflowError:
        raise WrongType("at most 10,000 years", f"{message.seconds} s") from None


def write_duration(message: Any, value: timedelta) -> None:
    if not isinstance(value, timedelta) or not -DURATION_MAX <= value <= DURATION_MAX:
        raise Refused
    seconds, nanos = value.days * 86400 + value.seconds, value.microseconds * 1000
    if seconds < 0 and nanos:
        # Both parts of a Duration have the same sign.
        seconds, nanos = seconds + 1, nanos - 1_000_000_000
    message.seconds = seconds
    message.nanos = nanos


def read_struct(message: Any) -> dict[str, object]:
    return {key: read_value(value) for key, value in message.fields.items()}


def read_value(message: Any) -> object:
    """Numbers without a fraction come as int: JSON does not tell 3 from 3.0, and an index has to be an int."""
    match message.WhichOneof("kind"):
        case "string_value":
            return message.string_value
        case "number_value":
            number = message.number_value
            return int(number) if number.is_integer() and abs(number) <= JSON_INTEGER_MAX else number
        case "bool_value":
            return message.bool_value
        case "struct_value":
            return read_struct(message.struct_value)
        case "list_value":
            return [read_value(item) for item in message.list_value.values]
    return None


def write_struct(message: Any, value: dict[str, object]) -> None:
    if not isinstance(value, dict):
        raise Refused
    message.SetInParent()
    fields = message.fields
    for key, item in value.items():
        if not isinstance(key, str):
            raise Refused
        write_value(fields[key], item)


def write_value(message: Any, value: object) -> None:
    if isinstance(value, str):
        message.string_value = value
    elif value is None:
        message.null_value = 0
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int | float):
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused
        if isinstance(value, Enum) or (isinstance(value, int) and abs(value) > JSON_INTEGER_MAX):
            raise Refused
        message.number_value = value
    elif isinstance(value, dict):
        write_struct(message.struct_value, value)
    elif isinstance(value, list | tuple):
        items = message.list_value
        items.SetInParent()
        add = items.values.add
        for item in value:
            write_value(add(), item)
    else:
        raise Refused
