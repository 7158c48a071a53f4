"""Our codec against protobuf's own json_format, on generated messages and on generated mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.wire.json import JsonError, dumps, parse
from penstock.wire.types import TypePool
from tests.wire.messages import JSON, STEADY, Messages

TYPES = [
    "every.kind.Item",
    "every.kind.Scalars",
    "every.kind.Optionals",
    "every.kind.Lists",
    "every.kind.Maps",
    "every.kind.Choice",
    "every.kind.Wrapped",
    "every.kind.WellKnown",
    "every.kind.Tree",
    "every.kind.Names",
    "every.kind.Everything",
    "every.edition.Whole",
]
# The fields with jstype = JS_NUMBER, which json_format does not heed.
NUMBERS = ("number_int64", "number_uint64", "numbers")
ODD_VALUES = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        5,
        2.5,
        5.0,
        -7.0,
        1e300,
        2**31,
        2**32,
        2**63,
        2**64 - 1,
        -(2**63) - 1,
        float(2**64),
    ),
    *(
        "",
        "x",
        "5",
        "-5",
        "5.0",
        "5.5",
        "1e2",
        " 5",
        "+5",
        "05",
        "1_0",
        "\u0665",
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "inf",
    ),
    *("true", "RED", "CRIMSON", "red", "NULL_VALUE", "YQ==", "YQ", "YR==", "_-8=", "Y", "!!", "a_b,c", "aB,c.dE"),
    *("2024-02-29T12:00:00Z", "2023-02-29T12:00:00Z", "2024-01-01T00:00:00.5+01:30", "2024-01-01t00:00:00z"),
    *("2024-01-01", "0001-01-01T00:00:00+00:01", "1s", "-1.5s", "1", ".5s", "1.s", "-0.000000001s", "315576000001s"),
    *([], {}, [1], [None], ["x"], {"a": 1}, {"1": 2}, {"true": "x"}, {"value": 1}, {"@type": "x/every.kind.Item"}),
    *({"@type": "x/google.protobuf.Int64Value", "value": "3"}, {"@type": 1}, [{"name": "x"}], [[]], {"a": {}}),
]


def same_bytes(message: Any) -> bytes:
    """What two equal messages have in common, NaN included."""
    return bytes(message.SerializePartialToString(deterministic=True))


def as_numbers(value: Any) -> Any:
    """A document of json_format with the fields in NUMBERS printed as we do."""
    if isinstance(value, list):
        return [as_numbers(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: as_number(item) if key in NUMBERS else as_numbers(item) for key, item in value.items()}


def as_number(value: Any) -> Any:
    if isinstance(value, list):
        return [as_number(item) for item in value]
    return int(value) if -(2**53) <= int(value) <= 2**53 else value


def googles_json(every: TypePool, message: Any) -> Any:
    return json_format.MessageToDict(
        message,
        always_print_fields_with_no_presence=True,
        preserving_proto_field_name=True,
        descriptor_pool=every.pool,
    )


def googles_message(every: TypePool, name: str, value: object) -> Any:
    return json_format.ParseDict(value, every.message(name)(), descriptor_pool=every.pool)


def for_messages(every: TypePool, name: str, check: Callable[[Any], None]) -> None:
    STEADY(given(Messages(every).of(name))(check))()


@pytest.mark.parametrize("name", TYPES)
def test_messages_are_printed_as_json_format_prints_them(every: TypePool, name: str) -> None:
    encode = every.json.encoder(every.descriptor(name))

    def check(message: Any) -> None:
        printed = encode(message)
        assert printed == as_numbers(googles_json(every, message))
        assert list(printed) == [field.name for field in message.DESCRIPTOR.fields if field.name in printed]

    for_messages(every, name, check)


@pytest.mark.parametrize("name", TYPES)
def test_json_format_reads_what_we_print(every: TypePool, name: str) -> None:
    encode = every.json.encoder(every.descriptor(name))

    def check(message: Any) -> None:
        text = dumps(encode(message))
        read = json_format.Parse(text, every.message(name)(), descriptor_pool=every.pool)
        assert same_bytes(read) == same_bytes(message)

    for_messages(every, name, check)


@pytest.mark.parametrize("name", TYPES[:-1])  # of the last many lack a required field, which we refuse
def test_we_read_what_we_print_and_what_json_format_prints(every: TypePool, name: str) -> None:
    encode, decode = every.json.encoder(every.descriptor(name)), every.json.decoder(every.descriptor(name))

    def check(message: Any) -> None:
        for text in (
            dumps(encode(message)),
            json_format.MessageToJson(message, descriptor_pool=every.pool).encode(),  # in lowerCamelCase
        ):
            assert same_bytes(decode(parse(text))) == same_bytes(message)

    for_messages(every, name, check)


@st.composite
def mistaken(draw: Callable[[st.SearchStrategy[Any]], Any], value: Any) -> Any:
    """The JSON value with something else in one place."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        return value | {key: draw(mistaken(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], draw(mistaken(value[index])), *value[index + 1 :]]
    if isinstance(value, dict) and draw(st.booleans()):
        return value | {
            draw(st.sampled_from(["twoSpellings", "aDouble", "x", "", "a"])): draw(st.sampled_from(ODD_VALUES))
        }
    return draw(st.sampled_from(ODD_VALUES) | JSON)


@pytest.mark.parametrize("name", TYPES)
def test_what_we_accept_is_what_json_format_makes_of_it(every: TypePool, name: str) -> None:
    encode, decode = every.json.encoder(every.descriptor(name)), every.json.decoder(every.descriptor(name))

    @settings(STEADY, max_examples=60)
    @given(st.data())
    def check(data: Any) -> None:
        value = data.draw(mistaken(encode(data.draw(Messages(every).of(name)))))
        try:
            ours = decode(value)
        except JsonError as error:
            assert error.problem  # any other exception fails the test
            return
        try:
            googles = googles_message(every, name, value)
        except AttributeError:
            return  # json_format trips over null for a repeated google.protobuf.Value; it means absent
        assert same_bytes(ours) == same_bytes(googles)

    check()
