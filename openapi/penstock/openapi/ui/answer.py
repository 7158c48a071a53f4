"""What a page is sent as: its HTML and the headers that bound what it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML answer: UTF-8 text and every header it has to be sent with, Content-Type among them."""

    html: bytes
    headers: Mapping[str, str]


def page_headers(*, script: str, style: str, images: str) -> dict[str, str]:
    """Headers of a page that asks nobody but its own origin. `script`, `style` and `images` are CSP sources."""
    policy = (
        "default-src 'none'",
        f"script-src {script}",
        f"style-src {style}",
        "connect-src 'self'",
        f"img-src {images}",
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
