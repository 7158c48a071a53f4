"""What a message looks like, between Python's annotations and proto's descriptors.

Shape   Python                      proto
Scalar  str, int, Annotated[…]      a scalar
Choice  enum.Enum                   an enum
Record  a dataclass                 a message
Known   datetime, timedelta, …      a well-known type
Listed  list[T]                     repeated T
Mapped  dict[str, T]                map<string, T>
OneOf   A | B                       a oneof with one member a dataclass
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Absent(Enum):
    """Stands for a default that is not there."""

    ABSENT = 0


ABSENT = Absent.ABSENT


class Known(Enum):
    """A well-known type, by its full name."""

    TIMESTAMP = "google.protobuf.Timestamp"
    DURATION = "google.protobuf.Duration"
    STRUCT = "google.protobuf.Struct"
    VALUE = "google.protobuf.Value"


PYTHON_OF_SCALAR: Mapping[str, type] = MappingProxyType(
    {
        "string": str,
        "bytes": bytes,
        "bool": bool,
        "double": float,
        "float": float,
        **dict.fromkeys(("int32", "sint32", "sfixed32", "uint32", "fixed32"), int),
        **dict.fromkeys(("int64", "sint64", "sfixed64", "uint64", "fixed64"), int),
    }
)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A proto scalar by its name. `number` is true for a plain `int`, whose JSON is a number."""

    name: str
    number: bool = False

    @property
    def python(self) -> type:
        return PYTHON_OF_SCALAR[self.name]

    @property
    def range(self) -> tuple[int, int]:
        """Least and greatest value of an integer scalar."""
        bits = 32 if self.name.endswith("32") else 64
        unsigned = self.name.startswith(("uint", "fixed"))
        return (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


@dataclass(frozen=True, slots=True)
class Choice:
    enum: type[Enum]


@dataclass(frozen=True, slots=True)
class Record:
    cls: type


Single = Scalar | Choice | Record | Known


@dataclass(frozen=True, slots=True)
class Listed:
    item: Single


@dataclass(frozen=True, slots=True)
class Mapped:
    value: Single


@dataclass(frozen=True, slots=True)
class OneOf:
    """`members` are the dataclasses by the name of their proto field."""

    members: tuple[tuple[str, type], ...]


Shape = Single | Listed | Mapped | OneOf


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a dataclass.

    `optional` says whether None is allowed. `default` is what the class has when the field is left out, ABSENT
    for none; `factory` makes it, None for none. `keyword_only` is about the constructor.
    `is_sensitive` says that its values are not for everybody.
    """

    name: str
    shape: Shape
    optional: bool = False
    default: object = ABSENT
    factory: Callable[[], object] | None = None
    keyword_only: bool = False
    is_sensitive: bool = False

    @property
    def has_default(self) -> bool:
        return self.default is not ABSENT or self.factory is not None

    @property
    def has_presence(self) -> bool:
        """Whether a scalar has to tell "left out" from proto's zero: None, or a default that is not that zero."""
        if self.optional or self.factory is not None:
            return True
        return self.default is not ABSENT and not _is_zero(self.shape, self.default)


@dataclass(frozen=True, slots=True)
class Schema:
    """The dataclasses that messages are made of, each with its fields in order, and the enums in them.

    In the order in which they were met from the nodes on.
    """

    records: Mapping[type, tuple[Field, ...]]
    enums: tuple[type[Enum], ...]


def _is_zero(shape: Shape, value: object) -> bool:
    if isinstance(shape, Choice):
        return isinstance(value, Enum) and value.value == 0
    # repr tells -0.0 from 0.0, which are equal and not the same on the wire.
    return isinstance(shape, Scalar) and repr(value) == repr(shape.python())


def shape_name(shape: Shape) -> str:
    """The shape as its author would write it."""
    match shape:
        case Scalar():
            return shape.python.__name__
        case Choice(enum):
            return enum.__name__
        case Record(cls):
            return cls.__name__
        case Known():
            return _KNOWN_NAMES[shape]
        case Listed(item):
            return f"list[{shape_name(item)}]"
        case Mapped(value):
            return f"dict[str, {shape_name(value)}]"
        case OneOf(members):
            return " or ".join(cls.__name__ for _, cls in members)


_KNOWN_NAMES = {
    Known.TIMESTAMP: "datetime with a time zone",
    Known.DURATION: "timedelta",
    Known.STRUCT: "dict",
    Known.VALUE: "a JSON value",
}
