"""Comments within descriptors: what goes along with messages so that their documents can tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorProto

# Field numbers of descriptor.proto: the path of a location is made of them and of indexes.
_MESSAGE, _ENUM, _FIELD, _NESTED_ENUM, _VALUE = 4, 5, 2, 4, 2

Texts = Mapping[str, Mapping[str, str]]
"""Name of a message or an enum -> name of a field or a value, "" for itself -> text."""


def keep_comments_alone(file: FileDescriptorProto) -> None:
    """Drops where things stood in the source; a comment behind an element counts as one before it."""
    found = [(at.path, at.leading_comments or at.trailing_comments) for at in file.source_code_info.location]
    _replace(file, ((path, text) for path, text in found if text.strip()))


def add_comments(file: FileDescriptorProto, texts: Texts) -> None:
    """Puts texts on the messages of a derived file, on their enums and on those of the file itself."""
    _replace(file, ((path, _comment(text)) for path, text in _placed(file, texts)))


def _placed(file: FileDescriptorProto, texts: Texts) -> Iterator[tuple[list[int], str]]:
    for index, message in enumerate(file.message_type):
        path = [_MESSAGE, index]
        yield from _of(path, _FIELD, message, texts)
        for at, enum in enumerate(message.enum_type):
            yield from _of([*path, _NESTED_ENUM, at], _VALUE, enum, texts)
    for index, enum in enumerate(file.enum_type):
        yield from _of([_ENUM, index], _VALUE, enum, texts)


def _of(
    path: list[int], members: int, element: DescriptorProto | EnumDescriptorProto, texts: Texts
) -> Iterator[tuple[list[int], str]]:
    known = texts.get(element.name, {})
    if text := known.get(""):
        yield path, text
    if isinstance(element, DescriptorProto):
        names = [field.name for field in element.field]
    else:
        names = [value.name for value in element.value]
    for index, name in enumerate(names):
        if text := known.get(name):
            yield [*path, members, index], text


def _comment(text: str) -> str:
    """As protoc records it: a blank before each line."""
    return "".join(f" {line}".rstrip() + "\n" for line in text.splitlines())


def _replace(file: FileDescriptorProto, comments: Iterable[tuple[Iterable[int], str]]) -> None:
    given = [(list(path), text) for path, text in comments]
    file.ClearField("source_code_info")
    for path, text in given:
        file.source_code_info.location.add(path=path, leading_comments=text)
