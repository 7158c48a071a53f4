"""JSON text: what is refused before anybody looks at types."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.wire.json import JsonError, Reason, dumps, parse
from tests.wire.messages import STEADY

MALFORMED = [
    b"",
    b" ",
    b"{",
    b"}",
    b"[1,]",
    b'{"a":1,}',
    b"{'a':1}",
    b'{"a" 1}',
    b'{"a":1} x',
    b"nul",
    b"NaN",
    b'{"a":NaN}',
    b"[Infinity]",
    b"[-Infinity]",
    b"[1e999]",
    b"[01]",
    b"[+1]",
    b"[.5]",
    b'"\xff"',
    b'"\xed\xa0\x80"',
    b'"\\ud800"',
    b'{"\\udc00":1}',
    b'"\x01"',
    b"\xef\xbb\xbf{}",
    b"\x00",
    "{}".encode("utf-16"),
    b"[" * 50,
    b'["' + b"[" * 200,
]
DUPLICATES = [
    (b'{"a":1,"a":2}', "a"),
    (b'{"a":1,"b":2,"a":1}', "a"),
    (b'{"a":1,"\\u0061":2}', "a"),
    (b'{"x y":1,"x y":2}', '["x y"]'),
    (b'{"":1,"":2}', '[""]'),
    (b'{"p":{"q":[0,{"a":1,"a":2}]}}', "p.q[1].a"),
    (b'[{"a":1},{"a":1,"a":2}]', "[1].a"),
    (b'{"a":{"b":1},"a":{"c":1}}', "a"),
    (b'{"a":"x:y","b":{"c":"::","c":"\\u003a"}}', "b.c"),
    (b'{"a":"\\u003a","a":"\\u003A"}', "a"),
    (b'{ "a" : 1 , "a" : 2 }', "a"),
    (b'{"a:":1,"a:":"\\u003a\\u003a\\u003a"}', '["a:"]'),
]
CLEAN = [
    b"{}",
    b"[]",
    b"5",
    b'"::"',
    b'{"a":"b:c","d":"2024-01-01T00:00:00Z"}',
    b'{"a":"\\u003a"}',
    b'{"a":"\\"a\\":1,\\"a\\":2"}',
    b'{"a:":1,":a":2,":":{":":":"}}',
    b'{ "a" : [ ] , "b" :\n{ } }',
    b'{"a":"\\\\u003a"}',
    b'[{"a":1},{"a":1}]',
    b'{"a":{"a":{"a":1}}}',
]


def refused(raw: bytes) -> JsonError:
    with pytest.raises(JsonError) as caught:
        parse(raw)
    return caught.value


@pytest.mark.parametrize("raw", MALFORMED)
def test_malformed_document_is_refused(raw: bytes) -> None:
    error = refused(raw)
    assert (error.reason, error.path) == (Reason.MALFORMED_JSON, "")


@pytest.mark.parametrize(
    ("raw", "place"),
    [(b'{"a":NaN}', "line 1, column 6"), (b'{\n  "a": tru\n}', "line 2, column"), (b"", "line 1, column 1")],
)
def test_malformed_document_is_refused_with_its_place(raw: bytes, place: str) -> None:
    assert str(refused(raw)).startswith(f"malformed JSON at {place}")


@pytest.mark.parametrize(("raw", "path"), DUPLICATES)
def test_duplicate_key_is_refused_with_its_path(raw: bytes, path: str) -> None:
    error = refused(raw)
    assert (error.reason, str(error)) == (Reason.DUPLICATE_KEY, f"{path}: duplicate key")


@pytest.mark.parametrize("raw", CLEAN)
def test_document_without_duplicates_is_read_as_it_stands(raw: bytes) -> None:
    assert parse(raw) == json.loads(raw)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_hundred_levels_are_read_and_one_more_is_refused(opening: bytes, closing: bytes) -> None:
    levels = opening.count(b"[") + opening.count(b"{")
    parse(opening * (100 // levels) + b"1" + closing * (100 // levels))
    error = refused(b"[" + opening * (100 // levels) + b"1" + closing * (100 // levels) + b"]")
    assert (error.reason, error.path) == (Reason.TOO_DEEP, "")


def test_too_deep_document_is_refused_with_the_place_of_level_101() -> None:
    raw = b'{"text": "[[[[",\n "a": ' + b"[" * 100 + b"]" * 100 + b"}"
    assert str(refused(raw)) == "expected at most 100 levels, got more at line 2, column 106"


@pytest.mark.parametrize("levels", [254, 255, 1023, 1024, 1025, 100_000])
def test_any_depth_is_refused_as_too_deep(levels: int) -> None:
    assert refused(b"[" * levels + b"]" * levels).reason == Reason.TOO_DEEP
    assert refused(b'{"a":' * levels + b"1" + b"}" * levels).reason == Reason.TOO_DEEP


def test_brackets_in_strings_are_not_levels() -> None:
    raw = dumps(["[" * 200, "{" * 200, '"[' * 200, "\\[" * 200] + [[]] * 200)
    assert parse(raw) == json.loads(raw)


def test_very_long_number_beside_a_duplicate_key_does_no_harm() -> None:
    assert refused(b'{"n":' + b"9" * 300 + b',"a":1,"a":2}').reason == Reason.DUPLICATE_KEY


KEYS = st.sampled_from(["a", "b", ":", "a:", '":', "\\u0061", "\\u003a", "é", " :", "\\\\"])
STRINGS = st.sampled_from(["", ":", "a:b", '\\":', "\\u003a", "\\\\", "{", "T12:00:00Z", ' \\" : '])
SPACES = st.sampled_from(["", "", " ", "\n", "\t "])


@st.composite
def documents(draw: Callable[[st.SearchStrategy[Any]], Any], depth: int = 0) -> str:
    """JSON text with few different keys, many colons and free spacing."""
    kind = draw(st.sampled_from(["text", "number", "array", "object", "object"]))
    space = draw(SPACES)
    if kind == "text":
        return f'{space}"{draw(STRINGS)}"'
    if kind == "number" or depth > 2:
        return f"{space}{draw(st.integers(-5, 5))}"
    inner = [draw(documents(depth + 1)) for _ in range(draw(st.integers(0, 3)))]
    if kind == "array":
        return f"{space}[{','.join(inner)}{space}]"
    members = [f'{draw(SPACES)}"{key_text(draw(KEYS))}"{draw(SPACES)}:{item}' for item in inner]
    return f"{space}{{{','.join(members)}{space}}}"


def key_text(key: str) -> str:
    return key.replace('"', '\\"')


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise KeyError
    return dict(pairs)


@settings(STEADY, max_examples=300)
@given(documents())
def test_duplicates_are_found_wherever_colons_stand(text: str) -> None:
    try:
        wanted = json.loads(text, object_pairs_hook=unique)
    except KeyError:
        assert refused(text.encode()).reason == Reason.DUPLICATE_KEY
    else:
        assert parse(text.encode()) == wanted


def test_dumps_is_compact_and_keeps_the_order() -> None:
    assert dumps({"b": 1.5, "a": ["é", None]}) == '{"b":1.5,"a":["é",null]}'.encode()
