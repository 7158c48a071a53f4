"""Fields marked sensitive, by the standard option `debug_redact`, and messages without their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.wire.descent import reaching, within

REDACTED = "[redacted]"
"""In place of a text. Other values are left out: their types have none that says so."""


def is_sensitive(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().debug_redact)


def has_sensitive(descriptor: Descriptor) -> bool:
    """Whether the message or one in it, however deep, has a sensitive field. It goes through all of them: keep it."""
    return any(is_sensitive(field) for message in within(descriptor) for field in message.fields)


def unmarked(source: Descriptor, target: Descriptor) -> str | None:
    """Path of a field that is sensitive in `source` and is read as one that is not in `target`; None when there is
    none. Fields are the same by their numbers, as bytes of the one are read as the other; the two may be of different
    pools."""
    seen = {(source.full_name, target.full_name)}
    ahead = [(source, target, "")]
    for source_type, target_type, way in ahead:
        for field in target_type.fields:
            given = source_type.fields_by_number.get(field.number)
            if given is None or is_sensitive(field):
                continue
            path = f"{way}{given.name}"
            if is_sensitive(given):
                return path
            if given.message_type is not None and field.message_type is not None:
                pair = (given.message_type.full_name, field.message_type.full_name)
                if pair not in seen:
                    seen.add(pair)
                    ahead.append((given.message_type, field.message_type, f"{path}."))
    return None


class Redactor:
    """Takes the values of sensitive fields out of messages of one type."""

    def __init__(self, descriptor: Descriptor) -> None:
        names = reaching(descriptor, is_sensitive)
        self.is_needed = descriptor.full_name in names
        self._fields = {
            message.full_name: _Fields(message, names) for message in within(descriptor) if message.full_name in names
        }

    def redact(self, message: Any) -> None:
        """Changes the message, which stays valid: texts that are set become `REDACTED`, other values are taken out."""
        if not self.is_needed:
            return
        # A field that this version of the type does not know may be one that another version marks.
        message.DiscardUnknownFields()
        self._redact(message)

    def values(self, message: Any) -> Iterator[Any]:
        """What `redact` would take out: values of sensitive fields, of those that are messages all that is in them."""
        if self.is_needed:
            yield from self._values(message)

    def _redact(self, message: Any) -> None:
        fields = self._fields[message.DESCRIPTOR.full_name]
        for field in fields.texts:
            if message.HasField(field.name) if field.has_presence else getattr(message, field.name):
                setattr(message, field.name, REDACTED)
        for field in fields.bytes:
            if not field.has_presence or message.HasField(field.name):
                setattr(message, field.name, b"")
        for name in fields.others:
            message.ClearField(name)
        for field in fields.required:
            if field.message_type is None:
                setattr(message, field.name, field.default_value)
            else:
                message.ClearField(field.name)
                getattr(message, field.name).SetInParent()
        for field in fields.reaching:
            for inner in held(message, field):
                self._redact(inner)

    def _values(self, message: Any) -> Iterator[Any]:
        fields = self._fields[message.DESCRIPTOR.full_name]
        for field, value in message.ListFields():
            if is_sensitive(field):
                yield from _leaves(field, value)
        for field in fields.reaching:
            for inner in held(message, field):
                yield from self._values(inner)


class _Fields:
    """Fields of one message, by what becomes of them."""

    def __init__(self, message: Descriptor, names: frozenset[str]) -> None:
        """`names` are those of messages that have sensitive fields, however deep."""
        self.texts: list[Any] = []
        self.bytes: list[Any] = []
        self.others: list[str] = []
        self.required: list[Any] = []
        self.reaching: list[Any] = []
        for field in message.fields:
            if not is_sensitive(field):
                if field.message_type is not None and field.message_type.full_name in names:
                    self.reaching.append(field)
            elif field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
                self.texts.append(field)
            elif field.type == FieldDescriptor.TYPE_BYTES and not field.is_repeated:
                self.bytes.append(field)
            elif field.is_required:
                self.required.append(field)
            else:
                self.others.append(field.name)


def held(message: Any, field: Any) -> list[Any]:
    """The messages that a field of type message holds."""
    value = getattr(message, field.name)
    if field.message_type.GetOptions().map_entry:
        return list(value.values())
    if field.is_repeated:
        return list(value)
    return [value] if message.HasField(field.name) else []


def redacted(message: Any, redactor: Redactor | None = None) -> Any:
    """A copy of the message without the values of its sensitive fields; the message itself when it can have none.

    For messages of one type that come often, keep its `Redactor`.
    """
    redactor = redactor or Redactor(message.DESCRIPTOR)
    if not redactor.is_needed:
        return message
    copy = type(message)()
    copy.CopyFrom(message)
    redactor.redact(copy)
    return copy


def _leaves(field: Any, value: Any) -> Iterator[Any]:
    """The values that are no messages, in what a field holds."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        inner = field.message_type.fields_by_name["value"]
        for key in value:
            yield key
            yield from _leaves(inner, value[key])
        return
    for each in value if field.is_repeated else [value]:
        if field.message_type is None:
            yield each
        else:
            for below, held_value in each.ListFields():
                yield from _leaves(below, held_value)
