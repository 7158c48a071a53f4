"""The interactive docs page of an OpenAPI 3.1 document, as one self-contained HTML file.

The page is hand-written: page.html with style/*.css and script/*.js put into it, in the order below. The
script files share one module scope, so none of them imports another. The page asks nobody but its own
origin, runs under a Content-Security-Policy that allows exactly its own style and script, and builds
its content from text alone (Trusted Types forbid anything else).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from types import MappingProxyType

_STYLES = ("base.css", "navigation.css", "operation.css", "try_it.css")
_SCRIPTS = (
    "dom.js",
    "json.js",
    "event_stream.js",
    "document.js",
    "schema.js",
    "sample.js",
    "fields.js",
    "key.js",
    "request.js",
    "recipes.js",
    "answer.js",
    "try_it.js",
    "operation.js",
    "navigation.js",
    "main.js",
)


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML answer: UTF-8 text and every header it has to be sent with, Content-Type among them."""

    html: bytes
    headers: Mapping[str, str]


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
    style = _joined("style", _STYLES)
    script = _joined("script", _SCRIPTS)
    html = files(__name__).joinpath("page.html").read_text("utf-8")
    inlined = Template(html).safe_substitute(style=style.replace("$", "$$"), script=script.replace("$", "$$"))
    return Template(inlined), MappingProxyType(_headers(style, script))


def _joined(folder: str, names: tuple[str, ...]) -> str:
    source = files(__name__).joinpath(folder)
    return "\n".join(source.joinpath(name).read_text("utf-8") for name in names)


def _headers(style: str, script: str) -> dict[str, str]:
    policy = (
        "default-src 'none'",
        f"script-src {_source(script)}",
        f"style-src {_source(style)}",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(policy),
        # The page may hold an API key, so no cache keeps it and no other origin reads it.
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _source(text: str) -> str:
    """The CSP source expression that allows exactly this inline text."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
