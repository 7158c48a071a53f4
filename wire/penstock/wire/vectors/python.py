"""What becomes of a message in the Python client, whose classes are those of betterproto2."""

from __future__ import annotations

from collections.abc import Iterator
from math import copysign
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from penstock.wire.json.fields import map_fields

_TIMES = ("google.protobuf.Timestamp", "google.protobuf.Duration")
_FLOATS = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)


def as_python_sends(message: Any) -> set[str]:
    """Makes of `message` what the client sends of it; why that is another message, nothing when it is the same."""
    whys = set()
    if message.DESCRIPTOR.full_name in _TIMES and (rest := abs(message.nanos) % 1_000):
        message.nanos -= rest if message.nanos > 0 else -rest
        whys.add("a datetime and a timedelta have microseconds")
    for field, value in message.ListFields():
        if field.cpp_type in _FLOATS and not field.is_repeated and not field.has_presence and _is_minus_zero(value):
            message.ClearField(field.name)
            whys.add("betterproto2 takes -0.0 for the default and leaves it out")
    return whys.union(*map(as_python_sends, list(_messages_in(message))))


def _is_minus_zero(value: float) -> bool:
    return value == 0 and copysign(1, value) < 0


def _messages_in(message: Any) -> Iterator[Any]:
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if not field.is_repeated:
            yield value
        elif (entry := map_fields(field)) is None:
            yield from value
        elif entry[1].message_type is not None:
            yield from (value[key] for key in value)
