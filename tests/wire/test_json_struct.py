"""google.protobuf.Struct: any JSON object in protobuf, and back."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from penstock.wire.json import JsonError, Reason, from_struct, to_struct
from tests.wire.messages import JSON, STEADY, TEXTS

OBJECTS = st.dictionaries(TEXTS, JSON, max_size=4)


@STEADY
@given(OBJECTS)
def test_struct_is_what_json_format_makes_of_the_object(members: dict[str, Any]) -> None:
    assert to_struct(members) == json_format.ParseDict(members, Struct())


@STEADY
@given(OBJECTS)
def test_object_comes_back_as_json_format_prints_it(members: dict[str, Any]) -> None:
    struct = json_format.ParseDict(members, Struct())
    assert from_struct(struct) == json_format.MessageToDict(struct)
    assert list(from_struct(struct)) == sorted(members)


@pytest.mark.parametrize(
    ("number", "back"),
    [
        (5, 5),
        (5.0, 5),
        (2.5, 2.5),
        (0.0, 0),
        (-0.0, -0.0),
        (2**53, 2**53),
        (-(2**53), -(2**53)),
        (2**54, float(2**54)),
        (1e300, 1e300),
    ],
)
def test_integral_numbers_come_back_as_int_while_that_is_exact(number: float, back: float) -> None:
    found = from_struct(to_struct({"n": number}))["n"]
    assert repr(found) == repr(back)


def test_value_that_holds_nothing_is_null() -> None:
    struct = Struct()
    struct.fields["a"].SetInParent()
    assert from_struct(struct) == {"a": None}


@pytest.mark.parametrize(
    ("members", "reason", "error"),
    [
        (
            {"a": [1, {"b": float("nan")}]},
            Reason.WRONG_TYPE,
            "a[1].b: expected number, got a number that is not finite",
        ),
        ({"a": float("inf")}, Reason.WRONG_TYPE, "a: expected number, got a number that is not finite"),
        (
            {"a": 10**400},
            Reason.OUT_OF_RANGE,
            "a: expected number that fits a double, got a number of more than 128 bits",
        ),
        ({"a": {"b": (1, 2)}}, Reason.WRONG_TYPE, "a.b: expected JSON value, got tuple"),
        ({5: 1}, Reason.WRONG_TYPE, "[5]: expected string, got 5"),
        ([], Reason.WRONG_TYPE, "expected object, got array"),
    ],
)
def test_what_json_does_not_have_is_refused(members: Any, reason: Reason, error: str) -> None:
    with pytest.raises(JsonError) as caught:
        to_struct(members)
    assert (caught.value.reason, str(caught.value)) == (reason, error)


def test_number_that_json_does_not_have_is_refused_on_the_way_back() -> None:
    struct = Struct()
    struct.fields["a"].list_value.values.add().number_value = float("nan")
    with pytest.raises(JsonError) as caught:
        from_struct(struct)
    assert str(caught.value) == "a[0]: expected number that JSON has, got a number that is not finite"


def levels(count: int) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for _ in range(count - 1):
        members = {"a": members}
    return members


def test_32_levels_of_objects_are_read_back_by_protobuf_and_more_are_refused() -> None:
    struct = to_struct(levels(32))
    assert from_struct(Struct.FromString(struct.SerializeToString())) == levels(32)
    with pytest.raises(JsonError) as caught:
        to_struct(levels(34))
    assert caught.value.reason == Reason.TOO_DEEP
