"""What a field holds, in TypeScript: the JSON that penstock.wire.json reads and prints."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.codegen.sdk.typescript.interface import Interface, Way
from penstock.codegen.sdk.typescript.wellknown import WELL_KNOWN, WIDE
from penstock.wire.json.fields import is_json_number, is_null, map_fields

_F = FieldDescriptor
_WIDE = frozenset((_F.CPPTYPE_INT64, _F.CPPTYPE_UINT64))
_SCALARS = {
    _F.CPPTYPE_INT32: "number",
    _F.CPPTYPE_UINT32: "number",
    _F.CPPTYPE_FLOAT: "number",
    _F.CPPTYPE_DOUBLE: "number",
    _F.CPPTYPE_BOOL: "boolean",
    _F.CPPTYPE_STRING: "string",
}
_WIDE_GIVEN = "number | bigint | string"


def message_type(interface: Interface, message: Descriptor, way: Way) -> str:
    """The type of a message."""
    if way is Way.GIVEN and message.full_name in WIDE:
        return _WIDE_GIVEN
    return WELL_KNOWN.get(message.full_name) or interface.name(message, way)


def given_type(interface: Interface, message: Descriptor) -> str:
    """The type of a message that callers give."""
    return message_type(interface, message, Way.GIVEN)


def field_type(interface: Interface, field: FieldDescriptor, way: Way) -> str:
    """The type of all that stands under the name of a field."""
    entry = map_fields(field)
    if entry is not None:
        key, value = entry
        inner = _value_type(interface, value, way)
        # Of two keys one may be missing; of all others TypeScript has an option of its own to say so.
        of_bool = key.cpp_type == _F.CPPTYPE_BOOL
        return f'Partial<Record<"true" | "false", {inner}>>' if of_bool else f"Record<string, {inner}>"
    inner = _value_type(interface, field, way)
    if not field.is_repeated:
        return inner
    return f"({inner})[]" if " " in inner else f"{inner}[]"


def meaning(field: FieldDescriptor) -> str:
    """What the type does not tell. "" when it tells all."""
    entry = map_fields(field)
    value = field if entry is None else entry[1]
    full_name = value.message_type.full_name if value.message_type is not None else ""
    if value.type == _F.TYPE_BYTES or full_name == "google.protobuf.BytesValue":
        return "Bytes in base64."
    if full_name == "google.protobuf.Timestamp":
        return "RFC 3339."
    if full_name == "google.protobuf.Duration":
        return 'Seconds, such as "1.5s".'
    if value.cpp_type in _WIDE:
        text = "text beyond ±2^53" if is_json_number(value) else "as text"
        return f"{'Unsigned' if value.cpp_type == _F.CPPTYPE_UINT64 else 'Signed'} 64-bit integer, {text}."
    return ""


def _value_type(interface: Interface, field: FieldDescriptor, way: Way) -> str:
    if field.message_type is not None:
        return message_type(interface, field.message_type, way)
    if is_null(field):
        return "null"
    if field.enum_type is not None:
        return interface.enum(field.enum_type)
    if field.cpp_type not in _WIDE:
        return _SCALARS[field.cpp_type]
    if way is Way.GIVEN:
        return _WIDE_GIVEN
    return "number | string" if is_json_number(field) else "string"
