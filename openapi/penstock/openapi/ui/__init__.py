"""The interactive docs page of an OpenAPI 3.1 document, as one self-contained HTML file.

The page is hand-written: page.html with style/*.css and script/*.js put into it. The page asks nobody but its own
origin, runs under a Content-Security-Policy that allows exactly its own style and script, and builds
its content from text alone (Trusted Types forbid anything else).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from html import escape
from string import Template
from types import MappingProxyType

from penstock.openapi.ui.answer import Page, page_headers
from penstock.openapi.ui.files import SCRIPTS, STYLES, joined, text

__all__ = ["Page", "page"]

_SCRIPTS = (
    "document.js",
    "request.js",
    "commands.js",
    "answer.js",
    "try_it.js",
    "operation.js",
    "navigation.js",
    "main.js",
)


def page(openapi_url: str, api_key: str | None, title: str, grpc_address: str | None = None) -> Page:
    """The docs page of the document at `openapi_url`, which must be of the page's own origin.

    `api_key` prefills the key field: give one only where every reader may have it, as in `penstock dev`.
    `grpc_address` is the HOST:PORT in grpcurl lines; None means the page's own host with port 50051.
    """
    template, headers = _template()
    html = template.substitute(
        openapi_url=escape(openapi_url),
        api_key=escape(api_key or ""),
        grpc_address=escape(grpc_address or ""),
        title=escape(title),
    )
    return Page(html.encode(), headers)


@cache
def _template() -> tuple[Template, Mapping[str, str]]:
    """What all pages share: the HTML with its style and script in place, and the headers that allow these two."""
    style = joined("style", *STYLES)
    script = joined("script", *SCRIPTS, *_SCRIPTS)
    html = text("page.html")
    headers = page_headers(script=_source(script), style=_source(style), images="data:")
    inlined = Template(html).safe_substitute(style=style.replace("$", "$$"), script=script.replace("$", "$$"))
    return Template(inlined), MappingProxyType(headers)


def _source(inline: str) -> str:
    """The CSP source expression that allows exactly this inline text."""
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    return f"'sha256-{digest}'"
