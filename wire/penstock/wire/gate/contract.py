"""What callers of an artifact rely on: its messages, enums and methods, each with the way that leads there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
    FileDescriptorSet,
)

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.json.fields import map_fields
from penstock.wire.typed import ServiceName, service_descriptors
from penstock.wire.types import TypePool

_NOT_OURS = ("penstock.v1.", "google.protobuf.")
"""The fixed API has a gate of its own, and the well-known types never change: both are the same for all artifacts."""


@dataclass(frozen=True)
class Message:
    """A message that callers see. `path` is the first way to it."""

    descriptor: Descriptor
    path: str

    @cached_property
    def proto(self) -> DescriptorProto:
        """What the descriptor does not tell: what is reserved."""
        return _proto(self.descriptor, DescriptorProto())

    @cached_property
    def real_oneofs(self) -> frozenset[str]:
        """Names of the oneofs that somebody wrote: an optional field of proto3 is in one that nobody did."""
        synthetic = {field.oneof_index for field in self.proto.field if field.proto3_optional}
        return frozenset(o.name for index, o in enumerate(self.proto.oneof_decl) if index not in synthetic)

    @property
    def is_map_entry(self) -> bool:
        return self.proto.options.map_entry

    def path_of(self, field: str) -> str:
        return f"{self.path}.{field}"


@dataclass(frozen=True)
class Enum:
    """An enum that callers see. `path` is the first field with it."""

    descriptor: EnumDescriptor
    path: str

    @cached_property
    def proto(self) -> EnumDescriptorProto:
        """What the descriptor does not tell: what is reserved."""
        return _proto(self.descriptor, EnumDescriptorProto())

    @cached_property
    def names(self) -> Mapping[int, frozenset[str]]:
        """Number -> the names of it, several for aliases."""
        found: dict[int, set[str]] = {}
        for value in self.descriptor.values:
            found.setdefault(value.number, set()).add(value.name)
        return {number: frozenset(names) for number, names in found.items()}


@dataclass(frozen=True)
class Field:
    """A field of a message that callers see."""

    descriptor: FieldDescriptor
    message: Message

    @property
    def path(self) -> str:
        return self.message.path_of(self.descriptor.name)

    @property
    def oneof(self) -> str | None:
        """The oneof that somebody wrote around it."""
        oneof = self.descriptor.containing_oneof
        return oneof.name if oneof is not None and oneof.name in self.message.real_oneofs else None

    @property
    def is_map(self) -> bool:
        return map_fields(self.descriptor) is not None

    @property
    def type_name(self) -> str:
        """The full name of its message or enum, else of its kind: "orders.Item", "int32"."""
        kind = self.descriptor.message_type or self.descriptor.enum_type
        if kind is None:
            return FieldDescriptorProto.Type.Name(_type(self.descriptor)).removeprefix("TYPE_").lower()
        is_delimited = self.descriptor.type == FieldDescriptor.TYPE_GROUP
        return f"delimited {kind.full_name}" if is_delimited else str(kind.full_name)


T = TypeVar("T", Message, Enum, Field)


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """The same thing in two artifacts."""

    before: T
    after: T


@dataclass(frozen=True, slots=True)
class Contract:
    """Messages and enums by full name, methods by name, and by name all files, also those that callers need not."""

    artifact: Artifact
    service: str
    messages: Mapping[str, Message]
    enums: Mapping[str, Enum]
    methods: Mapping[str, MethodDescriptor]
    files: Mapping[str, FileDescriptor]


def read_contract(artifact: Artifact) -> Contract:
    """The contract of an artifact in the FULL view, as its service that follows `live` has it."""
    types = TypePool(service_descriptors(artifact))
    name = str(ServiceName(artifact.flow, None))
    service = types.pool.FindServiceByName(name)
    roots = {types.descriptor(artifact.input_type): "input"}
    roots.setdefault(types.descriptor(artifact.output_type), "output")
    for method in service.methods:
        roots.setdefault(method.input_type, f"{method.name}.input")
        roots.setdefault(method.output_type, f"{method.name}.output")
    messages, enums = _reach(Message(root, path) for root, path in roots.items())
    files = {file: types.pool.FindFileByName(file) for file in _file_names(artifact)}
    methods = {method.name: method for method in service.methods}
    return Contract(artifact, name, messages, enums, methods, files)


def _file_names(artifact: Artifact) -> list[str]:
    return [file.name for file in FileDescriptorSet.FromString(artifact.descriptors).file]


def features(descriptor: Any) -> FeatureSet:
    """What holds for a descriptor of any syntax: proto2 and proto3 are editions with features of their own."""
    return cast(FeatureSet, descriptor._GetFeatures())


def loses_json(before: Any, after: Any) -> bool:
    """Whether a descriptor had a JSON form for certain and has it no longer, as those of proto2."""
    was, now = features(before), features(after)
    return was.json_format == was.ALLOW != now.json_format


def _reach(roots: Iterable[Message]) -> tuple[dict[str, Message], dict[str, Enum]]:
    """All messages and enums that the roots lead to, nearest first."""
    messages: dict[str, Message] = {}
    enums: dict[str, Enum] = {}
    waiting = list(roots)
    for message in waiting:
        full_name = message.descriptor.full_name
        if full_name in messages or full_name.startswith(_NOT_OURS):
            continue
        messages[full_name] = message
        for field in message.descriptor.fields:
            # An entry of a map is no step on the way: callers never see it.
            path = message.path if message.is_map_entry else message.path_of(field.name)
            if field.message_type is not None:
                waiting.append(Message(field.message_type, path))
            if field.enum_type is not None and not field.enum_type.full_name.startswith(_NOT_OURS):
                enums.setdefault(field.enum_type.full_name, Enum(field.enum_type, path))
    return messages, enums


_P = TypeVar("_P", DescriptorProto, EnumDescriptorProto)


def _proto(descriptor: Descriptor | EnumDescriptor, empty: _P) -> _P:
    descriptor.CopyToProto(empty)  # type: ignore[arg-type]
    return empty


def _type(field: FieldDescriptor) -> FieldDescriptorProto.Type.ValueType:
    return cast(FieldDescriptorProto.Type.ValueType, field.type)
