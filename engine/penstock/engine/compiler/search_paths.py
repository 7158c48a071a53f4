"""Where the searchable fields of a flow are, and how their values are compared."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.spelling import or_one_of
from penstock.wire.gen.artifact_pb2 import SearchableField
from penstock.wire.json.fields import is_null
from penstock.wire.sensitive import is_sensitive

ROOTS = ("input", "output")
"""What a path begins with."""

_TIMESTAMP = "google.protobuf.Timestamp"
_NUMBERS = frozenset(
    {
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
        FieldDescriptor.CPPTYPE_FLOAT,
        FieldDescriptor.CPPTYPE_DOUBLE,
    }
)


class NotSearchable(ValueError):
    """A path that leads to nothing that can be searched for. Its text continues the path."""


def root_of(subject: Subject, path: str) -> str:
    """Full name of the message that a path begins at, "" when it is not known."""
    if path.startswith("input."):
        return subject.input_type
    return subject.ends[subject.terminals[0]].output if len(subject.terminals) == 1 else ""


def searchable_field(subject: Subject, path: str) -> SearchableField:
    """What a path of a flow without problems leads to."""
    assert subject.types is not None
    return find_field(subject.types.descriptor(root_of(subject, path)), path)


def find_field(root: Descriptor, path: str) -> SearchableField:
    """What a path leads to that begins at `root`. Raises NotSearchable."""
    way, *names = path.split(".")
    message: Descriptor | None = root
    field: FieldDescriptor | None = None
    for name in names:
        if message is None or message.full_name == _TIMESTAMP:
            raise NotSearchable(f"{way} is not a message, so it has no field {name}")
        field = message.fields_by_name.get(name)
        if field is None:
            hint = or_one_of(name, [each.name for each in message.fields])
            raise NotSearchable(f"{way} is {message.full_name}, which has no field {name}{hint}")
        way = f"{way}.{name}"
        if is_sensitive(field):
            raise NotSearchable(f"{way} is sensitive, so its values are not kept for lists")
        if field.is_repeated:
            raise NotSearchable(f"{way} has many values")
        message = field.message_type
    assert field is not None
    kind = _kind(field)
    if kind is None:
        what = f"a {field.message_type.full_name}" if field.message_type else "bytes"
        raise NotSearchable(f"expected a text, number, bool, enum or {_TIMESTAMP}, found {what}")
    choices = [value.name for value in field.enum_type.values] if field.enum_type is not None else []
    return SearchableField(path=path, kind=kind, choices=choices)


def _kind(field: FieldDescriptor) -> SearchableField.Kind | None:
    if field.message_type is not None:
        return SearchableField.TIME if field.message_type.full_name == _TIMESTAMP else None
    if field.enum_type is not None:
        return None if is_null(field) else SearchableField.ENUM
    if field.cpp_type in _NUMBERS:
        return SearchableField.NUMBER
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return SearchableField.BOOL
    return SearchableField.TEXT if field.type == FieldDescriptor.TYPE_STRING else None
