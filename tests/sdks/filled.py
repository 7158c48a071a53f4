"""Fills messages of any type with values in every field."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

_LEVELS_MAX = 2
_VALUES: dict[int, Any] = {
    FieldDescriptor.CPPTYPE_INT32: -7,
    FieldDescriptor.CPPTYPE_INT64: -(2**53) - 1,
    FieldDescriptor.CPPTYPE_UINT32: 2**32 - 1,
    FieldDescriptor.CPPTYPE_UINT64: 2**64 - 1,
    FieldDescriptor.CPPTYPE_DOUBLE: 0.1,
    FieldDescriptor.CPPTYPE_FLOAT: 0.5,
    FieldDescriptor.CPPTYPE_BOOL: True,
}


def fill(message: Any, level: int = 0) -> Any:
    """Every field of `message`, and of those within it down to a few levels; the last of each oneof stays."""
    for field in message.DESCRIPTOR.fields:
        is_message = field.message_type is not None
        if is_message and level >= _level_max(field):
            continue
        if is_message and field.message_type.GetOptions().map_entry:
            _fill_map(getattr(message, field.name), field, level)
        elif field.is_repeated:
            items = getattr(message, field.name)
            for _ in range(2):
                fill(items.add(), level + 1) if is_message else items.append(_value(field))
        elif is_message:
            child = getattr(message, field.name)
            child.SetInParent()
            fill(child, level + 1)
        else:
            setattr(message, field.name, _value(field))
    return message


def _level_max(field: FieldDescriptor) -> int:
    """A chain of types without a way back goes to its end."""
    return 80 if len(field.containing_type.fields) == 1 else _LEVELS_MAX


def _fill_map(entries: Any, field: FieldDescriptor, level: int) -> None:
    value = field.message_type.fields_by_name["value"]
    key = _value(field.message_type.fields_by_name["key"])
    if value.message_type is not None:
        fill(entries[key], level + 1)
    else:
        entries[key] = _value(value)


def _value(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    if field.containing_type.full_name.startswith("google.protobuf.") and field.name == "nanos":
        return 5_000_000
    if field.containing_type.full_name == "google.protobuf.Timestamp":
        return 1_800_000_000
    if field.containing_type.full_name == "google.protobuf.Duration":
        return 90
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return b"\x00\xff" if field.type == FieldDescriptor.TYPE_BYTES else "text é"
    return _VALUES[field.cpp_type]
