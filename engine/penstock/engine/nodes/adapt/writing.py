"""Writes the Python source of functions that write dataclasses into messages.

Types are checked on the way, because upb takes some wrong ones without a word: bytes for a string, True for a
number, a string for a list of strings, None for nothing. What it refuses by itself is left to it.
"""

from __future__ import annotations

from penstock.engine.nodes.shapes import (
    Choice,
    Field,
    Known,
    Listed,
    Mapped,
    OneOf,
    Record,
    Scalar,
    Single,
)

KNOWN_WRITERS = {
    Known.TIMESTAMP: "write_timestamp",
    Known.DURATION: "write_duration",
    Known.STRUCT: "write_struct",
    Known.VALUE: "write_value",
}

# Of these upb refuses all that is wrong: floats, booleans and numbers that are too large; text for bytes.
_CHECKED_BY_UPB = (int, bytes)


def writer_source(cls: type, fields: tuple[Field, ...]) -> str:
    """Source of `write_<Class>(m, o)`: fills the empty message m from the dataclass o.

    Its globals are what `adapt` puts there: class_<Class>, be_there_<Class>, enum_<Enum>, the writers of other classes
    and of well-known types, and the checks of `conversions`.
    """
    name = cls.__name__
    lines = [f"def write_{name}(m, o):", f"    if type(o) is not class_{name}: need(o, class_{name})"]
    for field in fields:
        lines += [f"    {line}" for line in _field_lines(field)]
    if not any(_always_sets(field) for field in fields):
        # Nothing that is assigned would make this message be there.
        lines.append(f"    be_there_{name}(m)")
    return "\n".join(lines) + "\n"


def _always_sets(field: Field) -> bool:
    return isinstance(field.shape, Scalar | Choice | Record | Known) and not field.optional


def _field_lines(field: Field) -> list[str]:
    lines = [f"v = o.{field.name}"]
    target = f"m.{field.name}"
    match field.shape:
        case Listed(item):
            return lines + _list_lines(item, target)
        case Mapped(item):
            return lines + _map_lines(item, target)
        case OneOf(members):
            return lines + _oneof_lines(members, field.optional)
        case Known.VALUE:
            # None is a JSON value: it is written as null.
            return [*lines, f"write_value({target}, v)"]
        case _:
            written = _single_lines(field.shape, target, "v")
    if field.optional:
        return [*lines, "if v is not None:", *(f"    {line}" for line in written)]
    return lines + written


def _single_lines(shape: Single, target: str, value: str) -> list[str]:
    match shape:
        case Scalar():
            return [*_check_lines(shape, value), f"{target} = {value}"]
        case Choice(enum):
            check = f"if type({value}) is not enum_{enum.__name__}: raise Refused"
            return [check, f"{target} = {value}._value_"]
    return [f"{_message_writer(shape)}({target}, {value})"]


def _message_writer(shape: Single) -> str:
    return KNOWN_WRITERS[shape] if isinstance(shape, Known) else f"write_{_class_name(shape)}"


def _class_name(shape: Single) -> str:
    assert isinstance(shape, Record)
    return shape.cls.__name__


def _check_lines(shape: Scalar, value: str) -> list[str]:
    kind = shape.python
    if kind in _CHECKED_BY_UPB:
        return []
    if shape.name == "float":
        return [f"need_float32({value})"]
    check = f"need_float({value})" if kind is float else f"need({value}, {kind.__name__})"
    return [f"if type({value}) is not {kind.__name__}: {check}"]


def _list_lines(item: Single, target: str) -> list[str]:
    lines = ["if type(v) is not list: need(v, list)"]
    match item:
        case Scalar():
            return [*lines, *_check_each(item, "v"), f"{target}.extend(v)"]
        case Choice(enum):
            check = ["for x in v:", f"    if type(x) is not enum_{enum.__name__}: raise Refused"]
            return [*lines, *check, f"{target}.extend([x._value_ for x in v])"]
    return [*lines, f"add = {target}.add", f"for x in v: {_message_writer(item)}(add(), x)"]


def _map_lines(item: Single, target: str) -> list[str]:
    # upb takes bytes for a key.
    lines = ["if type(v) is not dict: need(v, dict)", *_check_each(Scalar("string"), "v"), f"entries = {target}"]
    match item:
        case Scalar():
            return [*lines, *_check_each(item, "v.values()"), "for k, x in v.items(): entries[k] = x"]
        case Choice():
            return [*lines, "for k, x in v.items():", *(f"    {x}" for x in _single_lines(item, "entries[k]", "x"))]
    return [*lines, f"for k, x in v.items(): {_message_writer(item)}(entries[k], x)"]


def _check_each(item: Scalar, values: str) -> list[str]:
    """The set of types is built in C; only when an unexpected one is in it each value is looked at."""
    kind = item.python
    if kind in _CHECKED_BY_UPB:
        return []
    if item.name == "float":
        return [f"for x in {values}: need_float32(x)"]
    if kind is float:
        return [f"if not floats.issuperset(map(type, {values})):", f"    for x in {values}: need_float(x)"]
    name = kind.__name__
    return [f"if not {name}s.issuperset(map(type, {values})):", f"    for x in {values}: need(x, {name})"]


def _oneof_lines(members: tuple[tuple[str, type], ...], optional: bool) -> list[str]:
    lines = ["t = type(v)"]
    for index, (member, cls) in enumerate(members):
        word = "if" if index == 0 else "elif"
        lines.append(f"{word} t is class_{cls.__name__}: write_{cls.__name__}(m.{member}, v)")
    lines.append("elif v is not None: raise Refused" if optional else "else: raise Refused")
    return lines
