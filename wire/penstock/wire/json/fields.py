"""What a field's descriptor says to those who treat its kinds differently."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor


def map_fields(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor] | None:
    """The fields of a map's keys and values; None for a field that is no map."""
    entry = field.message_type
    if entry is None or not field.is_repeated or not entry.has_options or not entry.GetOptions().map_entry:
        return None
    return entry.fields_by_name["key"], entry.fields_by_name["value"]


def is_json_number(field: FieldDescriptor) -> bool:
    """Whether a 64-bit integer field has jstype = JS_NUMBER."""
    return field.has_options and field.GetOptions().jstype == field.GetOptions().JS_NUMBER


def is_null(field: FieldDescriptor) -> bool:
    """Whether the values of a field are google.protobuf.NullValue."""
    return field.enum_type is not None and field.enum_type.full_name == "google.protobuf.NullValue"


def takes_null(field: FieldDescriptor) -> bool:
    """Whether null is a value of the field; for all others it means that the field is absent."""
    if field.is_repeated:
        return False
    if field.message_type is not None:
        return field.message_type.full_name == "google.protobuf.Value"
    return is_null(field)
