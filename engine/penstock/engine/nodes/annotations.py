"""Python annotations as shapes: which types work in a message, and what is said of those that do not."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import re
import types
import typing
import uuid
from dataclasses import dataclass

from penstock.engine.nodes.authoring.sensitive import Sensitive
from penstock.engine.nodes.shapes import (
    PYTHON_OF_SCALAR,
    Choice,
    Known,
    Listed,
    Mapped,
    OneOf,
    Record,
    Scalar,
    Shape,
    Single,
)

WORKING_TYPES = (
    'str, bool, int, float, bytes, Annotated[int, "int32"] and the other scalar names, T | None, list[T], '
    "dict[str, T], enum.Enum with integer values, dataclasses, datetime, timedelta, Any, dict, A | B of dataclasses"
)

_PLAIN: dict[object, Single] = {
    str: Scalar("string"),
    bool: Scalar("bool"),
    int: Scalar("int64", number=True),
    float: Scalar("double"),
    bytes: Scalar("bytes"),
    datetime.datetime: Known.TIMESTAMP,
    datetime.timedelta: Known.DURATION,
    dict: Known.STRUCT,
    typing.Any: Known.VALUE,
}

# What to write instead of types that people reach for.
_INSTEAD: dict[object, str] = {
    list: "list[T]",
    tuple: "list[T] or a dataclass",
    set: "list[T]",
    frozenset: "list[T]",
    object: "Any",
    bytearray: "bytes",
    decimal.Decimal: "str",
    uuid.UUID: "str",
    datetime.date: "str or datetime",
    datetime.time: "str",
}

_INT32_MIN, _INT32_MAX = -(2**31), 2**31 - 1


class Unfit(Exception):
    """The annotation does not work in a message. `expected` and `found` are for the problem."""

    def __init__(self, found: str, expected: str = WORKING_TYPES) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Annotation:
    """`is_sensitive`: it is marked, itself or within, as in `list[Annotated[str, sensitive]]`."""

    shape: Shape
    optional: bool
    is_sensitive: bool = False


def read_annotation(hint: object) -> Annotation:
    """The shape of a resolved annotation (see typing.get_type_hints, include_extras=True). Raises Unfit."""
    return dataclasses.replace(_read(hint), is_sensitive=_is_marked(hint))


def _is_marked(hint: object) -> bool:
    return isinstance(hint, Sensitive) or any(map(_is_marked, typing.get_args(hint)))


def _read(hint: object) -> Annotation:
    if typing.get_origin(hint) is typing.Annotated and not any(isinstance(x, str) for x in typing.get_args(hint)[1:]):
        return _read(typing.get_args(hint)[0])
    members = _union(hint)
    rest = [member for member in members if member is not types.NoneType]
    optional = len(rest) < len(members)
    if len(rest) == 1:
        shape = _shape(rest[0])
        if optional and isinstance(shape, Listed | Mapped):
            plain = f"{spell(rest[0])} = field(default_factory={'list' if isinstance(shape, Listed) else 'dict'})"
            raise Unfit(spell(hint), f"{plain}, because an empty one cannot be told from None")
        return Annotation(shape, optional)
    if not rest or not all(_is_dataclass(member) for member in rest):
        raise Unfit(spell(hint))
    return Annotation(OneOf(tuple((_snake(cls.__name__), cls) for cls in rest)), optional)


def spell(hint: object) -> str:
    """The annotation as its author wrote it, nearly: without the modules that its names are from."""
    if hint is types.NoneType:
        return "None"
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias):
        return hint.__name__
    return re.sub(r"\b(?:[A-Za-z_]\w*\.)+(?=\w)", "", str(hint))


def check_enum(cls: type[enum.Enum]) -> None:
    """Raises Unfit unless it can be a proto3 enum: integers of 32 bits, the first one 0."""
    expected = "an enum.Enum with integer values, the first one 0"
    if issubclass(cls, enum.Flag):
        raise Unfit(f"{cls.__name__}, an enum.Flag", expected)
    members = list(cls)
    for member in members:
        value = member.value
        if not isinstance(value, int) or isinstance(value, bool) or not _INT32_MIN <= value <= _INT32_MAX:
            raise Unfit(f"{cls.__name__}.{member.name} = {value!r}", f"{expected}, all of 32 bits")
        if not is_proto_name(member.name):
            raise Unfit(f"{cls.__name__}.{member.name}", "a name of ASCII letters, digits and underscores")
    if not members or members[0].value != 0:
        raise Unfit(f"{cls.__name__}.{members[0].name} = {members[0].value}" if members else "no members", expected)


def is_proto_name(name: str) -> bool:
    """Whether proto takes it for an identifier; Python takes more."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) is not None


def _union(hint: object) -> tuple[typing.Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)


def _shape(hint: typing.Any) -> Shape:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return Listed(_single(arguments[0], hint))
    if origin is dict and arguments[1] is not typing.Any:
        if arguments[0] is not str:
            raise Unfit(spell(hint), f"dict[str, {spell(arguments[1])}]: the keys of a JSON object are text")
        return Mapped(_single(arguments[1], hint))
    return _single(hint, hint)


def _single(hint: typing.Any, whole: object) -> Single:
    """The shape of `hint`, which may stand in a list or dict as well. `whole` is what a refusal shows."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _annotated(arguments[0], arguments[1:], whole)
    if origin is dict and arguments[0] is str and arguments[1] is typing.Any:
        return Known.STRUCT
    try:
        if (plain := _PLAIN.get(hint)) is not None:
            return plain
    except TypeError:  # an annotation that cannot be hashed is none of ours
        raise Unfit(spell(whole)) from None
    if isinstance(hint, type) and origin is None:
        if issubclass(hint, enum.Enum):
            check_enum(hint)
            return Choice(hint)
        if _is_dataclass(hint):
            return Record(hint)
    instead = _INSTEAD.get(origin or hint)
    if instead and whole is hint:
        raise Unfit(spell(whole), f"{instead}; these work: {WORKING_TYPES}")
    if whole is not hint and origin in (list, dict):
        raise Unfit(spell(whole), "a dataclass for what is within: proto has no lists or maps directly in one another")
    raise Unfit(spell(whole))


def _annotated(base: typing.Any, extras: tuple[object, ...], whole: object) -> Single:
    """A scalar name among the extras decides; other extras are for other libraries."""
    names = [extra for extra in extras if isinstance(extra, str)]
    if not names:
        return _single(base, whole)
    name = names[0]
    if len(names) > 1 or name not in PYTHON_OF_SCALAR:
        raise Unfit(spell(whole), f"one of the scalar names {', '.join(PYTHON_OF_SCALAR)}")
    python = PYTHON_OF_SCALAR[name]
    if base is not python:
        raise Unfit(spell(whole), f'Annotated[{python.__name__}, "{name}"]')
    return Scalar(name)


def _is_dataclass(hint: object) -> bool:
    return isinstance(hint, type) and not isinstance(hint, types.GenericAlias) and dataclasses.is_dataclass(hint)


def _snake(name: str) -> str:
    """The name of a class as one of a field: HTTPCard is http_card."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
