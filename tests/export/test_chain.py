"""The chain of hashes: one form for equal values, and no change without a trace."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.domain.chain import Chain, canonical

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**53), 2**53)
    # Half of a surrogate pair is no text, and protobuf has none.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)

# RFC 8785, appendix B, and what ECMAScript prints.
NUMBERS = [
    (0.0, "0"),
    (-0.0, "0"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (9007199254740992.0, "9007199254740992"),
    (295147905179352830000.0, "295147905179352830000"),
    (9.999999999999997e22, "9.999999999999997e+22"),
    (1e23, "1e+23"),
    (999999999999999700000.0, "999999999999999700000"),
    (1e21, "1e+21"),
    (9.999999999999997e-7, "9.999999999999997e-7"),
    (0.000001, "0.000001"),
    (333333333.3333332, "333333333.3333332"),
    (-0.0000033333333333333333, "-0.0000033333333333333333"),
    (1424953923781206.2, "1424953923781206.2"),
    (4.5, "4.5"),
    (12, "12"),
]


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_numbers_are_written_as_ecmascript_does(number: float, text: str) -> None:
    assert canonical(number) == text.encode()


def test_members_are_ordered_by_their_utf_16_code_units() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert canonical(value).decode() == ('{"\\r":2,"1":4,"\x80":6,"\xf6":7,"\u20ac":1,"\U0001f600":5,"\ufb33":3}')


def test_text_is_escaped_no_more_than_json_needs() -> None:
    assert canonical('€$\x0f\nA\'B"\\\\"/\x7f') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'.encode()


@given(JSON)
def test_canonical_form_says_the_same_and_is_its_own(value: Any) -> None:
    text = canonical(value)
    # All its numbers are doubles.
    assert json.loads(text, parse_int=float) == value
    assert canonical(json.loads(text)) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"", {"a": object()}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected a"):
        canonical(value)


def test_each_hash_is_that_of_the_one_before_and_the_link() -> None:
    chain = Chain()
    first = sha256(bytes(32) + b'{"a":1}').digest()
    assert chain.add({"a": 1}) == first.hex()
    assert chain.add([]) == sha256(first + b"[]").hexdigest()


@given(st.lists(JSON, min_size=1), st.data())
def test_no_link_is_dropped_or_changed_without_another_head(links: list[Any], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    other = data.draw(JSON.filter(lambda value: canonical(value) != canonical(links[place])))
    heads = set()
    for changed in (links, links[:place] + links[place + 1 :], [*links[:place], other, *links[place + 1 :]]):
        chain = Chain()
        for link in changed:
            chain.add(link)
        heads.add(chain.head)
    assert len(heads) == 3
