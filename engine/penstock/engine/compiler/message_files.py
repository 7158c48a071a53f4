"""Puts the message files of packages and of sub-flows together into one descriptor set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

from penstock.engine.domain.problem import Problem
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.package_pb2 import Package
from penstock.wire.types import TypePool

_SHARED = "google/"
"""Files that every package may carry its own copy of. They only ever grow compatibly: the first one is taken."""


@dataclass(frozen=True, slots=True)
class MessageFiles:
    """`descriptors` is a serialized FileDescriptorSet, dependencies first, in an order that depends on its
    content alone, `types` the pool of it and `messages` the full names in it. They are empty and None when there
    are problems."""

    descriptors: bytes
    types: TypePool | None
    messages: tuple[str, ...]
    problems: tuple[Problem, ...]


def merge(packages: Mapping[str, Package], subflows: Mapping[str, Artifact] = MappingProxyType({})) -> MessageFiles:
    """Takes each file once. Two files of one name that differ, and a message that two files define, are problems.

    A sub-flow may have been compiled with an earlier version of a file: the first one is taken, and whether messages
    can still be handed over is for the check of sub-flows.
    """
    files: dict[str, FileDescriptorProto] = {}
    origin: dict[str, str] = {}
    problems = []
    for name, package in sorted(packages.items()):
        for file in FileDescriptorSet.FromString(package.descriptors).file:
            earlier = files.setdefault(file.name, file)
            owner = origin.setdefault(file.name, f"package {name}")
            if not file.name.startswith(_SHARED) and _content(earlier) != _content(file):
                both = _both(owner, f"package {name}")
                problems.append(Problem(f"file {file.name}", f"{both} define it differently"))
    for name, artifact in sorted(subflows.items()):
        for file in FileDescriptorSet.FromString(artifact.descriptors).file:
            files.setdefault(file.name, file)
            origin.setdefault(file.name, f"flow {name}")
    problems.extend(_defined_twice(files, origin))
    if problems:
        return MessageFiles(b"", None, (), tuple(problems))
    descriptors = FileDescriptorSet(file=_dependencies_first(files)).SerializeToString(deterministic=True)
    try:
        types = TypePool(descriptors)
    except ValueError as error:  # names that collide in a way that is rarer than those above
        return MessageFiles(b"", None, (), (Problem("message files", str(error)),))
    messages = (name for file in files.values() for name in _message_names(file.package, file.message_type))
    return MessageFiles(descriptors, types, tuple(sorted(messages)), ())


def _message_names(parent: str, messages: Iterable[DescriptorProto]) -> Iterator[str]:
    for message in messages:
        full_name = f"{parent}.{message.name}" if parent else message.name
        if not message.options.map_entry:
            yield full_name
            yield from _message_names(full_name, message.nested_type)


def _content(file: FileDescriptorProto) -> FileDescriptorProto:
    """Without comments, and without the JSON names that some tools spell out."""
    copy = FileDescriptorProto()
    copy.CopyFrom(file)
    copy.ClearField("source_code_info")
    for message in copy.message_type:
        _clear_json_names(message)
    return copy


def _clear_json_names(message: DescriptorProto) -> None:
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        _clear_json_names(nested)


def _defined_twice(files: Mapping[str, FileDescriptorProto], origin: Mapping[str, str]) -> Iterator[Problem]:
    home: dict[str, str] = {}
    for name, file in sorted(files.items()):
        symbols = [*(message.name for message in file.message_type), *(enum.name for enum in file.enum_type)]
        for symbol in sorted(symbols):
            full_name = f"{file.package}.{symbol}" if file.package else symbol
            first = home.setdefault(full_name, name)
            if first != name:
                problem = f"{_both(origin[first], origin[name])} both define it, in {first} and {name}"
                yield Problem(f"message {full_name}", problem)


def _both(first: str, second: str) -> str:
    """Two owners, each "package x" or "flow x", in a sentence."""
    (kind, name), (other_kind, other) = first.split(" "), second.split(" ")
    return f"{kind}s {name} and {other}" if kind == other_kind else f"{first} and {second}"


def _dependencies_first(files: Mapping[str, FileDescriptorProto]) -> Iterator[FileDescriptorProto]:
    done: set[str] = set()

    def visit(name: str) -> Iterator[FileDescriptorProto]:
        if name in done:
            return
        done.add(name)
        for dependency in sorted(files[name].dependency):
            yield from visit(dependency)
        yield files[name]

    for name in sorted(files):
        yield from visit(name)
