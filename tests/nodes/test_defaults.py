"""A field's default is what the node sees when the caller leaves the field out."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.nodes.folders import json_of, load_echo, load_nodes, problems_of_nodes

ECHO = "\n@node\ndef echo(request: Box) -> Box:\n    return request\n"


async def test_default_is_seen_when_the_field_is_left_out_and_not_when_it_is_zero(tmp_path: Path) -> None:
    package = await load_nodes(
        tmp_path,
        f"""
class Color(enum.Enum):
    RED = 0
    GREEN = 1

@dataclass(frozen=True)
class Item:
    sku: str = "none"

@dataclass
class Box:
    text: str = "x"
    number: int = 5
    flag: bool = True
    share: float = -0.0
    data: bytes = b"d"
    color: Color = Color.GREEN
    item: Item = Item("default")
    made: str = field(default_factory=lambda: "made")
    length: timedelta = timedelta(seconds=3)
    either: int | None = 7
{ECHO}""",
    )
    echo = package.nodes["echo"]
    from_json, to_json = json_of(package, "shop.Box")
    zeros = {
        "text": "", "number": 0, "flag": False, "share": 0.0, "data": "", "color": "RED", "item": {"sku": "none"},
        "made": "", "length": "0s", "either": 0,
    }  # fmt: skip

    left_out, given = echo.decode(b""), echo.decode(from_json(zeros))

    assert left_out == type(left_out)()
    assert str(left_out.share) == "-0.0"
    assert dataclasses.astuple(given)[:5] == ("", 0, False, 0.0, b"")
    assert (given.color.name, given.item.sku, given.made, given.either) == ("RED", "none", "", 0)
    assert to_json(echo.encode(given)) == zeros
    assert echo.decode(echo.encode(left_out)) == left_out


async def test_field_without_default_is_the_empty_value_of_proto(tmp_path: Path) -> None:
    echo = await load_echo(
        tmp_path,
        """
class Color(enum.Enum):
    RED = 0

@dataclass
class Item:
    quantity: int = 1

@dataclass
class Box:
    text: str
    number: int
    flag: bool
    share: float
    data: bytes
    color: Color
    item: Item
    items: list[Item]
    by_name: dict[str, int]
    at: datetime
    length: timedelta
    extra: dict
    any: Any
    maybe: str | None
""",
    )
    seen = echo.decode(b"")
    item = type(seen.item)
    scalars = ("", 0, False, 0.0, b"", type(seen.color)(0))
    assert seen == type(seen)(*scalars, item(1), [], {}, datetime(1970, 1, 1, tzinfo=UTC), timedelta(0), {}, None, None)


async def test_factories_make_a_new_value_each_time(tmp_path: Path) -> None:
    echo = await load_echo(
        tmp_path,
        """
@dataclass
class Item:
    tags: list[str] = field(default_factory=list)

@dataclass
class Box:
    item: Item = field(default_factory=lambda: Item(["new"]))
    extra: dict[str, Any] = field(default_factory=lambda: {"a": 1})
""",
    )
    first, second = echo.decode(b""), echo.decode(b"")
    assert (first.item.tags, first.extra) == (["new"], {"a": 1})
    assert first == second
    assert first.item is not second.item
    assert first.extra is not second.extra


async def test_defaults_that_do_not_fit_are_refused_together(tmp_path: Path) -> None:
    found = await problems_of_nodes(
        tmp_path,
        f"""
@dataclass
class Box:
    a: int = None
    b: str = 5
    c: list[int] = field(default_factory=lambda: [1])
    d: dict[str, str] = field(default_factory=lambda: [])
    e: str = field(default_factory=lambda: 1 / 0)
    f: Annotated[int, "int32"] = 2**40
{ECHO}""",
    )
    assert found == [
        "Box.a: the default does not fit the field (expected int, found None)",
        "Box.b: the default does not fit the field (expected str, found int)",
        "Box.c: a list or map cannot have such a default (expected an empty one, because a caller's empty one cannot "
        "be told from none, found [1])",
        "Box.d: the default does not fit the field (expected dict[str, str], found list)",
        "Box.e: the default_factory raised ZeroDivisionError: division by zero",
        "Box.f: the default does not fit the field (expected int32, found 1099511627776)",
    ]
