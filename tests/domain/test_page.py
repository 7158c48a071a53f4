"""Page tokens: they come back as they were, for the list that they belong to alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.domain.page import TOKEN_LENGTH_MAX, PageTokenError, decode, encode

NOT_A_TOKEN = "page_token: expected the next_page_token of the answer before, got another text"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_token_gives_its_key_back(key: str, binding: str) -> None:
    assert decode(encode(key, binding), binding) == key


def test_token_may_stand_in_a_url_as_it_is() -> None:
    token = encode("ÿ?>key", "binding")
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()


def test_token_of_another_list_is_refused_and_says_so() -> None:
    with pytest.raises(PageTokenError) as caught:
        decode(encode("key", "status = RUNNING"), "status = FAILED")
    assert (caught.value.field, caught.value.reason, str(caught.value)) == (
        "page_token",
        "INVALID_PAGE_TOKEN",
        "page_token: expected a token of a list with the same arguments, got one of another list: "
        "filter and order must not change between pages",
    )


def test_token_with_any_character_changed_is_refused() -> None:
    token = encode("019a0000000070008000000000000000", "binding")
    for index, character in enumerate(token):
        other = "A" if character != "A" else "Q"
        with pytest.raises(PageTokenError):
            decode(token[:index] + other + token[index + 1 :], "binding")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "42",
        "é",
        "not a token",
        encode("key", "b")[:-1],
        encode("key", "b") + "AAAA",
        encode("key", "b") + "==",
        " " + encode("key", "b"),
        encode("k" * TOKEN_LENGTH_MAX, "b"),
    ],
)
def test_text_that_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(PageTokenError, match=f"^{NOT_A_TOKEN}$"):
        decode(token, "b")
