"""The docs page of artifacts as files: a shell without anything of an artifact, and two small assets."""

from __future__ import annotations

import hashlib
import re

import pytest

from penstock.openapi.ui.answer import Page
from penstock.openapi.ui.artifact import artifact_assets, artifact_page

SIZE_MAX = 200_000


@pytest.fixture
def made() -> Page:
    return artifact_page("/docs/assets/", "psk_key", "127.0.0.1:50051")


def test_page_loads_its_assets_and_nothing_else(made: Page) -> None:
    loaded = set(re.findall(r'(?:src|href)="(/[^"]*)"', made.html.decode()))
    assert loaded == {"/docs", *(f"/docs/assets/{name}" for name in artifact_assets())}


def test_page_and_assets_are_small(made: Page) -> None:
    assert len(made.html) + sum(len(asset.body) for asset in artifact_assets().values()) < SIZE_MAX


def test_assets_are_named_after_their_content() -> None:
    for name, asset in artifact_assets().items():
        assert name == asset.name
        assert hashlib.sha256(asset.body).hexdigest()[:16] in name
    assert sorted(asset.media_type for asset in artifact_assets().values()) == [
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
    ]


def test_nothing_names_an_address_outside_of_its_own_origin(made: Page) -> None:
    for body in (made.html, *(asset.body for asset in artifact_assets().values())):
        # The SVG namespace is a name, not an address: nothing is fetched from it.
        text = body.decode().replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z.]+", text) == []


def test_policy_allows_what_comes_from_the_page_s_own_origin_and_nothing_inline(made: Page) -> None:
    directives = (part.split() for part in made.headers["Content-Security-Policy"].split(";"))
    assert {name: values for name, *values in directives} == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }


def test_page_has_nothing_inline(made: Page) -> None:
    html = made.html.decode()
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", html) == []


def test_page_carries_what_it_was_given_as_text_whatever_is_in_it() -> None:
    hostile = "\"><script>alert('$key')</script>"
    html = artifact_page("/docs/assets/", hostile, hostile).html.decode()
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2


def test_page_with_a_key_is_kept_by_no_cache(made: Page) -> None:
    assert made.headers["Cache-Control"] == "no-store"
