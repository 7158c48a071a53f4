"""Writes descriptors back as proto source that protoc compiles to the same descriptors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.openapi.prototext.messages import Writer
from penstock.openapi.prototext.names import Names
from penstock.openapi.prototext.options import options, quoted
from penstock.wire.types import TypePool, UnknownType


def proto_sources(descriptors: bytes, comments: Mapping[str, str]) -> dict[str, str]:
    """Name of each file -> its source, in the order of the serialized FileDescriptorSet `descriptors`.

    `comments` is by full name, an enum's values below the enum.
    """
    kind = _file_class(descriptors)
    files = [kind.FromString(file.SerializeToString()) for file in FileDescriptorSet.FromString(descriptors).file]
    names = Names(files)
    return {file.name: _source(file, names, comments) for file in files}


def _file_class(descriptors: bytes) -> Any:
    """FileDescriptorProto of the files' own pool, where the author's own options are fields that can be read.

    An option needs google/protobuf/descriptor.proto; files without it have none.
    """
    try:
        return TypePool(descriptors).message("google.protobuf.FileDescriptorProto")
    except UnknownType:
        return descriptor_pb2.FileDescriptorProto


def _source(file: Any, names: Names, comments: Mapping[str, str]) -> str:
    writer = Writer(file, names, comments)
    parts = [_syntax(file)]
    if file.package:
        parts.append(f"package {file.package};")
    parts.append("\n".join(_imports(file)))
    parts.append("\n".join(f"option {option};" for option in options(file.options)))
    parts += [writer.service(service) for service in file.service]
    parts += [writer.message(message, file.package) for message in file.message_type]
    parts += [writer.enum(enum, file.package) for enum in file.enum_type]
    parts += writer.extensions(file.extension, file.package)
    return "\n\n".join(filter(None, parts)) + "\n"


def _syntax(file: Any) -> str:
    if file.syntax == "editions":
        edition = file.DESCRIPTOR.fields_by_name["edition"].enum_type.values_by_number[file.edition].name
        return f'edition = "{edition.removeprefix("EDITION_")}";'
    return f'syntax = "{file.syntax or "proto2"}";'


def _imports(file: Any) -> list[str]:
    kinds = {**dict.fromkeys(file.public_dependency, "public "), **dict.fromkeys(file.weak_dependency, "weak ")}
    return [f"import {kinds.get(index, '')}{quoted(name)};" for index, name in enumerate(file.dependency)]
