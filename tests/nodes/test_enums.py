"""Enums whose members proto would take for the same names."""

from __future__ import annotations

from pathlib import Path

from penstock.wire.types import TypePool
from tests.nodes.folders import json_of, load_nodes

ECHO = "\n@node\ndef echo(request: Box) -> Box:\n    return request\n"


async def test_enums_may_share_names_of_members(tmp_path: Path) -> None:
    package = await load_nodes(
        tmp_path,
        f"""
class Color(enum.Enum):
    UNKNOWN = 0
    RED = 1

class Size(enum.Enum):
    UNKNOWN = 0
    LARGE = 1

@dataclass
class SizeEnum:
    size: Size

@dataclass
class Box:
    color: Color
    size: Size
    other: SizeEnum
{ECHO}""",
    )
    fields = TypePool(package.descriptors).descriptor("shop.Box").fields
    assert [field.enum_type.full_name for field in fields[:2]] == ["shop.Color", "shop.SizeEnum_.Size"]
    from_json, to_json = json_of(package, "shop.Box")
    echo = package.nodes["echo"]
    given = {"color": "RED", "size": "LARGE", "other": {"size": "UNKNOWN"}}
    assert to_json(echo.encode(echo.decode(from_json(given)))) == given


async def test_member_may_be_named_like_a_class(tmp_path: Path) -> None:
    nodes = f"class Kind(enum.Enum):\n    Box = 0\n    Crate = 1\n@dataclass\nclass Box:\n    kind: Kind\n{ECHO}"
    package = await load_nodes(tmp_path, nodes)
    from_json, to_json = json_of(package, "shop.Box")
    echo = package.nodes["echo"]
    assert to_json(echo.encode(echo.decode(from_json({"kind": "Crate"})))) == {"kind": "Crate"}


async def test_alias_of_a_member_is_understood_and_answered_with_the_members_own_name(tmp_path: Path) -> None:
    kind = "class Kind(enum.Enum):\n    NO = 0\n    BOX = 1\n    KISTE = 1\n"
    nodes = f"{kind}@dataclass\nclass Box:\n    kind: Kind\n{ECHO}"
    package = await load_nodes(tmp_path, nodes)
    from_json, to_json = json_of(package, "shop.Box")
    echo = package.nodes["echo"]
    seen = echo.decode(from_json({"kind": "KISTE"}))
    assert seen.kind.name == "BOX"
    assert to_json(echo.encode(seen)) == {"kind": "BOX"}
