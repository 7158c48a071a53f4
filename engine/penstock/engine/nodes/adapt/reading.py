"""Writes the Python source of functions that read messages into dataclasses.

One function a type, without loops over fields or look-ups of what a field is: reading three scalars costs no
more than writing it by hand.
"""

from __future__ import annotations

from penstock.engine.nodes.shapes import (
    ABSENT,
    Choice,
    Field,
    Known,
    Listed,
    Mapped,
    OneOf,
    Record,
    Scalar,
    Shape,
    Single,
)

KNOWN_READERS = {
    Known.TIMESTAMP: "read_timestamp",
    Known.DURATION: "read_duration",
    Known.STRUCT: "read_struct",
    Known.VALUE: "read_value",
}


def reader_source(cls: type, fields: tuple[Field, ...], constants: dict[str, object]) -> str:
    """Source of `read_<Class>(m)`, with a function before it for each oneof.

    Its globals are what `adapt` puts there: class_<Class>, has_<Class>, which_<Class>, members_<Enum>, the
    readers of other classes and of well-known types; and `constants`, to which defaults are added.
    """
    name = cls.__name__
    lines = []
    arguments = []
    for field in fields:
        default = _default(name, field, constants)
        if isinstance(field.shape, OneOf):
            lines += _oneof_lines(name, field, field.shape, default)
            value = f"read_{name}_{field.name}(m)"
        else:
            value = _read(field.shape, f"m.{field.name}")
            if _may_be_absent(field):
                value = f"({value} if has_{name}(m, {field.name!r}) else {default})"
        arguments.append(f"{field.name}={value}" if field.keyword_only else value)
    lines += [f"def read_{name}(m):", f"    return class_{name}({', '.join(arguments)})"]
    return "\n".join(lines) + "\n"


def _may_be_absent(field: Field) -> bool:
    """Whether what is not there has to be read as something else than proto's own empty value."""
    if isinstance(field.shape, Listed | Mapped):
        return False
    if isinstance(field.shape, Scalar | Choice):
        return field.has_presence
    return field.optional or field.has_default


def _default(cls: str, field: Field, constants: dict[str, object]) -> str:
    """The expression for a field that was left out; "" when there is nothing to put there."""
    name = f"default_{cls}_{field.name}"
    if field.factory is not None:
        constants[name] = field.factory
        return f"{name}()"
    if field.default is not ABSENT:
        constants[name] = field.default
        return name
    return "None" if field.optional else ""


def _oneof_lines(cls: str, field: Field, shape: OneOf, default: str) -> list[str]:
    lines = [f"def read_{cls}_{field.name}(m):", f"    which = which_{cls}(m, {field.name!r})"]
    for member, member_cls in shape.members:
        lines.append(f"    if which == {member!r}: return read_{member_cls.__name__}(m.{member})")
    members = " or ".join(member for member, _ in shape.members)
    lines.append(f"    return {default}" if default else f"    raise WrongType({members!r}, 'none of them')")
    return lines


def _read(shape: Shape, value: str) -> str:
    match shape:
        case Listed(Scalar()):
            return f"{value}[:]"
        case Listed(item):
            return f"[{_read(item, 'x')} for x in {value}]"
        case Mapped(Scalar()):
            return f"dict({value})"
        case Mapped(item):
            return f"{{k: {_read(item, 'x')} for k, x in {value}.items()}}"
        case Scalar():
            return value
    return _read_single(shape, value)


def _read_single(shape: Single | OneOf, value: str) -> str:
    match shape:
        case Choice(enum):
            return f"members_{enum.__name__}[{value}]"
        case Record(cls):
            return f"read_{cls.__name__}({value})"
        case Known():
            return f"{KNOWN_READERS[shape]}({value})"
    raise AssertionError(shape)
