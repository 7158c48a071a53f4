"""What the decoders refuse, word for word, and what they take beyond the plain form."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from google.protobuf import json_format

from penstock.wire.json import JsonError, Reason, parse
from penstock.wire.types import TypePool
from tests.wire.refused import REFUSED

LARGEST_FLOAT = 3.4028234663852886e38

# What json_format takes and we refuse: nobody means it, and most of it json_format itself never prints.
ONLY_JSON_FORMAT = [
    ("Scalars", {"some_bytes": "!!"}),
    ("Scalars", {"an_int32": "+5"}),
    ("Scalars", {"an_int32": "05"}),
    ("Scalars", {"an_int32": "1_000"}),
    ("Scalars", {"an_int32": "\u0665"}),
    ("Scalars", {"a_double": True}),
    ("Scalars", {"a_double": "inf"}),
    ("Scalars", {"a_double": " 5"}),
    ("Scalars", {"a_float": "1e300"}),
    ("Scalars", {"color": "1"}),
    ("Scalars", {"color": True}),
    ("Scalars", {"color": 1.5}),
    ("Maps", {"by_int32": {"1.0": 1}}),
    ("Names", {"two_spellings": 1, "twoSpellings": 2}),
    ("Choice", {"nothing": None, "number": 1}),
    ("WellKnown", {"duration": "1.s"}),
    ("WellKnown", {"duration": "+1s"}),
    ("WellKnown", {"time": "2024-1-1T0:0:0Z"}),
    ("WellKnown", {"time": "2024-01-01T00:00:00+99:99"}),
    ("WellKnown", {"any": {"@type": "google.protobuf.Int32Value", "value": 1}}),
    ("WellKnown", {"any": {"@type": "x/google.protobuf.Int32Value", "value": 1, "more": 2}}),
    ("Nothing", []),
]
# Type, two JSON values that mean the same.
SAME = [
    ("Item", {"quantity": 5.0}, {"quantity": 5}),
    ("Item", {"quantity": "5"}, {"quantity": 5}),
    ("Item", {"quantity": "5e0"}, {"quantity": 5}),
    ("Item", {"quantity": -0.0}, {"quantity": 0}),
    ("Item", {"unit_price": 5}, {"unit_price": 5.0}),
    ("Item", {"unit_price": "5.5e0"}, {"unit_price": 5.5}),
    ("Item", {"color": 1.0}, {"color": "RED"}),
    ("Item", {"color": "CRIMSON"}, {"color": "RED"}),
    ("Item", {"name": None, "color": None}, {}),
    ("Scalars", {"an_int64": 9007199254740993}, {"an_int64": "9007199254740993"}),
    ("Scalars", {"some_bytes": "_-8"}, {"some_bytes": "/+8="}),
    ("Scalars", {"nothing": None}, {"nothing": "NULL_VALUE"}),
    ("Scalars", {"nothing": 0}, {"nothing": "NULL_VALUE"}),
    ("Lists", {"int32s": [1, "2", 3.0]}, {"int32s": [1, 2, 3]}),
    ("Lists", {"doubles": [1, "2", 3.5]}, {"doubles": [1.0, 2.0, 3.5]}),
    ("Lists", {"values": None, "times": None, "int32s": None}, {}),
    ("Maps", {"by_string": None, "items": None}, {}),
    ("Choice", {"text": None, "number": 5}, {"number": 5}),
    ("Choice", {"number": 5, "item": None}, {"number": 5}),
    ("Optionals", {"item": None, "a_string": None}, {}),
    ("WellKnown", {"time": "2024-01-01T01:30:00.5+01:30"}, {"time": "2024-01-01T00:00:00.500Z"}),
    ("WellKnown", {"any": {}}, {"any": {}}),
]


def read(every: TypePool, name: str, value: object) -> Any:
    return every.json.decoder(every.descriptor(f"every.kind.{name}"))(value)


def refusal(every: TypePool, name: str, value: object) -> JsonError:
    with pytest.raises(JsonError) as caught:
        read(every, name, value)
    return caught.value


@pytest.mark.parametrize(("name", "text", "reason", "error"), REFUSED)
def test_document_is_refused_with_path_expected_and_found(
    every: TypePool, name: str, text: str, reason: Reason, error: str
) -> None:
    refused = refusal(every, name, parse(text.encode()))
    assert (refused.reason, str(refused)) == (reason, error)
    assert str(refused) == (f"{refused.path}: {refused.problem}" if refused.path else refused.problem)


@pytest.mark.parametrize(("name", "one", "other"), SAME)
def test_two_forms_of_a_value_mean_the_same(every: TypePool, name: str, one: object, other: object) -> None:
    assert read(every, name, one) == read(every, name, other)


@pytest.mark.parametrize(("name", "value"), ONLY_JSON_FORMAT)
def test_what_only_json_format_takes_is_refused(every: TypePool, name: str, value: object) -> None:
    json_format.ParseDict(value, every.message(f"every.kind.{name}")(), descriptor_pool=every.pool)
    assert refusal(every, name, value).reason in Reason


def test_error_path_gets_the_place_of_its_document_in_front() -> None:
    assert JsonError(Reason.WRONG_TYPE, "p", "a.b").under("input").path == "input.a.b"
    assert JsonError(Reason.WRONG_TYPE, "p", "[2].b").under("items").path == "items[2].b"
    assert str(JsonError(Reason.WRONG_TYPE, "p").under("[1]").under("x")) == "x[1]: p"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 61, '"' + "x" * 59 + '…"'),
        ("x" * 60, '"' + "x" * 60 + '"'),
        ('a"b\n', '"a\\"b\\n"'),
        (10**50, "a number of more than 128 bits"),
    ],
)
def test_refused_value_is_shown_short(every: TypePool, value: object, shown: str) -> None:
    field = "unit_price" if isinstance(value, str) else "name"
    kind = "double" if isinstance(value, str) else "string"
    assert str(refusal(every, "Item", {field: value})) == f"{field}: expected {kind}, got {shown}"


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("Item", {"name": "\ud800"}, "name"),
        ("Lists", {"strings": ["a", "\udfff"]}, "strings[1]"),
        ("Maps", {"by_string": {"a": "x\ud800"}}, "by_string.a"),
        ("WellKnown", {"struct": {"a": ["\ud800"]}}, "struct.a[0]"),
    ],
)
def test_lone_surrogate_is_refused_with_its_path(every: TypePool, name: str, value: object, path: str) -> None:
    refused = refusal(every, name, value)
    assert (refused.path, refused.reason) == (path, Reason.INVALID_VALUE)
    assert "string without lone surrogates" in refused.problem
    str(refused).encode()  # can be sent back


def test_lone_surrogate_in_a_key_is_refused(every: TypePool) -> None:
    assert refusal(every, "Maps", {"by_string": {"\ud800": "x"}}).path == 'by_string["\\ud800"]'
    assert refusal(every, "WellKnown", {"struct": {"\ud800": 1}}).path == 'struct["\\ud800"]'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["a_double", "a_float", "an_int32"])
def test_number_that_json_does_not_have_is_refused(every: TypePool, name: str, number: float) -> None:
    assert refusal(every, "Scalars", {name: number}).path == name


def test_largest_float_is_read_from_its_shortest_text(every: TypePool) -> None:
    # 3.4028235e+38 is above the largest float, and what it is printed as.
    assert read(every, "Scalars", {"a_float": 3.4028235e38}).a_float == LARGEST_FLOAT
    assert read(every, "Lists", {"floats": [LARGEST_FLOAT]}).floats == [LARGEST_FLOAT]


def nested(levels: int, step: str) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {step: value if step == "left" else [value]}
    return value


@pytest.mark.parametrize("step", ["left", "branches"])
def test_hundred_levels_of_messages_are_read_and_protobuf_reads_them_back(every: TypePool, step: str) -> None:
    tree = read(every, "Tree", nested(100, step))
    assert every.message("every.kind.Tree").FromString(tree.SerializeToString()) == tree


@pytest.mark.parametrize(
    ("step", "path"), [("left", ".".join(["left"] * 100)), ("branches", ".".join(["branches[0]"] * 100))]
)
def test_level_101_is_refused_with_its_path(every: TypePool, step: str, path: str) -> None:
    refused = refusal(every, "Tree", nested(101, step))
    assert (refused.path, refused.reason) == (path, Reason.TOO_DEEP)
    assert refused.problem == "expected at most 100 levels of messages, got more"


@pytest.mark.parametrize("value", [{"named": {"a": {}}}, {"branches": [{}]}, {"left": {}}])
def test_any_depth_is_refused_without_using_up_the_stack(every: TypePool, value: dict[str, Any]) -> None:
    deep, step = value, next(iter(value))
    for _ in range(sys.getrecursionlimit() * 3):
        deep = {step: {"a": deep} if step == "named" else [deep] if step == "branches" else deep}
    assert refusal(every, "Tree", deep).reason == Reason.TOO_DEEP
    assert refusal(every, "WellKnown", {"struct": deep}).reason == Reason.TOO_DEEP


def test_deep_any_is_refused(every: TypePool) -> None:
    value: dict[str, Any] = {}
    for _ in range(200):
        value = {"@type": "x/google.protobuf.Any", "value": value}
    assert refusal(every, "WellKnown", {"any": value}).reason == Reason.TOO_DEEP


def test_empty_nested_message_is_present(every: TypePool) -> None:
    assert read(every, "Everything", {"nothing": {}, "tree": {"left": {"label": None}}}).SerializeToString() == (
        every.message("every.kind.Everything")(nothing={}, tree={"left": {}}).SerializeToString()
    )


def test_names_that_mean_something_to_python_or_protobuf_are_fields(every: TypePool) -> None:
    names = {"from": "a", "class": "b", "None": ["c"], "__debug__": "d", "renamed": "e", "lambda": [{}], "import": {}}
    assert every.json.encoder(every.descriptor("every.kind.Names"))(read(every, "Names", names)) == {
        **dict.fromkeys(("m", "o", "depth", "self"), ""),
        **names,
        "two_spellings": 0,
        "lambda": [{"value": ""}],
    }
    hard = {"HasField": "x", "SetInParent": {}}
    assert every.json.encoder(every.descriptor("every.kind.HardNames"))(read(every, "HardNames", hard)) == hard


def test_missing_required_field_is_refused_with_its_path(every: TypePool) -> None:
    decode = every.json.decoder(every.descriptor("every.edition.Whole"))
    with pytest.raises(JsonError) as caught:
        decode({"parts": [{"id": "a"}, {}]})
    assert str(caught.value) == "parts[1].id: expected a value, the field is required, got nothing"


def test_closed_enum_refuses_numbers_it_does_not_have(every: TypePool) -> None:
    decode = every.json.decoder(every.descriptor("every.edition.Whole"))
    with pytest.raises(JsonError) as caught:
        decode({"closeds": [5, "SECOND", 7]})
    assert str(caught.value) == "closeds[2]: expected one of FIRST, SECOND, got 7"
