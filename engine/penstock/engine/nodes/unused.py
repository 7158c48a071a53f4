"""Dataclasses that no node takes or gives: messages too, where they can be, because a flow may name them."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from types import ModuleType
from typing import cast

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from penstock.engine.nodes.annotations import is_proto_name
from penstock.engine.nodes.derive import derive_file
from penstock.engine.nodes.schema import SchemaReading, needs_itself, types_within
from penstock.engine.nodes.shapes import Field, Schema

Records = dict[type, tuple[Field, ...]]


def with_unused(used: Schema, package: str, earlier: bytes | None, candidates: Iterable[type]) -> Schema:
    """`used` and behind it those of the dataclasses `candidates` that can be messages beside it.

    One that cannot is left out, and so is what needs it: whoever wrote it need not have meant it to be a message.
    The names and numbers of `used` stay as they are without the others. No constructor and no default is called.
    """
    reading = SchemaReading()
    for cls in candidates:
        if cls not in used.records:
            reading.record(cls)
    records = {cls: fields for cls, fields in reading.records.items() if cls not in used.records}
    if not records:
        return used
    unfit = reading.unfit | {cls for cls in records if needs_itself(cls, reading.records)}
    taken = _names(derive_file(package, used, earlier))
    unfit |= {cls for cls in {*records, *reading.enums} - {*used.records, *used.enums} if not _is_free(cls, taken)}
    records = _without(unfit, records)
    records = _without(_of_one_name({*records, *_enums(records)} - {*used.enums}), records)
    return Schema({**used.records, **records}, tuple(dict.fromkeys((*used.enums, *_enums(records)))))


def own_dataclasses(parent: str) -> list[type]:
    """The dataclasses at the top of the imported modules that are in the package `parent`: by module, then as written.

    What a module only imports is not its own.
    """
    modules = [name for name in list(sys.modules) if name == parent or name.startswith(f"{parent}.")]
    return [cls for name in sorted(modules) for cls in _dataclasses_of(sys.modules[name])]


def _dataclasses_of(module: ModuleType) -> Iterator[type]:
    for name, value in list(vars(module).items()):
        # Not isinstance: a value may answer it with code of its own.
        if not issubclass(type(value), type) or not dataclasses.is_dataclass(value):
            continue
        cls = cast(type, value)
        if cls.__module__ == module.__name__ and cls.__name__ == name:
            yield cls


def _names(file: FileDescriptorProto) -> set[str]:
    """Everything that has a name at the top of the file. The values of an enum are beside it."""
    values = (value.name for enum in file.enum_type for value in enum.value)
    return {*(message.name for message in file.message_type), *(enum.name for enum in file.enum_type), *values}


def _is_free(cls: type, taken: set[str]) -> bool:
    return is_proto_name(cls.__name__) and cls.__name__ not in taken


def _of_one_name(classes: Iterable[type]) -> set[type]:
    """Those that share their name with another one: nobody could tell which of them is meant."""
    classes = list(classes)
    count = Counter(cls.__name__ for cls in classes)
    return {cls for cls in classes if count[cls.__name__] > 1}


def _enums(records: Records) -> Iterator[type[Enum]]:
    for fields in records.values():
        for cls in (cls for field in fields for cls in types_within(field)):
            if issubclass(cls, Enum):
                yield cls


def _without(unfit: set[type], records: Records) -> Records:
    """The records but those that are unfit and those that need one of them."""
    users: dict[type, list[type]] = {}
    for cls, fields in records.items():
        for inner in (inner for field in fields for inner in types_within(field)):
            users.setdefault(inner, []).append(cls)
    gone, spreading = set(unfit), list(unfit)
    while spreading:
        new = set(users.get(spreading.pop(), ())) - gone
        gone |= new
        spreading += new
    return {cls: fields for cls, fields in records.items() if cls not in gone}
