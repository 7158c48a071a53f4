"""Every row of the table of Python types, both ways."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from penstock.wire.types import TypePool
from tests.nodes.folders import IMPORTS, json_of, load, load_echo, load_nodes

ECHO = "\n@node\ndef echo(request: Box) -> Box:\n    return request\n"

# Python annotation, proto, JSON, what the node sees.
ROWS = [
    ("str", "string", "straße", "straße"),
    ("bool", "bool", True, True),
    ("float", "double", 2.5, 2.5),
    ("bytes", "bytes", "AP8=", b"\x00\xff"),
    ("int", "int64", 3, 3),
    ("int", "int64", -(2**53), -(2**53)),
    ("int", "int64", str(2**62), 2**62),
    ('Annotated[int, "int32"]', "int32", -7, -7),
    ('Annotated[int, "sint32"]', "sint32", -7, -7),
    ('Annotated[int, "sfixed32"]', "sfixed32", -7, -7),
    ('Annotated[int, "uint32"]', "uint32", 2**32 - 1, 2**32 - 1),
    ('Annotated[int, "fixed32"]', "fixed32", 7, 7),
    ('Annotated[int, "int64"]', "int64", "-7", -7),
    ('Annotated[int, "sint64"]', "sint64", "-7", -7),
    ('Annotated[int, "sfixed64"]', "sfixed64", "-7", -7),
    ('Annotated[int, "uint64"]', "uint64", str(2**64 - 1), 2**64 - 1),
    ('Annotated[int, "fixed64"]', "fixed64", "7", 7),
    ('Annotated[float, "float"]', "float", 0.5, 0.5),
    ('Annotated[float, "double"]', "double", 0.5, 0.5),
    ('Annotated[str, "string"]', "string", "x", "x"),
    ("Annotated[str, object()]", "string", "x", "x"),
    ("int | None", "optional int64", 0, 0),
    ("int | None", "optional int64", None, None),
    ("str | None", "optional string", "", ""),
    ('Annotated[int, "int32"] | None', "optional int32", 4, 4),
    ("list[str]", "repeated string", ["a", "b"], ["a", "b"]),
    ("list[int]", "repeated int64", [1, 2], [1, 2]),
    ("list[float]", "repeated double", [1.5], [1.5]),
    ("list[bool]", "repeated bool", [True, False], [True, False]),
    ("list[bytes]", "repeated bytes", ["AA=="], [b"\0"]),
    ('list[Annotated[float, "float"]]', "repeated float", [0.5], [0.5]),
    ("dict[str, int]", "map int64", {"a": 1}, {"a": 1}),
    ("dict[str, str]", "map string", {"a": "b", "c": ""}, {"a": "b", "c": ""}),
    ("datetime", "message Timestamp", "2026-02-03T04:05:06.789123Z", datetime(2026, 2, 3, 4, 5, 6, 789123, UTC)),
    ("datetime", "message Timestamp", "1969-12-31T23:59:59.500Z", datetime(1969, 12, 31, 23, 59, 59, 500000, UTC)),
    ("datetime", "message Timestamp", "0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ("datetime | None", "optional message Timestamp", None, None),
    ("list[datetime]", "repeated message Timestamp", ["1970-01-01T00:00:00Z"], [datetime(1970, 1, 1, tzinfo=UTC)]),
    ("timedelta", "message Duration", "1.500s", timedelta(seconds=1.5)),
    ("timedelta", "message Duration", "-1.500s", timedelta(seconds=-1.5)),
    ("timedelta", "message Duration", "-3s", timedelta(seconds=-3)),
    ("dict[str, timedelta]", "map message Duration", {"a": "2s"}, {"a": timedelta(seconds=2)}),
    ("Any", "message Value", {"a": [1, 2.5, None, True, "x", {}, []]}, {"a": [1, 2.5, None, True, "x", {}, []]}),
    ("Any", "message Value", None, None),
    ("Any", "message Value", 3, 3),
    ("list[Any]", "repeated message Value", [1, None, "x"], [1, None, "x"]),
    ("dict", "message Struct", {"a": {"b": [1]}}, {"a": {"b": [1]}}),
    ("dict[str, Any]", "message Struct", {}, {}),
    ("list[dict]", "repeated message Struct", [{"a": 1}], [{"a": 1}]),
    ("dict[str, dict]", "map message Struct", {"k": {"a": 1}}, {"k": {"a": 1}}),
]


@pytest.mark.parametrize("postponed", ["", "from __future__ import annotations\n"], ids=["now", "postponed"])
async def test_each_type_is_what_the_table_says_both_ways(tmp_path: Path, postponed: str) -> None:
    fields = "".join(f"    f{index}: {annotation}\n" for index, (annotation, *_) in enumerate(ROWS))
    package = await load(tmp_path, {"nodes.py": f"{postponed}{IMPORTS}\n@dataclass\nclass Box:\n{fields}{ECHO}"})
    echo = package.nodes["echo"]
    from_json, to_json = json_of(package, "shop.Box")
    given = {f"f{index}": value for index, (_, _, value, _) in enumerate(ROWS)}

    seen = echo.decode(from_json(given))

    assert _spelled(package.descriptors) == {f"f{index}": proto for index, (_, proto, *_) in enumerate(ROWS)}
    assert dataclasses.astuple(seen) == tuple(value for *_, value in ROWS)
    absent = {
        f"f{index}" for index, (annotation, *_, value) in enumerate(ROWS) if "None" in annotation and value is None
    }
    assert to_json(echo.encode(seen)) == {name: value for name, value in given.items() if name not in absent}


def _spelled(descriptors: bytes) -> dict[str, str]:
    return {field.name: _spell(field) for field in TypePool(descriptors).descriptor("shop.Box").fields}


def _spell(field: Any) -> str:
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        return f"map {_spell(message.fields_by_name['value'])}"
    synthetic = field.containing_oneof is not None and field.containing_oneof.name.startswith("_")
    words = ["repeated"] if field.is_repeated else ["optional"] if synthetic else []
    words.append(FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower())
    return " ".join([*words, message.name] if message is not None else words)


async def test_int_is_a_number_in_json_by_an_option(tmp_path: Path) -> None:
    package = await load_nodes(tmp_path, f"@dataclass\nclass Box:\n    a: int\n{ECHO}")
    _, to_json = json_of(package, "shop.Box")
    echo = package.nodes["echo"]
    seen = echo.decode(b"")
    assert to_json(echo.encode(dataclasses.replace(seen, a=5))) == {"a": 5}
    assert to_json(echo.encode(dataclasses.replace(seen, a=2**53 + 1))) == {"a": str(2**53 + 1)}


async def test_enum_is_the_name_of_the_member(tmp_path: Path) -> None:
    package = await load_nodes(
        tmp_path,
        """
class Color(enum.Enum):
    RED = 0
    GREEN = 5

class Size(enum.IntEnum):
    SMALL = 0
    LARGE = -1

@dataclass
class Box:
    color: Color
    maybe: Color | None
    colors: list[Color]
    sizes: dict[str, Size]
"""
        + ECHO,
    )
    echo = package.nodes["echo"]
    from_json, to_json = json_of(package, "shop.Box")
    given = {"color": "GREEN", "maybe": "RED", "colors": ["RED", "GREEN"], "sizes": {"a": "LARGE"}}

    seen = echo.decode(from_json(given))

    color, size = type(seen.color), type(seen.sizes["a"])
    assert dataclasses.astuple(seen) == (color(5), color(0), [color(0), color(5)], {"a": size(-1)})
    assert to_json(echo.encode(seen)) == given
    assert echo.decode(b"").maybe is None


async def test_dataclass_within_a_dataclass_is_a_message(tmp_path: Path) -> None:
    package = await load_nodes(
        tmp_path,
        """
@dataclass(frozen=True, slots=True)
class Item:
    sku: str
    quantity: int = 1

@dataclass
class Empty:
    pass

@dataclass
class Box:
    item: Item
    maybe: Item | None
    items: list[Item]
    by_name: dict[str, Item]
    empty: Empty
    empties: dict[str, Empty]
"""
        + ECHO,
    )
    echo = package.nodes["echo"]
    from_json, to_json = json_of(package, "shop.Box")
    given = {
        "item": {"sku": "a"},
        "items": [{"sku": "b", "quantity": 2}],
        "by_name": {"x": {"sku": "c", "quantity": 0}},
        "empty": {},
        "empties": {"e": {}},
    }

    seen = echo.decode(from_json(given))

    item, empty = type(seen.item), type(seen.empty)
    expected = type(seen)(item("a", 1), None, [item("b", 2)], {"x": item("c", 0)}, empty(), {"e": empty()})
    assert seen == expected
    assert to_json(echo.encode(seen)) == {**given, "item": {"sku": "a", "quantity": 1}}
    assert to_json(echo.encode(echo.decode(b""))) == {
        "item": {"sku": "", "quantity": 1}, "items": [], "by_name": {}, "empty": {}, "empties": {}
    }  # fmt: skip


async def test_union_of_dataclasses_is_a_oneof_with_one_key_set(tmp_path: Path) -> None:
    package = await load_nodes(
        tmp_path,
        """
@dataclass
class Card:
    number: str

@dataclass
class BankTransfer:
    iban: str

@dataclass
class Box:
    payment: Card | BankTransfer
    refund: Card | BankTransfer | None = None
"""
        + ECHO,
    )
    echo = package.nodes["echo"]
    from_json, to_json = json_of(package, "shop.Box")
    for given in (
        {"card": {"number": "1"}},
        {"bank_transfer": {"iban": "2"}, "refund_card": {"number": "3"}},
        {"card": {"number": ""}, "refund_bank_transfer": {"iban": "4"}},
    ):
        assert to_json(echo.encode(echo.decode(from_json(given)))) == given
    seen = echo.decode(from_json({"bank_transfer": {"iban": "2"}}))
    assert (type(seen.payment).__name__, seen.payment.iban, seen.refund) == ("BankTransfer", "2", None)


@pytest.mark.parametrize("postponed", ["", "from __future__ import annotations\n"], ids=["now", "postponed"])
async def test_messages_may_refer_to_themselves(tmp_path: Path, postponed: str) -> None:
    nodes = f"""
@dataclass
class Box:
    name: str
    left: {"Box | None" if postponed else '"Box | None"'} = None
    rest: list["Box"] = field(default_factory=list)
    by_name: dict[str, "Box"] = field(default_factory=dict)
{ECHO}"""
    package = await load(tmp_path, {"nodes.py": postponed + IMPORTS + nodes})
    echo = package.nodes["echo"]
    box = type(echo.decode(b""))
    value = box("root", box("left", box("left.left")), [box("a"), box("b")], {"x": box("y", rest=[box("z")])})
    assert echo.decode(echo.encode(value)) == value


async def test_inherited_fields_come_first_and_resolve_where_they_were_written(tmp_path: Path) -> None:
    files = {
        "base.py": "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "Money = int\n@dataclass\nclass Base:\n    total: Money\n    name: str\n",
        "nodes.py": f"{IMPORTS}from .base import Base\n@dataclass\nclass Box(Base):\n    note: str = ''\n{ECHO}",
    }
    package = await load(tmp_path, files)
    assert list(_spelled(package.descriptors).items()) == [("total", "int64"), ("name", "string"), ("note", "string")]
    echo = package.nodes["echo"]
    value = type(echo.decode(b""))(5, "x", "y")
    assert echo.decode(echo.encode(value)) == value


async def test_keyword_only_fields_are_given_by_keyword(tmp_path: Path) -> None:
    echo = await load_echo(tmp_path, "@dataclass(kw_only=True)\nclass Box:\n    b: int = 2\n    a: str\n")
    value = type(echo.decode(b""))(a="x", b=7)
    assert echo.decode(echo.encode(value)) == value


async def test_fields_may_be_named_like_what_messages_have(tmp_path: Path) -> None:
    names = ["HasField", "WhichOneof", "SetInParent", "SerializeToString", "FromString", "Clear", "o", "m", "v", "t"]
    fields = "".join(f"    {name}: int | None\n" for name in names)
    echo = await load_echo(tmp_path, f"@dataclass\nclass Inner:\n{fields}@dataclass\nclass Box:\n    inner: Inner\n")
    box = type(echo.decode(b""))
    inner = type(echo.decode(b"").inner)
    for value in (box(inner(*range(len(names)))), box(inner(*[None] * len(names)))):
        assert echo.decode(echo.encode(value)) == value


async def test_subclasses_of_plain_types_are_taken_as_what_they_are(tmp_path: Path) -> None:
    classes = (
        "@dataclass\nclass Box:\n    a: str\n    b: int\n    c: float\n    d: list[str]\n    e: dict[str, float]\n"
    )
    echo = await load_echo(tmp_path, classes)
    box = type(echo.decode(b""))
    text = type("Text", (str,), {})

    class Derived(box):  # type: ignore[misc, valid-type]
        pass

    value = Derived(text("x"), type("Int", (int,), {})(4), 3, [text("y")], {text("k"): 2})
    assert echo.decode(echo.encode(value)) == box("x", 4, 3.0, ["y"], {"k": 2.0})


async def test_times_of_other_zones_are_the_same_instant(tmp_path: Path) -> None:
    echo = await load_echo(tmp_path, "@dataclass\nclass Box:\n    at: datetime\n")
    box = type(echo.decode(b""))
    here = datetime(2026, 7, 1, 12, 0, 0, 5, timezone(timedelta(hours=-3)))
    assert echo.decode(echo.encode(box(here))) == box(datetime(2026, 7, 1, 15, 0, 0, 5, UTC))
