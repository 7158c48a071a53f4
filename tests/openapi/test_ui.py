"""The docs page as a file: small, self-contained, allowed to do little."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from penstock.openapi.ui import Page, page

SIZE_MAX = 100_000


@pytest.fixture
def made() -> Page:
    return page("/openapi.json", "psk_key", "Penstock API", "127.0.0.1:50051")


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of style and script elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: dict[str, str] = {}
        self._inside: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if tag in ("style", "script") else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.inline[self._inside] = self.inline.get(self._inside, "") + data


def policy(made: Page) -> dict[str, list[str]]:
    """The Content-Security-Policy: directive -> its values."""
    directives = (part.split() for part in made.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


def source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_page_is_small(made: Page) -> None:
    assert len(made.html) < SIZE_MAX


def test_page_names_no_address_outside_of_its_own_origin(made: Page) -> None:
    # The SVG namespace is a name, not an address: nothing is fetched from it.
    text = made.html.decode().replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z.]+", text) == []


def test_page_links_to_places_in_itself_and_to_its_document_only(made: Page) -> None:
    linked = {
        value for _, found in Elements(made.html.decode()).tags for name, value in found.items() if name == "href"
    }
    assert {value for value in linked if value and not value.startswith("data:")} == {"#main", "#/", "/openapi.json"}


def test_policy_allows_exactly_the_style_and_the_script_that_are_in_the_page(made: Page) -> None:
    inline = Elements(made.html.decode()).inline
    assert policy(made) == {
        "default-src": ["'none'"],
        "script-src": [source(inline["script"])],
        "style-src": [source(inline["style"])],
        "connect-src": ["'self'"],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }


def test_page_has_one_style_and_one_script_and_no_inline_handler(made: Page) -> None:
    tags = Elements(made.html.decode()).tags
    assert [tag for tag, _ in tags].count("style") == [tag for tag, _ in tags].count("script") == 1
    assert [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"] == []


def test_page_with_a_key_is_kept_by_no_cache(made: Page) -> None:
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Content-Type"] == "text/html; charset=utf-8"


def test_page_carries_what_it_was_given_as_text_whatever_is_in_it() -> None:
    hostile = "\"><script>alert('$title')</script>"
    made = page(f"/{hostile}", hostile, hostile, hostile)
    elements = Elements(made.html.decode())
    assert elements.tags[0] == (
        "html",
        {"lang": "en", "data-openapi-url": f"/{hostile}", "data-api-key": hostile, "data-grpc-address": hostile},
    )
    assert policy(made)["script-src"] == [source(elements.inline["script"])]


def test_page_without_a_key_has_an_empty_one() -> None:
    _, attributes = Elements(page("/openapi.json", None, "Penstock API").html.decode()).tags[0]
    assert (attributes["data-api-key"], attributes["data-grpc-address"]) == ("", "")


def test_policy_is_the_same_for_every_page(made: Page) -> None:
    assert page("/other.json", None, "Other").headers == made.headers
