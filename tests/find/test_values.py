"""Values that are taken out of messages."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP

from penstock.engine.domain.filter_value import SEARCHED_LENGTH_MAX
from penstock.engine.runtime.programs.searching import Searcher, searcher
from penstock.engine.storage.records import SearchValue
from penstock.wire.gen.artifact_pb2 import SearchableField
from penstock.wire.types import TypePool

_F = FieldDescriptorProto
_FIELDS = (
    ("text", _F.TYPE_STRING, "", SearchableField.TEXT),
    ("big", _F.TYPE_UINT64, "", SearchableField.NUMBER),
    ("single", _F.TYPE_FLOAT, "", SearchableField.NUMBER),
    ("double", _F.TYPE_DOUBLE, "", SearchableField.NUMBER),
    ("flag", _F.TYPE_BOOL, "", SearchableField.BOOL),
    ("tier", _F.TYPE_ENUM, ".kinds.Tier", SearchableField.ENUM),
    ("due", _F.TYPE_MESSAGE, ".google.protobuf.Timestamp", SearchableField.TIME),
    ("inner", _F.TYPE_MESSAGE, ".kinds.All", None),
)


def _descriptors() -> bytes:
    message = DescriptorProto(name="All")
    for number, (name, kind, type_name, _) in enumerate(_FIELDS, 1):
        message.field.add(name=name, number=number, type=kind, type_name=type_name or None, label=_F.LABEL_OPTIONAL)
    message.field.add(
        name="maybe", number=20, type=_F.TYPE_INT32, label=_F.LABEL_OPTIONAL, proto3_optional=True, oneof_index=0
    )
    message.oneof_decl.add(name="_maybe")
    tier = EnumDescriptorProto(
        name="Tier",
        value=[EnumValueDescriptorProto(name="NONE", number=0), EnumValueDescriptorProto(name="GOLD", number=1)],
    )
    file = FileDescriptorProto(
        name="kinds.proto",
        package="kinds",
        syntax="proto3",
        dependency=["google/protobuf/timestamp.proto"],
        message_type=[message],
        enum_type=[tier],
    )
    timestamp = FileDescriptorProto.FromString(TIMESTAMP.serialized_pb)
    return FileDescriptorSet(file=[timestamp, file]).SerializeToString()


ALL = TypePool(_descriptors()).message("kinds.All")
KINDS = {name: kind for name, _, _, kind in _FIELDS if kind is not None} | {"maybe": SearchableField.NUMBER}


def values(message: Any, *paths: str) -> dict[str, tuple[str | None, str | None]]:
    """Text and number by path."""
    fields = [SearchableField(path=path, kind=KINDS[path.split(".")[-1]]) for path in paths]
    found = Searcher(ALL, fields).values("mine", message.SerializeToString())
    assert {each.account for each in found} <= {"mine"}
    return {each.path: (each.text, each.number) for each in found}


def one(name: str, **members: Any) -> tuple[str | None, str | None] | None:
    return values(ALL(**members), f"input.{name}").get(f"input.{name}")


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [
        ("text", "Zoë", ("Zoë", None)),
        ("text", "a\0b", None),
        ("text", "x" * SEARCHED_LENGTH_MAX, ("x" * SEARCHED_LENGTH_MAX, None)),
        ("text", "x" * 501, ("x" * 499 + "…", None)),
        ("big", 2**64 - 1, (None, "18446744073709551615")),
        ("single", 0.1, (None, "0.1")),
        ("single", float("inf"), None),
        ("double", 0.1, (None, "0.1")),
        ("double", 1e300, (None, "1e+300")),
        ("double", float("nan"), None),
        ("flag", True, ("true", None)),
        ("tier", 1, ("GOLD", None)),
        ("tier", 9, ("9", None)),
        ("due", {"seconds": 5, "nanos": 7}, (None, "5.000000007")),
        ("due", {"seconds": -1, "nanos": 500_000_000}, (None, "-0.500000000")),
        ("maybe", 0, (None, "0")),
    ],
)
def test_value_is_text_or_number(name: str, given: Any, found: tuple[str | None, str | None] | None) -> None:
    assert one(name, **{name: given}) == found


def test_field_without_presence_has_its_default_and_one_with_it_none() -> None:
    paths = ("input.text", "input.big", "input.flag", "input.tier", "input.due", "input.maybe")
    assert values(ALL(), *paths) == {
        "input.text": ("", None),
        "input.big": (None, "0"),
        "input.flag": ("false", None),
        "input.tier": ("NONE", None),
    }


def test_field_of_a_message_that_is_not_there_has_no_value() -> None:
    assert values(ALL(), "input.inner.text", "input.inner.inner.text") == {}
    there = ALL(inner=ALL(text="deep"))
    assert values(there, "input.inner.text", "input.inner.inner.text") == {"input.inner.text": ("deep", None)}


def test_there_is_nothing_to_do_for_a_flow_that_declares_nothing() -> None:
    field = SearchableField(path="output.text", kind=SearchableField.TEXT)
    assert searcher(ALL, "input", [field]) is None
    found = searcher(ALL, "output", [field])
    assert found is not None
    assert found.values("mine", b"") == [SearchValue("mine", "output.text", "", None)]
