"""Writes options as proto source says them, those of the author's own making included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf import text_encoding, text_format
from google.protobuf.descriptor import FieldDescriptor

# What protoc writes by itself.
_IMPLIED = frozenset({"map_entry", "uninterpreted_option"})


def options(message: Any) -> list[str]:
    """`name = value` of each option that is set; `message` is FileOptions, FieldOptions or another of these."""
    return [
        f"{_name(field)}{rest} = {value}"
        for field, given in message.ListFields()
        if field.name not in _IMPLIED or field.is_extension
        for rest, value in _values(field, given)
    ]


def bracketed(texts: list[str]) -> str:
    """Options behind a field, a value or a range, "" for none."""
    return f" [{', '.join(texts)}]" if texts else ""


def quoted(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return f'"{text_encoding.CEscape(raw, as_utf8=isinstance(text, str))}"'


def _name(field: FieldDescriptor) -> str:
    return f"(.{field.full_name})" if field.is_extension else field.name


def _values(field: FieldDescriptor, given: Any) -> Iterator[tuple[str, str]]:
    """What stands behind the name, and the value, for each time that the option is written."""
    for value in given if field.is_repeated else (given,):
        if field.message_type is not None and field.name == "features":
            # The one message that protoc takes member by member alone.
            yield from ((f".{name}", text) for name, _, text in (one.partition(" = ") for one in options(value)))
        else:
            yield "", _value(field, value)


def _value(field: FieldDescriptor, value: Any) -> str:
    if field.message_type is not None:
        return f"{{ {text_format.MessageToString(value, as_one_line=True)} }}"
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)
