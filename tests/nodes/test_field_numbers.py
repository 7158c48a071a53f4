"""Field numbers stay from one version of a package to the next."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.nodes.folders import load_nodes

ECHO = "\n@node\ndef echo(request: Box) -> Box:\n    return request\n"


class Versions:
    """One version after another of a package whose message is Box."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.earlier: bytes | None = None

    async def publish(self, fields: str, classes: str = "") -> tuple[dict[str, int], list[int]]:
        """Numbers of the fields by name, and the reserved numbers."""
        box_class = "@dataclass\nclass Box:\n" + "".join(f"    {field}\n" for field in fields.split("; "))
        package = await load_nodes(self.folder, f"{classes}\n{box_class}{ECHO}", self.earlier)
        self.earlier = package.descriptors
        file = FileDescriptorSet.FromString(package.descriptors).file[-1]
        (box,) = (message for message in file.message_type if message.name == "Box")
        reserved = [number for span in box.reserved_range for number in range(span.start, span.end)]
        return {field.name: field.number for field in box.field}, reserved


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path)


async def test_fields_are_numbered_in_order_at_first(versions: Versions) -> None:
    assert await versions.publish("b: int; a: str; c: list[int]") == ({"b": 1, "a": 2, "c": 3}, [])


async def test_fields_that_move_keep_their_numbers_and_new_ones_follow(versions: Versions) -> None:
    await versions.publish("a: int; b: str")
    assert await versions.publish("new: int; b: str; a: int; last: bool") == ({"new": 3, "b": 2, "a": 1, "last": 4}, [])


async def test_number_of_a_removed_field_is_never_used_again(versions: Versions) -> None:
    await versions.publish("a: int; b: str; c: int; d: int")
    assert await versions.publish("a: int; d: int") == ({"a": 1, "d": 4}, [2, 3])
    assert await versions.publish("a: int; e: int") == ({"a": 1, "e": 5}, [2, 3, 4])
    assert await versions.publish("a: int; b: str; e: int") == ({"a": 1, "b": 6, "e": 5}, [2, 3, 4])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("int", "str"),
        ("int", 'Annotated[int, "sint64"]'),
        ("int", "list[int]"),
        ("list[int]", "dict[str, int]"),
        ("dict[str, int]", "dict[str, str]"),
        ("dict[str, One]", "dict[str, Two]"),
        ("One", "Two"),
        ("datetime", "timedelta"),
    ],
)
async def test_field_of_another_type_gets_another_number(versions: Versions, before: str, after: str) -> None:
    classes = "@dataclass\nclass One:\n    a: int\n@dataclass\nclass Two:\n    a: int\n"
    await versions.publish(f"a: {before}; b: int", classes)
    assert await versions.publish(f"a: {after}; b: int", classes) == ({"a": 3, "b": 2}, [1])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("int", "int | None"),
        ("int", "int = 5"),
        ("int", 'Annotated[int, "int64"]'),
        ("dict[str, int]", "dict[str, int] = field(default_factory=dict)"),
        ("list[str]", 'list[Annotated[str, "string"]]'),
    ],
)
async def test_presence_default_and_json_form_do_not_change_the_number(
    versions: Versions, before: str, after: str
) -> None:
    await versions.publish(f"x: int; a: {before}")
    assert await versions.publish(f"a: {after}; x: int = 0") == ({"a": 2, "x": 1}, [])


async def test_members_of_a_oneof_keep_their_numbers(versions: Versions) -> None:
    classes = "".join(f"@dataclass\nclass {name}:\n    a: int\n" for name in ("Card", "Cash", "Coupon"))
    assert await versions.publish("pay: Card | Cash; x: int", classes) == ({"card": 1, "cash": 2, "x": 3}, [])
    after = await versions.publish("pay: Coupon | Cash | Card; x: int", classes)
    assert after == ({"coupon": 4, "cash": 2, "card": 1, "x": 3}, [])


async def test_enum_keeps_its_place_when_another_one_with_its_names_comes_before(versions: Versions) -> None:
    first = "class Size(enum.Enum):\n    UNKNOWN = 0\n"
    await versions.publish("size: Size", first)
    assert await versions.publish("color: Color; size: Size", f"class Color(enum.Enum):\n    UNKNOWN = 0\n{first}") == (
        {"color": 2, "size": 1},
        [],
    )


async def test_same_classes_again_give_the_same_bytes_with_their_own_as_the_earlier_ones(versions: Versions) -> None:
    classes = "".join(f"class {name}(enum.Enum):\n    UNKNOWN = 0\n" for name in ("A", "B"))
    classes += "class C(enum.Enum):\n    NONE = 0\nclass D(enum.Enum):\n    ZERO = 0\n"
    await versions.publish("gone: int; b: B; d: D", classes)
    last = "a: A; b: B; c: C; d: D; at: datetime; by_name: dict[str, timedelta]; maybe: int | None"
    numbers = await versions.publish(last, classes)
    first = versions.earlier
    assert await versions.publish(last, classes) == numbers
    assert versions.earlier == first


async def test_numbers_that_proto_keeps_for_itself_are_skipped(tmp_path: Path) -> None:
    earlier = FileDescriptorSet()
    file = earlier.file.add(name="shop/messages.proto", package="shop", syntax="proto3")
    file.message_type.add(name="Box").reserved_range.add(start=18_999, end=19_000)
    versions = Versions(tmp_path)
    versions.earlier = earlier.SerializeToString()
    numbers, _ = await versions.publish("a: int; b: int")
    assert numbers == {"a": 20_000, "b": 20_001}
