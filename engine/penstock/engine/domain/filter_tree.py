"""What a filter says, as a tree that a store can carry out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import TypeAlias


class FieldKind(Enum):
    """What the values of a field are."""

    TEXT = "text"
    EXECUTION_ID = "execution id"
    INTEGER = "integer"
    TIME = "time"
    DURATION = "duration"
    ENUM = "enum"
    NAME = "name"
    """Text that is compared as a whole: without order and without stars."""
    SEARCHED = "searched"
    """What the flows of an account declare as searchable."""
    LABELS = "labels"
    """Text by key: its keys are named `field.key`."""


NODE_FAILED = "node.failed"
"""A field that no filter names: whether a node failed for good. Its only question is `Present`."""


class SearchKind(IntEnum):
    """How the values of a searchable field are compared. Numbers as in penstock.v1.SearchableField.Kind."""

    TEXT = 1
    NUMBER = 2
    BOOL = 3
    ENUM = 4
    TIME = 5


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field that may be filtered by. `example` is a comparison with it; `members` is the enum of an ENUM.

    `searched` are the kinds that flows declare a SEARCHED field with, and `choices` the names of its enum's values.
    """

    kind: FieldKind
    example: str
    members: type[IntEnum] | None = None
    searched: frozenset[SearchKind] = frozenset()
    choices: tuple[str, ...] = ()

    @property
    def has_order(self) -> bool:
        """Whether its values can be less or greater than others."""
        if self.kind is FieldKind.SEARCHED:
            return bool(self.searched - {SearchKind.BOOL, SearchKind.ENUM})
        return self.kind not in (FieldKind.ENUM, FieldKind.NAME)


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


@dataclass(frozen=True, slots=True)
class Searched:
    """A value of a SEARCHED field as text and as a number: whichever its flows may have. A time counts in seconds."""

    text: str | Wildcard | None
    number: Decimal | None


Value: TypeAlias = "str | int | datetime | timedelta | IntEnum | Wildcard | Searched"
"""Text, an execution id, an integer, an aware time, a length of time, a member of an enum, or text with stars."""


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
