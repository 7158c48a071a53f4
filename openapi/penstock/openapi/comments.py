"""Reads the comments of proto files: full name of an element -> its text.

A comment is prose, so its lines are joined; an empty line separates paragraphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorProto

# Field numbers of descriptor.proto: a location's path is made of them and of indexes.
_FILE_MESSAGE, _FILE_ENUM, _FILE_SERVICE = 4, 5, 6
_MESSAGE_FIELD, _MESSAGE_NESTED, _MESSAGE_ENUM, _MESSAGE_ONEOF = 2, 3, 4, 8
_ENUM_VALUE, _SERVICE_METHOD = 2, 2

_Path = tuple[int, ...]


def read_comments(files: Iterable[FileDescriptorProto]) -> dict[str, str]:
    """Leading comments of all files that came with source info; an element without one is left out.

    The name of an enum value is written below its enum, not beside it as protobuf scopes it, since two
    enums of one message may both have an UNKNOWN.
    """
    found: dict[str, str] = {}
    for file in files:
        texts = {tuple(at.path): _prose(at.leading_comments) for at in file.source_code_info.location}
        found.update((name, texts[path]) for path, name in _elements(file) if texts.get(path))
    return found


def _elements(file: FileDescriptorProto) -> Iterator[tuple[_Path, str]]:
    for index, message in enumerate(file.message_type):
        yield from _message(message, (_FILE_MESSAGE, index), f"{file.package}.{message.name}")
    for index, enum in enumerate(file.enum_type):
        yield from _enum(enum, (_FILE_ENUM, index), f"{file.package}.{enum.name}")
    for index, service in enumerate(file.service):
        name = f"{file.package}.{service.name}"
        yield (_FILE_SERVICE, index), name
        for at, method in enumerate(service.method):
            yield (_FILE_SERVICE, index, _SERVICE_METHOD, at), f"{name}.{method.name}"


def _message(message: DescriptorProto, path: _Path, name: str) -> Iterator[tuple[_Path, str]]:
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, _MESSAGE_FIELD, index), f"{name}.{field.name}"
    for index, oneof in enumerate(message.oneof_decl):
        yield (*path, _MESSAGE_ONEOF, index), f"{name}.{oneof.name}"
    for index, enum in enumerate(message.enum_type):
        yield from _enum(enum, (*path, _MESSAGE_ENUM, index), f"{name}.{enum.name}")
    for index, nested in enumerate(message.nested_type):
        yield from _message(nested, (*path, _MESSAGE_NESTED, index), f"{name}.{nested.name}")


def _enum(enum: EnumDescriptorProto, path: _Path, name: str) -> Iterator[tuple[_Path, str]]:
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, _ENUM_VALUE, index), f"{name}.{value.name}"


def _prose(comment: str) -> str:
    paragraphs = comment.strip().split("\n\n")
    return "\n\n".join(" ".join(line.strip() for line in paragraph.splitlines()) for paragraph in paragraphs).strip()
