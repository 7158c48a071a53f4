"""What a node gives is held to its annotation, and the refusal says where it differs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from penstock.engine.nodes.codecs import WrongOutput
from penstock.engine.nodes.package import LoadedNode
from tests.nodes.folders import load_echo, load_nodes

CLASSES = """
class Color(enum.Enum):
    RED = 0

class Other(enum.Enum):
    RED = 0

@dataclass
class Item:
    sku: str = ""
    quantity: Annotated[int, "int32"] = 0

@dataclass
class Note:
    text: str = ""

@dataclass
class Box:
    text: str = ""
    number: int = 0
    count: Annotated[int, "uint32"] = 0
    flag: bool = False
    share: float = 0.0
    small: Annotated[float, "float"] = 0.0
    data: bytes = b""
    color: Color = Color.RED
    item: Item = field(default_factory=Item)
    maybe: int | None = None
    maybe_item: Item | None = None
    items: list[Item] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    smalls: list[Annotated[float, "float"]] = field(default_factory=list)
    flags: list[bool] = field(default_factory=list)
    colors: list[Color] = field(default_factory=list)
    by_name: dict[str, int] = field(default_factory=dict)
    items_by_name: dict[str, Item] = field(default_factory=dict)
    either: Item | Note = field(default_factory=Item)
    either_or_none: Item | Note | None = None
    at: datetime | None = None
    length: timedelta | None = None
    extra: dict = field(default_factory=dict)
    any: Any = None

@dataclass
class Tree:
    child: "Tree | None" = None
"""


class Number(IntEnum):
    ONE = 1


@dataclass
class Stranger:
    text: str = ""


JSON = "a JSON value (None, bool, int, float, str, list or dict)"

# What is put in a field, and what the refusal says.
WRONG = [
    ("text", 5, "text: expected str, got int"),
    ("text", b"x", "text: expected str, got bytes"),
    ("text", None, "text: expected str, got None"),
    ("text", "\ud800", "text: expected text, got a lone surrogate, which is no character"),
    ("number", True, "number: expected int, got bool"),
    ("number", 1.0, "number: expected int, got float"),
    ("number", "1", "number: expected int, got str"),
    ("number", 2**63, "number: expected int64, got 9223372036854775808"),
    ("number", 10**5000, "number: expected int64, got an int of 16610 bits"),
    ("count", -1, "count: expected uint32, got -1"),
    ("flag", 1, "flag: expected bool, got int"),
    ("share", True, "share: expected float, got bool"),
    ("share", "1.5", "share: expected float, got str"),
    ("share", Decimal("1.5"), "share: expected float, got Decimal"),
    ("share", 10**400, "share: expected double, got an int of 1329 bits"),
    ("small", 1e300, "small: expected float of 32 bits, got 1e+300"),
    ("small", "x", "small: expected float, got str"),
    ("data", "x", "data: expected bytes, got str"),
    ("data", bytearray(b"x"), "data: expected bytes, got bytearray"),
    ("color", 0, "color: expected Color, got int"),
    ("color", "RED", "color: expected Color, got str"),
    ("item", {"sku": "x"}, "item: expected Item, got dict"),
    ("item", None, "item: expected Item, got None"),
    ("item", Stranger(), "item: expected Item, got Stranger"),
    ("maybe", "x", "maybe: expected int or None, got str"),
    ("maybe_item", "x", "maybe_item: expected Item or None, got str"),
    ("items", None, "items: expected list[Item], got None"),
    ("items", (), "items: expected list[Item], got tuple"),
    ("items", [None], "items[0]: expected Item, got None"),
    ("texts", "abc", "texts: expected list[str], got str"),
    ("texts", ["a", b"b"], "texts[1]: expected str, got bytes"),
    ("texts", ["a", None], "texts[1]: expected str, got None"),
    ("numbers", [1, True], "numbers[1]: expected int, got bool"),
    ("numbers", [1, 1.5], "numbers[1]: expected int, got float"),
    ("shares", [1, True], "shares[1]: expected float, got bool"),
    ("smalls", [1.0, -1e300], "smalls[1]: expected float of 32 bits, got -1e+300"),
    ("flags", [True, 0], "flags[1]: expected bool, got int"),
    ("colors", [0], "colors[0]: expected Color, got int"),
    ("by_name", [("a", 1)], "by_name: expected dict[str, int], got list"),
    ("by_name", {1: 1}, "by_name: expected keys of str, got int"),
    ("by_name", {b"a": 1}, "by_name: expected keys of str, got bytes"),
    ("by_name", {"a": "x"}, "by_name['a']: expected int, got str"),
    ("items_by_name", {"a": None}, "items_by_name['a']: expected Item, got None"),
    ("either", None, "either: expected Item or Note, got None"),
    ("either", "x", "either: expected Item or Note, got str"),
    ("either_or_none", "x", "either_or_none: expected Item or Note or None, got str"),
    ("at", datetime(2026, 1, 1), "at: expected datetime with a time zone or None, got datetime without one"),
    ("at", 5, "at: expected datetime with a time zone or None, got int"),
    ("length", 5, "length: expected timedelta or None, got int"),
    ("length", timedelta.max, "length: expected at most 10,000 years, got 999999999 days, 23:59:59.999999"),
    ("extra", [], "extra: expected dict, got list"),
    ("extra", {"a": {"b": {1, 2}}}, f"extra['a']['b']: expected {JSON}, got set"),
    ("extra", {1: 2}, "extra: expected keys of str, got int"),
    ("extra", {"a": math.nan}, "extra['a']: expected a finite number, got nan"),
    ("any", [0, 2**53 + 1], "any[1]: expected int within ±2^53, else its digits as str, got 9007199254740993"),
    ("any", Number.ONE, "any: expected a JSON value, got Number"),
    ("any", datetime(2026, 1, 1, tzinfo=UTC), f"any: expected {JSON}, got datetime"),
]  # fmt: skip


@pytest.fixture
async def echo(tmp_path: Path) -> LoadedNode:
    return await load_echo(tmp_path, CLASSES)


def refusal(node: LoadedNode, value: object) -> str:
    with pytest.raises(WrongOutput) as caught:
        node.encode(value)
    return str(caught.value)


async def test_value_of_the_wrong_type_is_refused_with_its_path(echo: LoadedNode) -> None:
    found = []
    for name, value, _ in WRONG:
        box = echo.function.__globals__["Box"]()
        setattr(box, name, value)
        found.append((name, refusal(echo, box)))
    assert found == [(name, f"echo returned Box with {problem}") for name, _, problem in WRONG]


async def test_something_else_than_the_annotated_class_is_refused(echo: LoadedNode) -> None:
    item = echo.function.__globals__["Item"]()
    found = [refusal(echo, value) for value in ("x", None, item, {"text": "x"})]
    words = ("str", "None", "Item", "dict")
    assert found == [f"echo returned {word}, expected Box" for word in words]


async def test_path_leads_into_nested_values(echo: LoadedNode) -> None:
    names = echo.function.__globals__
    box, item = names["Box"], names["Item"]
    values = [
        box(items=[item(), item("a", 2**31)]),
        box(items_by_name={"x y": item(5)}),
        box(either=names["Note"](None)),
        box(item=item(quantity=None)),
    ]
    assert [refusal(echo, value) for value in values] == [
        "echo returned Box with items[1].quantity: expected int32, got 2147483648",
        "echo returned Box with items_by_name['x y'].sku: expected str, got int",
        "echo returned Box with either.text: expected str, got None",
        "echo returned Box with item.quantity: expected int, got None",
    ]


async def test_attribute_that_is_not_there_is_refused(echo: LoadedNode) -> None:
    box = echo.function.__globals__["Box"]()
    del box.items
    assert refusal(echo, box) == "echo returned Box with items: expected list[Item], got nothing"


async def test_pipeline_yields_what_is_refused(tmp_path: Path) -> None:
    nodes = "@dataclass\nclass Box:\n    a: int\n@pipeline\ndef spread(box: Box) -> Iterator[Box]:\n    yield box\n"
    spread = (await load_nodes(tmp_path, nodes)).nodes["spread"]
    assert refusal(spread, 5) == "spread yielded int, expected Box"


async def test_too_deep_values_are_refused_and_deep_ones_come_back(tmp_path: Path) -> None:
    classes = """
@dataclass
class Box:
    child: "Box | None" = None
    rest: list["Box"] = field(default_factory=list)
    any: Any = None
"""
    echo = await load_echo(tmp_path, classes)
    box = type(echo.decode(b""))
    too_deep = "expected at most 100 levels of messages in one another, got more"

    def chain(length: int) -> Any:
        value = box()
        for _ in range(length):
            value = box(value)
        return value

    def nested(depth: int) -> Any:
        value: Any = 1
        for _ in range(depth):
            value = {"a": value}
        return box(any=value)

    assert echo.decode(echo.encode(chain(90))) == chain(90)
    assert echo.decode(echo.encode(nested(30))) == nested(30)
    loop = box()
    loop.rest.append(loop)
    endless: list[Any] = []
    endless.append(endless)
    for value in (chain(101), chain(5_000), nested(50), loop, box(any=endless)):
        assert refusal(echo, value) == f"echo returned Box: {too_deep}"


async def test_wrong_output_is_a_fault_of_the_node(echo: LoadedNode) -> None:
    with pytest.raises(WrongOutput) as caught:
        echo.encode(5)
    error = caught.value
    assert (error.code, error.failure_class.name, error.kind.name, error.retryable) == (
        "WRONG_OUTPUT", "LOGIC", "USER", False
    )  # fmt: skip
