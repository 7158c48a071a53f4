"""Which messages can be read as which, and how the first difference is named."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.text_format import Parse

from penstock.wire.compat import mismatch
from penstock.wire.types import TypePool

INNER = 'message_type { name: "Inner" field { name: "id" number: 1 type: TYPE_STRING } }'
ENUM = 'enum_type { name: "Color" value { name: "NONE" number: 0 } value { name: "RED" number: 1 } }'


def message(fields: str, rest: str = f"{INNER} {ENUM}", inside: str = "") -> Descriptor:
    """Type `shop.Order` of a pool of its own, with these fields in the text form of descriptors."""
    text = (
        f'name: "shop.proto" package: "shop" syntax: "proto3" message_type {{ name: "Order" {fields} {inside} }} {rest}'
    )
    file = Parse(text, FileDescriptorProto())
    return TypePool(FileDescriptorSet(file=[file]).SerializeToString()).descriptor("shop.Order")


def field(name: str, number: int, kind: str, more: str = "") -> str:
    return f'field {{ name: "{name}" number: {number} type: TYPE_{kind} {more} }}'


TOTAL = field("total", 3, "INT32")
ORDER = field("id", 1, "STRING") + field("inner", 2, "MESSAGE", 'type_name: ".shop.Inner"') + TOTAL
LABELS_ENTRY = (
    'nested_type {{ name: "LabelsEntry" options {{ map_entry: true }} '
    'field {{ name: "key" number: 1 type: TYPE_STRING }} field {{ name: "value" number: 2 type: TYPE_{} }} }}'
)
LABELS = field("labels", 1, "MESSAGE", 'label: LABEL_REPEATED type_name: ".shop.Order.LabelsEntry"')
COLOR = field("color", 1, "ENUM", 'type_name: ".shop.Color"')
ONEOF = 'oneof_decl { name: "what" }'


def member(name: str, number: int) -> str:
    return field(name, number, "STRING", "oneof_index: 0")


COMPATIBLE = {
    "the same": (message(ORDER), message(ORDER)),
    "fewer fields in the target": (message(ORDER), message(TOTAL)),
    "other names": (message(TOTAL), message(field("sum", 3, "INT32"))),
    "map": (message(LABELS, inside=LABELS_ENTRY.format("INT32")), message(LABELS, inside=LABELS_ENTRY.format("INT32"))),
    "fewer enum values in the source": (
        message(COLOR),
        message(COLOR, ENUM.replace("} }", '} value { name: "BLUE" number: 2 } }')),
    ),
    "oneof to the same oneof": (message(member("a", 1) + member("b", 2) + ONEOF),) * 2,
    "oneof to plain fields": (
        message(member("a", 1) + member("b", 2) + ONEOF),
        message(field("a", 1, "STRING") + field("b", 2, "STRING")),
    ),
    "part of a oneof": (
        message(member("a", 1) + member("b", 2) + member("c", 3) + ONEOF),
        message(member("a", 1) + member("c", 3) + ONEOF),
    ),
    "nothing wanted": (message(ORDER), message("")),
}
DIFFERENT = {
    "field total (number 3): expected int32, found int64": (message(field("total", 3, "INT64")), message(TOTAL)),
    "field total (number 3): expected int32, found sint32": (message(field("total", 3, "SINT32")), message(TOTAL)),
    "field total (number 3): expected int32, found repeated int32": (
        message(field("total", 3, "INT32", "label: LABEL_REPEATED")),
        message(TOTAL),
    ),
    "field total (number 3): expected int32, found no field of that number in shop.Order": (
        message(field("total", 4, "INT32")),
        message(TOTAL),
    ),
    "field inner (number 2): expected shop.Inner, found string": (
        message(field("inner", 2, "STRING")),
        message(field("inner", 2, "MESSAGE", 'type_name: ".shop.Inner"')),
    ),
    "field inner.id (number 1): expected string, found bytes": (
        message(ORDER, INNER.replace("STRING", "BYTES") + ENUM),
        message(ORDER),
    ),
    "field labels (number 1): expected map<string, int32>, found repeated shop.Inner": (
        message(field("labels", 1, "MESSAGE", 'label: LABEL_REPEATED type_name: ".shop.Inner"')),
        message(LABELS, inside=LABELS_ENTRY.format("INT32")),
    ),
    "field labels.value (number 2): expected int32, found string": (
        message(LABELS, inside=LABELS_ENTRY.format("STRING")),
        message(LABELS, inside=LABELS_ENTRY.format("INT32")),
    ),
    "field color (number 1): expected shop.Color to have RED = 1, found no such value": (
        message(COLOR),
        message(COLOR, ENUM.replace('"RED"', '"ROT"')),
    ),
    "field a (number 1): expected a member of oneof what, found one that is not": (
        message(field("a", 1, "STRING") + field("b", 2, "STRING")),
        message(member("a", 1) + member("b", 2) + ONEOF),
    ),
}


@pytest.mark.parametrize(("source", "target"), COMPATIBLE.values(), ids=COMPATIBLE.keys())
def test_message_can_be_read_as_the_other(source: Descriptor, target: Descriptor) -> None:
    assert mismatch(source, target) is None


@pytest.mark.parametrize(("problem", "pair"), DIFFERENT.items(), ids=DIFFERENT.keys())
def test_first_difference_is_named(problem: str, pair: tuple[Descriptor, Descriptor]) -> None:
    assert mismatch(*pair) == problem


def test_recursive_types_are_compared_once() -> None:
    child = field("child", 1, "MESSAGE", 'type_name: ".shop.Order"')
    assert mismatch(message(child + TOTAL), message(child + TOTAL)) is None
    assert mismatch(message(child), message(child + TOTAL)) == (
        "field total (number 3): expected int32, found no field of that number in shop.Order"
    )


def test_difference_deep_in_a_recursive_type_is_found() -> None:
    def with_inner(kind: str) -> Descriptor:
        child = field("inner", 1, "MESSAGE", 'type_name: ".shop.Inner"')
        return message(child, f'message_type {{ name: "Inner" {child} {field("x", 2, kind)} }}')

    assert mismatch(with_inner("INT32"), with_inner("STRING")) == (
        "field inner.x (number 2): expected string, found int32"
    )


def test_every_kind_can_be_read_as_itself(every: TypePool) -> None:
    for name in ("every.kind.Everything", "every.edition.Whole"):
        assert mismatch(every.descriptor(name), every.descriptor(name)) is None


def test_required_field_must_be_required_in_the_source(every: TypePool) -> None:
    text = field("id", 1, "STRING")
    assert mismatch(message(text), every.descriptor("every.edition.Part")) == (
        "field id (number 1): expected a required field, found one that may be absent"
    )
