"""Makes up a JSON value of a message type that fits its schema, to show what one looks like."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.openapi.scalars import WELL_KNOWN

_VALUES_MAX = 200
"""Nobody reads a longer example. Fields that are required come all the same."""
_DEPTH_MAX = 8
"""Nor a deeper one."""

_F = FieldDescriptor
_WIDE = (_F.CPPTYPE_INT64, _F.CPPTYPE_UINT64)
_KNOWN: dict[str, Any] = {
    "Timestamp": "2026-01-01T12:00:00Z",
    "Duration": "1.5s",
    "FieldMask": "name",
    "Struct": {"key": "value"},
    "Value": "value",
    "ListValue": ["value"],
    "Empty": {},
    "Any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.5s"},
    "DoubleValue": 1.5,
    "FloatValue": 1.5,
    "Int32Value": 1,
    "UInt32Value": 1,
    "Int64Value": "1",
    "UInt64Value": "1",
    "BoolValue": True,
    "StringValue": "text",
    "BytesValue": "ZGF0YQ==",
}


def sample(message: Descriptor) -> Any:
    """A value with one of each: one element in a list, one entry in a map, the first member of a oneof.

    A message within itself is left out.
    """
    return _Samples().message(message, ())


class _Samples:
    def __init__(self) -> None:
        self._values = 0

    def message(self, message: Descriptor, above: tuple[str, ...]) -> Any:
        """`above` are the messages on the way to this one."""
        if message.full_name in WELL_KNOWN:
            return _KNOWN[message.name]
        above = (*above, message.full_name)
        shown: dict[str, Any] = {}
        for field in message.fields:
            if self._is_shown(field, above):
                shown[field.name] = self._field(field, above)
        return shown

    def _is_shown(self, field: FieldDescriptor, above: tuple[str, ...]) -> bool:
        if field.is_required:
            return True
        oneof = field.containing_oneof
        if self._values >= _VALUES_MAX or len(above) > _DEPTH_MAX or (oneof is not None and oneof.fields[0] != field):
            return False
        value = _value_field(field)
        return value.message_type is None or value.message_type.full_name not in above

    def _field(self, field: FieldDescriptor, above: tuple[str, ...]) -> Any:
        value = self._value(_value_field(field), above)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return {_key(field.message_type.fields_by_name["key"]): value}
        return [value] if field.is_repeated else value

    def _value(self, field: FieldDescriptor, above: tuple[str, ...]) -> Any:
        self._values += 1
        if field.message_type is not None:
            if field.message_type.full_name in above:
                return {}  # required within itself, so that no value could fit
            return self.message(field.message_type, above)
        if field.enum_type is not None:
            return _enum_value(field)
        return _scalar(field)


def _value_field(field: FieldDescriptor) -> FieldDescriptor:
    """The field of a map's values, else `field` itself."""
    entry = field.message_type
    return entry.fields_by_name["value"] if entry is not None and entry.GetOptions().map_entry else field


def _key(field: FieldDescriptor) -> str:
    if field.cpp_type == _F.CPPTYPE_STRING:
        return "key"
    return "true" if field.cpp_type == _F.CPPTYPE_BOOL else "1"


def _enum_value(field: FieldDescriptor) -> str | None:
    """The second value: the first one mostly says that there is none."""
    enum = field.enum_type
    assert enum is not None
    if enum.full_name == "google.protobuf.NullValue":
        return None
    return str(enum.values[:2][-1].name)


def _scalar(field: FieldDescriptor) -> Any:
    if field.type == _F.TYPE_BYTES:
        return _KNOWN["BytesValue"]
    if field.cpp_type == _F.CPPTYPE_STRING:
        return _KNOWN["StringValue"]
    if field.cpp_type == _F.CPPTYPE_BOOL:
        return True
    if field.cpp_type in (_F.CPPTYPE_DOUBLE, _F.CPPTYPE_FLOAT):
        return 1.5
    is_number = field.GetOptions().jstype == 2  # JS_NUMBER
    return "1" if field.cpp_type in _WIDE and not is_number else 1
