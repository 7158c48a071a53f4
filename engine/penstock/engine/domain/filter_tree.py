"""What a filter says, as a tree that a store can carry out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum
from typing import TypeAlias


class FieldKind(Enum):
    """What the values of a field are."""

    TEXT = "text"
    EXECUTION_ID = "execution id"
    INTEGER = "integer"
    TIME = "time"
    ENUM = "enum"
    LABELS = "labels"
    """Text by key: its keys are named `field.key`."""


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field that may be filtered by. `example` is a comparison with it; `members` is the enum of an ENUM."""

    kind: FieldKind
    example: str
    members: type[IntEnum] | None = None


class Operator(Enum):
    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Text with any characters between its parts: `a*b` has the parts "a" and "b"; there are at least two."""

    parts: tuple[str, ...]


Value: TypeAlias = "str | int | datetime | IntEnum | Wildcard"
"""Text, an execution id, an integer, an aware time, a member of an enum, or text with stars."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Holds when the field is set and compares so; NOT_EQUAL is the opposite of EQUAL, so it holds for an unset one.

    `key` is the label's for LABELS, else None. A Wildcard comes with EQUAL and NOT_EQUAL alone.
    """

    field: str
    operator: Operator
    value: Value
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """Holds when the field, or the label of that key, is set. `key` None with LABELS: when there is any label."""

    field: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression


@dataclass(frozen=True, slots=True)
class And:
    """At least two operands."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least two operands."""

    operands: tuple[Expression, ...]


Expression: TypeAlias = "Comparison | Present | Not | And | Or"
