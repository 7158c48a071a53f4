"""Takes out of answers what flows through executions: the fields that their protos mark `flows_through`."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from penstock.wire.descent import reaching, within
from penstock.wire.gen import options_pb2

_MARKED_HERE = frozenset({"penstock.v1.Pause.input", "penstock.v1.Pause.value"})
"""Artifacts carry their file, which would bring that of the options, and all that this one needs, into each of them."""


class Hider:
    """For messages of one type, and those within them."""

    def __init__(self, descriptor: Any) -> None:
        self._fields: dict[str, tuple[list[str], list[Any]]] = {}
        names = reaching(descriptor, is_marked)
        for message in within(descriptor):
            marked = [field.name for field in message.fields if is_marked(field)]
            inner = [
                field
                for field in message.fields
                if field.message_type is not None and field.message_type.full_name in names
            ]
            self._fields[message.full_name] = marked, inner
        self.hides_anything = descriptor.full_name in names

    def hide(self, message: Any) -> None:
        """Changes the message."""
        marked, inner = self._fields[message.DESCRIPTOR.full_name]
        for name in marked:
            message.ClearField(name)
        for field in inner:
            if field.message_type.GetOptions().map_entry:
                for each in getattr(message, field.name).values():
                    self.hide(each)
            elif field.is_repeated:
                for each in getattr(message, field.name):
                    self.hide(each)
            elif message.HasField(field.name):
                self.hide(getattr(message, field.name))


def is_marked(field: FieldDescriptor) -> bool:
    if field.full_name in _MARKED_HERE:
        return True
    options: Any = field.GetOptions()
    return bool(options.Extensions[options_pb2.flows_through])
