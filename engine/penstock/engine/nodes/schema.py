"""Reads the dataclasses that nodes take and give, all of them and all of their problems."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import SimpleNamespace
from typing import Any

from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.annotations import Annotation, Unfit, is_proto_name, read_annotation
from penstock.engine.nodes.mismatch import find_mismatch
from penstock.engine.nodes.shapes import ABSENT, Choice, Field, Listed, Mapped, OneOf, Record, Schema, Shape


def read_schema(roots: Iterable[type]) -> tuple[Schema, list[Problem]]:
    """The dataclasses reachable from `roots`. With problems, the schema lacks what they are about."""
    reading = SchemaReading()
    for root in roots:
        reading.record(root)
    schema = Schema(reading.records, tuple(reading.enums))
    problems = [*reading.problems, *_same_names(schema), *_endless(schema)]
    if not problems:
        problems = [problem for cls in schema.records for problem in _wrong_defaults(cls, schema.records)]
    return schema, problems


def types_within(field: Field) -> Iterator[type]:
    """The dataclasses and enums that a field has values of."""
    shape = field.shape.item if isinstance(field.shape, Listed) else field.shape
    match shape.value if isinstance(shape, Mapped) else shape:
        case Record(cls):
            yield cls
        case Choice(enum):
            yield enum
        case OneOf(members):
            yield from (cls for _, cls in members)


def needs_itself(cls: type, records: Mapping[type, tuple[Field, ...]]) -> bool:
    """Whether each value of the dataclass would need another one within it."""
    return any(cls in _needed(field, records, set()) for field in records[cls])


class SchemaReading:
    """Reads dataclasses with all that is within them. `unfit` are those that have problems of their own."""

    def __init__(self) -> None:
        self.records: dict[type, tuple[Field, ...]] = {}
        self.unfit: set[type] = set()
        # A dict for its order.
        self.enums: dict[type[Enum], None] = {}
        self.problems: list[Problem] = []

    def record(self, cls: type) -> None:
        if cls in self.records:
            return
        self.records[cls] = ()
        try:
            order = list(inspect.signature(cls).parameters)
        except (TypeError, ValueError) as error:  # a metaclass may do what it likes
            self.wrong(cls, Problem(cls.__name__, f"its constructor cannot be read: {error}"))
            return
        for problem in _class_problems(cls, order):
            self.wrong(cls, problem)
        names = [field.name for field in dataclasses.fields(cls)]
        fields = []
        for field in dataclasses.fields(cls):
            try:
                annotation = read_annotation(_hint(cls, field))
            except Unfit as unfit:
                self.problem(cls, field.name, "not a type that works in a message", unfit.expected, unfit.found)
                continue
            except Exception as error:  # the annotation is the author's code
                self.problem(cls, field.name, f"the annotation {field.type!r} cannot be read: {error}")
                continue
            fields.append(_field(field, annotation, keyword_only=field.kw_only is True or order != names))
            self.meet(annotation.shape)
        self.records[cls] = tuple(_with_free_members(fields))

    def meet(self, shape: Shape) -> None:
        match shape:
            case Record(cls):
                self.record(cls)
            case Choice(enum):
                self.enums[enum] = None
            case Listed(inner) | Mapped(inner):
                self.meet(inner)
            case OneOf(members):
                for _, cls in members:
                    self.record(cls)

    def problem(self, cls: type, field: str, message: str, expected: str = "", found: str = "") -> None:
        self.wrong(cls, Problem(f"{cls.__name__}.{field}", message, expected, found))

    def wrong(self, cls: type, problem: Problem) -> None:
        self.unfit.add(cls)
        self.problems.append(problem)


def _hint(cls: type, field: dataclasses.Field[Any]) -> object:
    """The annotation, resolved where it was written: with postponed annotations it is text until here."""
    home = next(base for base in cls.__mro__ if field.name in inspect.get_annotations(base))
    holder = SimpleNamespace(__annotations__={field.name: field.type})
    module = vars(sys.modules[home.__module__]) if home.__module__ in sys.modules else {}
    hints = typing.get_type_hints(holder, module, dict(vars(home)), include_extras=True)
    return hints[field.name]


def _field(field: dataclasses.Field[Any], annotation: Annotation, keyword_only: bool) -> Field:
    return Field(
        field.name,
        annotation.shape,
        annotation.optional,
        ABSENT if field.default is dataclasses.MISSING else field.default,
        None if field.default_factory is dataclasses.MISSING else field.default_factory,
        keyword_only,
        annotation.is_sensitive,
    )


def _class_problems(cls: type, order: Iterable[str]) -> Iterator[Problem]:
    name = cls.__name__
    if not is_proto_name(name):
        yield Problem(name, "the name does not work in proto", "ASCII letters, digits and underscores", name)
    if getattr(cls, "__parameters__", ()):
        yield Problem(name, "a generic dataclass is no message", "a class without type parameters", name)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    parameters = set(order)
    if parameters != fields.keys():
        odd = ", ".join(sorted(parameters ^ fields.keys()))
        yield Problem(
            name, "a message is made from its fields", "a constructor that takes each field, and no more", odd
        )
    json_names: dict[str, str] = {}
    for field in fields:
        if not is_proto_name(field):
            yield Problem(
                f"{name}.{field}", "the name does not work in proto", "a letter, then letters, digits, _", field
            )
        other = json_names.setdefault(_json_name(field), field)
        if other != field:
            yield Problem(f"{name}.{field}", f"the name is too close to {other}: they are one name in JSON")


def _json_name(name: str) -> str:
    """As protobuf makes it: what follows an underscore in upper case, without the underscore."""
    return re.sub(r"_+(.?)", lambda match: match[1].upper(), name)


def _with_free_members(fields: list[Field]) -> Iterator[Field]:
    """The fields, where members of oneofs that share a name with another field begin with the oneof's own."""
    taken = {field.name for field in fields}
    for field in fields:
        if not isinstance(field.shape, OneOf):
            yield field
            continue
        members = []
        for member, cls in field.shape.members:
            free = member if member not in taken else f"{field.name}_{member}"
            taken.add(free)
            members.append((free, cls))
        yield dataclasses.replace(field, shape=OneOf(tuple(members)))


def _same_names(schema: Schema) -> Iterator[Problem]:
    home: dict[str, type] = {}
    for cls in (*schema.records, *schema.enums):
        other = home.setdefault(cls.__name__, cls)
        if other is not cls:
            places = " and ".join(f"{one.__module__}.{one.__qualname__}" for one in (other, cls))
            yield Problem(cls.__name__, f"two classes of a package's messages have this name: {places}")


def _endless(schema: Schema) -> Iterator[Problem]:
    """Fields that need a message that needs a message without end."""
    for cls, fields in schema.records.items():
        for field in fields:
            if cls in _needed(field, schema.records, set()):
                expected = f"{cls.__name__} | None, or list[…]"
                name = f"{cls.__name__}.{field.name}"
                yield Problem(name, f"a {cls.__name__} would need a {cls.__name__} without end", expected, "no way out")


def _needed(field: Field, records: Mapping[type, tuple[Field, ...]], seen: set[type]) -> set[type]:
    if isinstance(field.shape, Record) and not field.optional and not field.has_default and field.shape.cls not in seen:
        seen.add(field.shape.cls)
        for inner in records[field.shape.cls]:
            _needed(inner, records, seen)
    return seen


def _wrong_defaults(cls: type, records: Mapping[type, tuple[Field, ...]]) -> Iterator[Problem]:
    for field in records[cls]:
        where = f"{cls.__name__}.{field.name}"
        if not field.has_default:
            continue
        try:
            value = field.default if field.factory is None else field.factory()
        except Exception as error:  # the factory is the author's code
            yield Problem(where, f"the default_factory raised {type(error).__name__}: {error}")
            continue
        wrong = None if value is None and field.optional else find_mismatch(records, field.shape, value)
        if wrong is not None:
            yield Problem(where, "the default does not fit the field", wrong.expected, wrong.found)
        elif isinstance(field.shape, Listed | Mapped) and value:
            empty = "an empty one, because a caller's empty one cannot be told from none"
            yield Problem(where, "a list or map cannot have such a default", empty, repr(value))
