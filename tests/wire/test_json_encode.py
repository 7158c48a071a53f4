"""What the encoders print beyond what json_format can tell: order, exact numbers, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from penstock.wire.json import JsonError, Reason, dumps
from penstock.wire.types import TypePool


def new(every: TypePool, name: str, /, **fields: Any) -> Any:
    return every.message(f"every.kind.{name}")(**fields)


def printed(every: TypePool, message: Message) -> Any:
    return every.json.encoder(message.DESCRIPTOR)(message)


def test_fields_without_presence_are_always_printed_in_the_order_of_their_declaration(every: TypePool) -> None:
    text = dumps(printed(every, new(every, "Item")))
    assert text == b'{"name":"","quantity":0,"unit_price":0.0,"color":"COLOR_UNSPECIFIED"}'


def test_fields_with_presence_are_printed_in_their_place_when_they_are_set(every: TypePool) -> None:
    choice = new(every, "Choice", number=0, between="b")
    assert dumps(printed(every, choice)) == b'{"before":"","number":0,"between":"b"}'
    optionals = new(every, "Optionals", an_int64=0, item={})
    assert list(printed(every, optionals)) == ["an_int64", "item"]
    assert printed(every, new(every, "Everything")) == {}


def test_maps_are_printed_in_the_order_of_their_keys(every: TypePool) -> None:
    maps = printed(
        every,
        new(
            every,
            "Maps",
            by_string={key: key for key in ("c", "a", "é", "b")},
            by_int32={10: 1, -9: 2, 9: 3},
            by_bool={True: "t", False: "f"},
            items={"z": {}, "y": {}},
        ),
    )
    assert list(maps["by_string"]) == ["a", "b", "c", "é"]
    assert list(maps["by_int32"]) == ["-9", "9", "10"]
    assert list(maps["by_bool"]) == ["false", "true"]
    assert list(maps["items"]) == ["y", "z"]


@pytest.mark.parametrize(
    ("value", "number", "text"),
    [
        (2**53, 2**53, "9007199254740992"),
        (-(2**53), -(2**53), "-9007199254740992"),
        (2**53 + 1, "9007199254740993", "9007199254740993"),
        (-(2**63), "-9223372036854775808", "-9223372036854775808"),
        (0, 0, "0"),
    ],
)
def test_js_number_is_a_number_while_that_is_exact(every: TypePool, value: int, number: object, text: str) -> None:
    scalars = printed(every, new(every, "Scalars", number_int64=value, an_int64=value))
    assert (scalars["number_int64"], scalars["an_int64"]) == (number, text)
    assert printed(every, new(every, "Lists", numbers=[value]))["numbers"] == [number]
    assert printed(every, new(every, "Optionals", number_int64=value)) == {"number_int64": number}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0.1, 0.1),
        (16777216.0, 16777216.0),
        (3.4028234663852886e38, 3.4028235e38),
        (1e-45, 1.4013e-45),
        (1 / 3, 0.33333334),
    ],
)
def test_float_is_printed_with_the_fewest_digits_that_give_it_back(
    every: TypePool, number: float, shown: float
) -> None:
    message = new(every, "Scalars", a_float=number)
    assert printed(every, message)["a_float"] == shown
    assert every.json.decoder(message.DESCRIPTOR)({"a_float": shown}) == message


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_have_are_text(every: TypePool, number: float) -> None:
    text = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(number)]
    scalars = printed(every, new(every, "Scalars", a_double=number, a_float=number))
    assert (scalars["a_double"], scalars["a_float"]) == (text, text)
    assert printed(every, new(every, "Maps", doubles={"a": number}))["doubles"] == {"a": text}
    assert printed(every, new(every, "Lists", doubles=[number], floats=[number]))["floats"] == [text]


def test_enum_number_without_name_is_printed_as_number(every: TypePool) -> None:
    assert printed(every, new(every, "Item", color=77))["color"] == 77
    assert printed(every, new(every, "Lists", colors=[1, 77]))["colors"] == ["RED", 77]


def test_any_shows_its_type_first_and_the_rest_beside_it(every: TypePool) -> None:
    holder = new(every, "WellKnown")
    holder.any.Pack(new(every, "Item", name="x"))
    url = "type.googleapis.com/every.kind.Item"
    any_ = printed(every, holder)["any"]
    assert list(any_.items())[:2] == [("@type", url), ("name", "x")]


CANNOT_BE_SHOWN = [
    (
        "WellKnown",
        {"time": {"seconds": 253402300800}},
        "time: expected a valid google.protobuf.Timestamp, got seconds 253402300800, nanos 0",
    ),
    (
        "Lists",
        {"times": [{}, {"nanos": -1}]},
        "times[1]: expected a valid google.protobuf.Timestamp, got seconds 0, nanos -1",
    ),
    (
        "Maps",
        {"durations": {"a b": {"seconds": 1, "nanos": -1}}},
        'durations["a b"]: expected a valid google.protobuf.Duration, got seconds 1, nanos -1',
    ),
    (
        "WellKnown",
        {"any": {"type_url": "x/y.Z"}},
        'any: expected the type URL of a known message, got "x/y.Z"',
    ),
    (
        "WellKnown",
        {"any": {"type_url": "x/every.kind.Item", "value": b"\xff"}},
        "any: expected a serialized every.kind.Item, got other bytes",
    ),
    (
        "WellKnown",
        {"value": {"number_value": float("nan")}},
        "value: expected number that JSON has, got a number that is not finite",
    ),
]


@pytest.mark.parametrize(("name", "fields", "error"), CANNOT_BE_SHOWN)
def test_what_json_cannot_show_is_an_error_with_its_path(
    every: TypePool, name: str, fields: dict[str, Any], error: str
) -> None:
    prefix = "well_known" if name == "WellKnown" else name.lower()
    with pytest.raises(JsonError) as caught:
        printed(every, new(every, "Everything", **{prefix: fields}))
    assert (str(caught.value), caught.value.reason) == (f"{prefix}.{error}", Reason.INVALID_VALUE)


def test_field_mask_that_json_cannot_show_is_an_error(every: TypePool) -> None:
    with pytest.raises(JsonError, match=r"^mask: expected a printable google\.protobuf\.FieldMask"):
        printed(every, new(every, "WellKnown", mask={"paths": ["aB"]}))


def test_any_inside_any_is_followed_a_hundred_levels_and_no_further(every: TypePool) -> None:
    message = every.message("google.protobuf.Any")()
    for _ in range(98):
        outer = every.message("google.protobuf.Any")()
        outer.Pack(message)
        message = outer
    assert printed(every, new(every, "WellKnown", any=message))["any"]["value"]["@type"]
    outer.Pack(message)
    for _ in range(2):
        message.Pack(outer)
        outer.Pack(message)
    with pytest.raises(JsonError) as caught:
        printed(every, new(every, "WellKnown", any=message))
    assert caught.value.reason == Reason.TOO_DEEP


def test_what_is_printed_at_the_deepest_level_can_be_dumped(every: TypePool) -> None:
    tree = new(every, "Tree")
    for _ in range(99):
        tree = new(every, "Tree", branches=[tree])
    assert dumps(printed(every, tree)).count(b"branches") == 100
