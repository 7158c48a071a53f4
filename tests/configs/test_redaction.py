"""Secrets in text: every form of a value that gives it away is hidden, and nothing else."""

from __future__ import annotations

import base64
import json
import traceback
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.runtime.running.redaction import Redactor, redactor

VALUE = 'p"ss wörd/+%1'
HIDDEN = "[secret stripe_key]"


@pytest.fixture
def redact() -> Redactor:
    return Redactor({"stripe_key": VALUE})


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        json.dumps(VALUE)[1:-1],
        json.dumps(VALUE, ensure_ascii=False)[1:-1],
        quote(VALUE),
        quote(VALUE, safe=""),
        quote(VALUE, safe="").replace("%C3%B6", "%c3%b6").replace("%2F", "%2f").replace("%2B", "%2b"),
        quote_plus(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        base64.b64encode(VALUE.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        VALUE.encode().hex(),
        repr(VALUE)[1:-1],
        repr(VALUE.encode())[2:-1],
    ],
)
def test_every_form_of_a_value_is_hidden(redact: Redactor, form: str) -> None:
    assert redact(f"before {form} between {form} after") == f"before {HIDDEN} between {HIDDEN} after"


@pytest.mark.parametrize("user", ["a", "ab", "abc", "abcd", "Zoë"])
def test_value_within_a_longer_base64_text_is_hidden(user: str) -> None:
    header = base64.b64encode(f"{user}:s3cret-of-ada".encode()).decode()
    shown = Redactor({"stripe_key": "s3cret-of-ada"})(f"Basic {header}")
    assert HIDDEN in shown
    # What is left are at most the characters that hold bits of what stands beside the value.
    rest = shown.replace("Basic ", "").replace(HIDDEN, "")
    assert len(rest) <= len(base64.b64encode(f"{user}:".encode())) + 6


def test_other_text_stays(redact: Redactor) -> None:
    text = "p ss word, stripe_key, %22, p%22ss"
    assert redact(text) == text


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    redact = Redactor({"short": "s3cret", "long": "s3cret-and-more"})
    assert redact("s3cret s3cret-and-more s3cret-and") == "[secret short] [secret long] [secret short]-and"


def test_two_secrets_of_one_value_have_the_first_name() -> None:
    assert Redactor({"b": "s3cret", "a": "s3cret"})("s3cret") == "[secret a]"


def test_lines_of_a_key_are_hidden_one_by_one() -> None:
    lines = ["-----BEGIN KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQ", "short", "-----END KEY-----"]
    redact = Redactor({"key": "\n".join(lines) + "\n"})
    assert redact(f"  {lines[1]} and short") == "  [secret key] and short"
    assert redact("\n".join(lines)) == "[secret key]"


def test_values_that_are_too_short_stay() -> None:
    assert Redactor({"pin": "123"})("123 and MTIz") == "123 and MTIz"


def test_what_is_hidden_is_no_pattern() -> None:
    assert Redactor({"a": "a.*c"})("abbc a.*c") == "abbc [secret a]"
    assert Redactor({"a": r"\1\g<0>"})(r"x\1\g<0>x") == "x[secret a]x"


def test_traceback_shows_no_value() -> None:
    try:
        raise ValueError(f"cannot log in with {VALUE!r}")
    except ValueError:
        text = traceback.format_exc().replace("{VALUE!r}", "")
    assert VALUE not in Redactor({"stripe_key": VALUE})(text)


def test_node_without_secrets_has_nothing_to_call() -> None:
    assert redactor({}) is None
    assert redactor({"a": "s3cret"}) is not None


@given(st.text(min_size=4, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_value_comes_through(value: str, before: str, after: str) -> None:
    shown = Redactor({"n": value})(before + value + after)
    assert "[secret n]" in shown
    assert [piece for piece in shown.split("[secret n]") if value in piece] == []
