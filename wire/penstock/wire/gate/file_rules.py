"""Rules about the files that the messages are in: who generates code of them relies on their names and options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileOptions

Rule = Callable[[FileDescriptor, FileDescriptor], Iterator[str]]
"""What was and what is, for each thing that the rule finds in a file of one name, before and after."""

_OPTIONS = (
    "cc_enable_arenas",
    "cc_generic_services",
    "csharp_namespace",
    "go_package",
    "java_generic_services",
    "java_multiple_files",
    "java_outer_classname",
    "java_package",
    "objc_class_prefix",
    "optimize_for",
    "php_class_prefix",
    "php_metadata_namespace",
    "php_namespace",
    "py_generic_services",
    "ruby_package",
    "swift_prefix",
)


def same_package(before: FileDescriptor, after: FileDescriptor) -> Iterator[str]:
    if before.package != after.package:
        yield f"file {before.name} was of package {before.package} and is of {after.package}"


def same_syntax(before: FileDescriptor, after: FileDescriptor) -> Iterator[str]:
    was, now = _syntax(before), _syntax(after)
    if was != now:
        yield f"file {before.name} was {was} and is {now}"


def same_option(option: str) -> Rule:
    """The rule that a file option keeps its value."""

    def rule(before: FileDescriptor, after: FileDescriptor) -> Iterator[str]:
        was, now = _option(before, option), _option(after, option)
        if was != now:
            yield f"file {before.name} had {option} {was!r} and has {now!r}"

    return rule


RULES: Mapping[str, Rule] = {
    "FILE_SAME_PACKAGE": same_package,
    "FILE_SAME_SYNTAX": same_syntax,
    **{f"FILE_SAME_{option.upper()}": same_option(option) for option in _OPTIONS},
}


def _syntax(file: FileDescriptor) -> str:
    return FileDescriptorProto.FromString(file.serialized_pb).syntax or "proto2"


def _option(file: FileDescriptor, option: str) -> object:
    options: FileOptions = file.GetOptions()
    return getattr(options, option)
