"""What does not work in a message is refused when the package loads, naming class, field and what works."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.engine.nodes.annotations import WORKING_TYPES
from tests.nodes.folders import IMPORTS, problems_of, problems_of_nodes

ECHO = "\n@node\ndef echo(request: Box) -> Box:\n    return request\n"
SCALARS = (
    "string, bytes, bool, double, float, int32, sint32, sfixed32, uint32, fixed32, int64, sint64, sfixed64, uint64, "
    "fixed64"
)
NOT_NESTED = "a dataclass for what is within: proto has no lists or maps directly in one another"
ENUM = "an enum.Enum with integer values, the first one 0"

# Annotation, what is expected, what is found.
REFUSED = [
    ("complex", WORKING_TYPES, "complex"),
    ("Decimal", f"str; these work: {WORKING_TYPES}", "Decimal"),
    ("date", f"str or datetime; these work: {WORKING_TYPES}", "date"),
    ("tuple[int, str]", f"list[T] or a dataclass; these work: {WORKING_TYPES}", "tuple[int, str]"),
    ("set[str]", f"list[T]; these work: {WORKING_TYPES}", "set[str]"),
    ("list", f"list[T]; these work: {WORKING_TYPES}", "list"),
    ("object", f"Any; these work: {WORKING_TYPES}", "object"),
    ("None", WORKING_TYPES, "None"),
    ("Callable", WORKING_TYPES, "Callable"),
    ("Plain", WORKING_TYPES, "Plain"),
    ("Page[int]", WORKING_TYPES, "Page[int]"),
    ("Literal['a']", WORKING_TYPES, "Literal['a']"),
    ("int | str", WORKING_TYPES, "int | str"),
    ("Item | str", WORKING_TYPES, "Item | str"),
    ("list[list[int]]", NOT_NESTED, "list[list[int]]"),
    ("dict[str, list[int]]", NOT_NESTED, "dict[str, list[int]]"),
    ("list[int | None]", WORKING_TYPES, "list[int | None]"),
    ("dict[int, str]", "dict[str, str]: the keys of a JSON object are text", "dict[int, str]"),
    (
        "list[int] | None",
        "list[int] = field(default_factory=list), because an empty one cannot be told from None",
        "list[int] | None",
    ),
    (
        "Optional[dict[str, int]]",
        "dict[str, int] = field(default_factory=dict), because an empty one cannot be told from None",
        "Optional[dict[str, int]]",
    ),
    ('Annotated[int, "int33"]', f"one of the scalar names {SCALARS}", "Annotated[int, 'int33']"),
    ('Annotated[str, "int32"]', 'Annotated[int, "int32"]', "Annotated[str, 'int32']"),
    ('Annotated[int | None, "int32"]', 'Annotated[int, "int32"]', "Annotated[int | None, 'int32']"),
    ("OneFirst", ENUM, "OneFirst.A = 1"),
    ("Texts", f"{ENUM}, all of 32 bits", "Texts.A = 'a'"),
    ("Wide", f"{ENUM}, all of 32 bits", "Wide.B = 4294967296"),
    ("Flags", ENUM, "Flags, an enum.Flag"),
    ("NoMembers", ENUM, "no members"),
]

CLASSES = """
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Generic, Literal, Optional, TypeVar

T = TypeVar("T")

class Plain: ...

@dataclass
class Page(Generic[T]):
    item: T

@dataclass
class Item:
    name: str

class OneFirst(enum.Enum):
    A = 1

class Texts(enum.Enum):
    A = "a"

class Wide(enum.Enum):
    A = 0
    B = 2**32

class Flags(enum.Flag):
    A = 0

class NoMembers(enum.Enum): ...
"""


@pytest.mark.parametrize("postponed", ["", "from __future__ import annotations\n"], ids=["now", "postponed"])
async def test_each_field_that_does_not_work_is_named_with_what_works(tmp_path: Path, postponed: str) -> None:
    fields = "".join(f"    f{index}: {annotation}\n" for index, (annotation, *_) in enumerate(REFUSED))
    nodes = f"{postponed}{IMPORTS}{CLASSES}\n@dataclass\nclass Box:\n{fields}{ECHO}"
    assert await problems_of(tmp_path, {"nodes.py": nodes}) == [
        f"Box.f{index}: not a type that works in a message (expected {expected}, found {found})"
        for index, (_, expected, found) in enumerate(REFUSED)
    ]


async def test_annotation_that_cannot_be_resolved_is_named(tmp_path: Path) -> None:
    nodes = f"@dataclass\nclass Box:\n    a: 'Missing'\n    b: 'list['\n    c: complex\n{ECHO}"
    found = await problems_of_nodes(tmp_path, nodes)
    assert found[0] == "Box.a: the annotation 'Missing' cannot be read: name 'Missing' is not defined"
    assert found[1].startswith("Box.b: the annotation 'list[' cannot be read: ")
    assert found[2].startswith("Box.c: not a type that works in a message")
    assert len(found) == 3


async def test_classes_that_cannot_be_made_from_their_fields_are_refused(tmp_path: Path) -> None:
    found = await problems_of_nodes(
        tmp_path,
        """
from dataclasses import InitVar

@dataclass
class Late:
    a: int
    b: int = field(init=False, default=3)

@dataclass
class More:
    a: int
    seed: InitVar[int] = 1

@dataclass
class Own:
    a: int
    def __init__(self) -> None:
        self.a = 1

@dataclass
class Box:
    late: Late
    more: More
    own: Own
"""
        + ECHO,
    )
    right = "a message is made from its fields (expected a constructor that takes each field, and no more"
    assert found == [f"Late: {right}, found b)", f"More: {right}, found seed)", f"Own: {right}, found a)"]


async def test_names_that_proto_cannot_have_are_refused(tmp_path: Path) -> None:
    found = await problems_of_nodes(
        tmp_path,
        f"""
@dataclass
class Straße:
    _hidden: int
    größe: int

@dataclass
class Box:
    street: Straße
    unit_price: int
    unitPrice: int
{ECHO}""",
    )
    letters = "the name does not work in proto (expected"
    assert found == [
        "Box.unitPrice: the name is too close to unit_price: they are one name in JSON",
        f"Straße: {letters} ASCII letters, digits and underscores, found Straße)",
        f"Straße._hidden: {letters} a letter, then letters, digits, _, found _hidden)",
        f"Straße.größe: {letters} a letter, then letters, digits, _, found größe)",
    ]


async def test_two_classes_of_one_name_are_refused(tmp_path: Path) -> None:
    files = {
        "other.py": "from dataclasses import dataclass\n@dataclass\nclass Item:\n    b: int\n",
        "nodes.py": "from dataclasses import dataclass\nfrom penstock.sdk import node\nfrom . import other\n"
        "@dataclass\nclass Item:\n    a: int\n@dataclass\nclass Box:\n    a: Item\n    b: other.Item\n" + ECHO,
    }
    (found,) = await problems_of(tmp_path, files)
    assert found.startswith("Item: two classes of a package's messages have this name")
    assert ".nodes.Item and " in found
    assert ".other.Item" in found


async def test_names_that_only_clash_in_proto_are_refused(tmp_path: Path) -> None:
    nodes = f"@dataclass\nclass Box:\n    a: dict[str, int]\n    A: dict[str, int]\n{ECHO}"
    (found,) = await problems_of_nodes(tmp_path, nodes)
    assert found.startswith("the messages cannot be made: ")


async def test_message_without_end_is_refused(tmp_path: Path) -> None:
    nodes = "@dataclass\nclass Box:\n    other: 'Other'\n@dataclass\nclass Other:\n    box: Box\n    fine: Box | None\n"
    assert await problems_of_nodes(tmp_path, nodes + ECHO) == [
        "Box.other: a Box would need a Box without end (expected Box | None, or list[…], found no way out)",
        "Other.box: a Other would need a Other without end (expected Other | None, or list[…], found no way out)",
    ]


async def test_message_classes_of_proto_do_not_work_beside_dataclasses(tmp_path: Path) -> None:
    nodes = "from google.protobuf.struct_pb2 import Struct\n@dataclass\nclass Box:\n    extra: Struct\n"
    assert await problems_of_nodes(tmp_path, nodes + ECHO) == [
        f"Box.extra: not a type that works in a message (expected {WORKING_TYPES}, found Struct)"
    ]
