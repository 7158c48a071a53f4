"""The interactive docs page of an artifact: a shell that is the same for all of them, and its style and script.

The page comes without anything of the artifact, because a browser that opens it sends no key. Its script asks for the
artifact with the key that the reader gives. What it consists of is hand-written: artifact.html, and files of style/ and
script/, most of which it shares with the page of the fixed API.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from string import Template

from penstock.openapi.ui.answer import Page, page_headers
from penstock.openapi.ui.files import SCRIPTS, STYLES, joined, text

_STYLES = ("artifact/page.css", "artifact/graph.css", "artifact/run.css")
_SCRIPTS = (
    "artifact/source.js",
    "artifact/types.js",
    "artifact/header.js",
    "artifact/plan.js",
    "artifact/layers.js",
    "artifact/layout.js",
    "artifact/drawing.js",
    "artifact/graph.js",
    "artifact/calls.js",
    "artifact/places.js",
    "artifact/sensitive.js",
    "artifact/outcome.js",
    "artifact/decision.js",
    "artifact/steering.js",
    "artifact/run.js",
    "artifact/changes.js",
    "artifact/versions.js",
    "artifact/downloads.js",
    "artifact/sections.js",
    "artifact/main.js",
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the page loads. `name` tells its content, so that it may be kept for good."""

    name: str
    media_type: str
    body: bytes


def artifact_page(assets_url: str, api_key: str | None, grpc_address: str | None = None) -> Page:
    """The docs page of any artifact, whose assets are below `assets_url`, which ends with a slash.

    The script reads from the page's own address which artifact it is about. `api_key` and `grpc_address` are those of
    `penstock.openapi.ui.page`.
    """
    html = Template(text("artifact.html")).substitute(
        style_url=escape(assets_url + _style().name),
        script_url=escape(assets_url + _script().name),
        api_key=escape(api_key or ""),
        grpc_address=escape(grpc_address or ""),
    )
    return Page(html.encode(), page_headers(script="'self'", style="'self'", images="'self' data:"))


@cache
def artifact_assets() -> Mapping[str, Asset]:
    """What the page loads, by name."""
    return {asset.name: asset for asset in (_style(), _script())}


@cache
def _style() -> Asset:
    return _asset("artifact", "css", "text/css; charset=utf-8", joined("style", *STYLES, *_STYLES))


@cache
def _script() -> Asset:
    return _asset("artifact", "js", "text/javascript; charset=utf-8", joined("script", *SCRIPTS, *_SCRIPTS))


def _asset(stem: str, suffix: str, media_type: str, content: str) -> Asset:
    body = content.encode()
    return Asset(f"{stem}-{hashlib.sha256(body).hexdigest()[:16]}.{suffix}", media_type, body)
