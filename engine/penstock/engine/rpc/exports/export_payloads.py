"""Messages of an artifact -> the JSON of an export, without the fields that their proto marks debug_redact."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError

from penstock.wire.json import JsonError
from penstock.wire.types import TypePool

JsonObject = dict[str, Any]
REDACTED = "[redacted]"

_WELL_KNOWN = "google.protobuf."


class Payloads:
    """Reads messages of one artifact."""

    def __init__(self, types: TypePool) -> None:
        self._types = types
        self._redacted: dict[str, frozenset[str]] = {}

    def read(self, type_name: str, data: bytes) -> tuple[JsonObject | None, str]:
        """The JSON form and "", or None and why there is none."""
        descriptor = self._types.descriptor(type_name)
        try:
            value: JsonObject = self._types.json.encoder(descriptor)(self._types.message(type_name).FromString(data))
        except (JsonError, DecodeError) as error:
            return None, str(error)
        if type(value) is not dict:
            return None, f"{type_name} is no object in JSON"
        return self.redact(type_name, value), ""

    def redact(self, type_name: str, value: JsonObject) -> JsonObject:
        """Changes and gives `value`, the JSON form of such a message."""
        if self._with_redacted(type_name):
            self._redact(self._types.descriptor(type_name), value)
        return value

    def _with_redacted(self, type_name: str) -> frozenset[str]:
        """Names of the messages within a message that have such a field, or reach one."""
        found = self._redacted.get(type_name)
        if found is None:
            found = self._redacted[type_name] = _reaching(self._types.descriptor(type_name))
        return found

    def _redact(self, descriptor: Descriptor, value: Any) -> None:
        if type(value) is not dict or descriptor.full_name.startswith(_WELL_KNOWN):
            return
        for field in descriptor.fields:
            if field.name not in value:
                continue
            if field.GetOptions().debug_redact:
                value[field.name] = REDACTED
            elif (inner := _message(field)) is not None and self._with_redacted(inner.full_name):
                for each in _each(field, value[field.name]):
                    self._redact(inner, each)


def _reaching(root: Descriptor) -> frozenset[str]:
    """Empty when no message within `root` has a field to redact; else the names of all of them."""
    found, ahead, is_needed = {root.full_name}, [root], False
    while ahead:
        for field in ahead.pop().fields:
            is_needed = is_needed or field.GetOptions().debug_redact
            inner = _message(field)
            if inner is not None and inner.full_name not in found:
                found.add(inner.full_name)
                ahead.append(inner)
    return frozenset(found) if is_needed else frozenset()


def _message(field: FieldDescriptor) -> Descriptor | None:
    """What a field holds; of a map what its values are."""
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        return inner.fields_by_name["value"].message_type
    return inner


def _each(field: FieldDescriptor, value: Any) -> list[Any]:
    if not field.is_repeated:
        return [value]
    return list(value.values()) if type(value) is dict else list(value)
