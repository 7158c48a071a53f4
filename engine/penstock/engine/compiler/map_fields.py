"""Where the items of a map come from, and where its results go."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.spelling import or_one_of
from penstock.wire.compat import mismatch
from penstock.wire.json.fields import map_fields
from penstock.wire.types import TypePool


class NoSuchPath(ValueError):
    """A path that leads to no repeated message. Its text continues the name of what has the path."""


def root_of(subject: Subject, name: str, over: str) -> str:
    """Full name of the message that the path of a map begins at, "" when it is not known. Raises NoSuchPath."""
    root, *rest = over.split(".")
    if root not in ("input", "output") or not rest:
        raise NoSuchPath(f'expected a path such as input.lines or output.lines, found "{over}"')
    return subject.input_type if root == "input" else subject.ends[name].input


def item_type(root: Descriptor, over: str) -> Descriptor:
    """The message of one item: `over` leads from the root to a repeated field. Raises NoSuchPath."""
    first, *middle, last = over.split(".")
    message, way = root, first
    for name in middle:
        field = _field(message, name, way)
        way = f"{way}.{name}"
        if field.is_repeated or field.message_type is None:
            raise NoSuchPath(f"{way} is not a message, so it has no field {over[len(way) + 1 :]}")
        message = field.message_type
    item = _item(_field(message, last, way))
    if item is None:
        raise NoSuchPath(f"{over} is not a repeated message field")
    return item


def result_fields(types: TypePool, output: str, result: str) -> list[str]:
    """Names of the repeated fields of the output that take messages of the type `result`."""
    source = types.descriptor(result)
    items = ((field.name, _item(field)) for field in types.descriptor(output).fields)
    return [name for name, item in items if item is not None and mismatch(source, item) is None]


def _item(field: FieldDescriptor) -> Descriptor | None:
    """The message that the field repeats; None when it is another kind of field."""
    return field.message_type if field.is_repeated and map_fields(field) is None else None


def _field(message: Descriptor, name: str, way: str) -> FieldDescriptor:
    field = message.fields_by_name.get(name)
    if field is None:
        hint = or_one_of(name, [each.name for each in message.fields])
        raise NoSuchPath(f"{way} is {message.full_name}, which has no field {name}{hint}")
    return field
