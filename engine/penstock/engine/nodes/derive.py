"""Derives proto messages from dataclasses.

The messages of package "hello" are hello.<Class>, all in the file hello/messages.proto.
"""

from __future__ import annotations

from enum import Enum

from google.protobuf import descriptor_pool, duration_pb2, struct_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FieldOptions,
    FileDescriptorProto,
    FileDescriptorSet,
)

from penstock.engine.nodes.comments import add_comments
from penstock.engine.nodes.docstrings import read_docstrings
from penstock.engine.nodes.numbers import number_fields
from penstock.engine.nodes.shapes import (
    PYTHON_OF_SCALAR,
    Choice,
    Field,
    Known,
    Listed,
    Mapped,
    OneOf,
    Record,
    Scalar,
    Schema,
    Single,
)

_SCALAR_TYPES = {name: FieldDescriptorProto.Type.Value(f"TYPE_{name.upper()}") for name in PYTHON_OF_SCALAR}
_KNOWN_FILES = {
    Known.TIMESTAMP: timestamp_pb2.DESCRIPTOR,
    Known.DURATION: duration_pb2.DESCRIPTOR,
    Known.STRUCT: struct_pb2.DESCRIPTOR,
    Known.VALUE: struct_pb2.DESCRIPTOR,
}


def derive(package: str, schema: Schema, earlier: bytes | None) -> bytes:
    """A serialized FileDescriptorSet, dependencies first, of the messages for `schema`.

    `earlier` is that of the last published version of the package, None for the first one; field numbers are
    kept from it.
    """
    own = derive_file(package, schema, earlier)
    add_comments(own, read_docstrings((*schema.records, *schema.enums)))
    known = [FileDescriptorProto.FromString(_serialized(name)) for name in own.dependency]
    return FileDescriptorSet(file=[*known, own]).SerializeToString(deterministic=True)


def derive_file(package: str, schema: Schema, earlier: bytes | None) -> FileDescriptorProto:
    """The file of these messages alone, without comments."""
    return _Derivation(package, schema, _Past(package, earlier)).file()


def _serialized(file: str) -> bytes:
    content: bytes = descriptor_pool.Default().FindFileByName(file).serialized_pb
    return content


class _Past:
    """The messages and enums of the last published version, by full name."""

    def __init__(self, package: str, earlier: bytes | None) -> None:
        files = FileDescriptorSet.FromString(earlier or b"").file
        own = [file for file in files if file.package == package]
        self.messages = {message.name: message for file in own for message in file.message_type}
        self.enums = {enum.name for file in own for enum in file.enum_type}


class _Derivation:
    def __init__(self, package: str, schema: Schema, past: _Past) -> None:
        self.package = package
        self.schema = schema
        self.past = past
        self.proto = FileDescriptorProto(name=f"{package}/messages.proto", package=package, syntax="proto3")
        self.enum_names: dict[type[Enum], str] = {}
        self.dependencies: set[str] = set()

    def file(self) -> FileDescriptorProto:
        # Before the messages: they refer to enums by name.
        self.name_enums()
        for cls, fields in self.schema.records.items():
            message = self.proto.message_type.add(name=cls.__name__)
            for field in fields:
                self.field(message, field)
            _declare_presence(message)
            number_fields(message, self.past.messages.get(message.name))
        for enum, name in self.enum_names.items():
            _fill_enum(self.enum_home(name), enum)
        self.proto.dependency.extend(sorted(self.dependencies))
        return self.proto

    def name_enums(self) -> None:
        """Finds each enum a name below the package: its own, or with a message of its own around it.

        To proto, the values of an enum are names beside it, so two enums of one file cannot both have UNKNOWN.
        The one that had its place before keeps it; the others are nested.
        """
        names = {}
        taken = {cls.__name__ for cls in (*self.schema.records, *self.schema.enums)}
        for enum in sorted(self.schema.enums, key=lambda enum: enum.__name__ not in self.past.enums):
            if taken.isdisjoint(enum.__members__):
                taken.update(enum.__members__)
                names[enum] = enum.__name__
                continue
            around = f"{enum.__name__}Enum"
            while around in taken:
                around += "_"
            taken.add(around)
            names[enum] = f"{around}.{enum.__name__}"
        self.enum_names = {enum: names[enum] for enum in self.schema.enums}

    def enum_home(self, name: str) -> EnumDescriptorProto:
        around, _, own = name.rpartition(".")
        enums = self.proto.message_type.add(name=around).enum_type if around else self.proto.enum_type
        return enums.add(name=own)

    def field(self, message: DescriptorProto, field: Field) -> None:
        if isinstance(field.shape, OneOf):
            for member, cls in field.shape.members:
                added = message.field.add(name=member, label=FieldDescriptorProto.LABEL_OPTIONAL)
                self.type(added, Record(cls))
                added.oneof_index = len(message.oneof_decl)
                _mark(added, field)
            message.oneof_decl.add(name=field.name)
            return
        added = message.field.add(name=field.name, label=FieldDescriptorProto.LABEL_OPTIONAL)
        _mark(added, field)
        match field.shape:
            case Listed(item):
                added.label = FieldDescriptorProto.LABEL_REPEATED
                self.type(added, item)
            case Mapped(value):
                added.label = FieldDescriptorProto.LABEL_REPEATED
                added.type = FieldDescriptorProto.TYPE_MESSAGE
                added.type_name = f".{self.package}.{message.name}.{self.map_entry(message, field.name, value)}"
            case Scalar() | Choice() | Record() | Known():
                self.type(added, field.shape)
                added.proto3_optional = field.optional or (
                    field.has_presence and isinstance(field.shape, Scalar | Choice)
                )

    def type(self, added: FieldDescriptorProto, shape: Single) -> None:
        match shape:
            case Scalar(name, number):
                added.type = _SCALAR_TYPES[name]
                if number:
                    added.options.jstype = FieldOptions.JS_NUMBER
            case Choice(enum):
                added.type = FieldDescriptorProto.TYPE_ENUM
                added.type_name = f".{self.package}.{self.enum_names[enum]}"
            case Record(cls):
                added.type = FieldDescriptorProto.TYPE_MESSAGE
                added.type_name = f".{self.package}.{cls.__name__}"
            case Known():
                added.type = FieldDescriptorProto.TYPE_MESSAGE
                added.type_name = f".{shape.value}"
                self.dependencies.add(_KNOWN_FILES[shape].name)

    def map_entry(self, message: DescriptorProto, field: str, value: Single) -> str:
        name = "".join(part[:1].upper() + part[1:] for part in field.split("_")) + "Entry"
        entry = message.nested_type.add(name=name)
        entry.options.map_entry = True
        optional = FieldDescriptorProto.LABEL_OPTIONAL
        entry.field.add(name="key", number=1, label=optional, type=FieldDescriptorProto.TYPE_STRING)
        self.type(entry.field.add(name="value", number=2, label=optional), value)
        return name


def _mark(added: FieldDescriptorProto, field: Field) -> None:
    """With the option that protobuf itself has for it."""
    if field.is_sensitive:
        added.options.debug_redact = True


def _declare_presence(message: DescriptorProto) -> None:
    """Adds the oneof that stands behind each `optional` field; proto wants these after the real ones."""
    taken = {field.name for field in message.field} | {oneof.name for oneof in message.oneof_decl}
    for field in message.field:
        if not field.proto3_optional:
            field.ClearField("proto3_optional")
            continue
        name = f"_{field.name}"
        while name in taken:
            name = f"X{name}"
        taken.add(name)
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=name)


def _fill_enum(proto: EnumDescriptorProto, enum: type[Enum]) -> None:
    for name, member in enum.__members__.items():
        proto.value.add(name=name, number=member.value)
    if len(enum.__members__) > len(enum):
        proto.options.allow_alias = True
