"""Answers with a document, or with 304 to whoever has it already."""

from __future__ import annotations

from aiohttp import ETag, hdrs, web
from aiohttp.helpers import ETAG_ANY

from penstock.gateway.documents.cache import Document

# A year, the longest that caches are asked to keep anything (RFC 9111, 5.2.2.1, as practised).
_FOR_GOOD = "private, immutable, max-age=31536000"
_ASK_FIRST = "private, no-cache"


def document_response(http: web.Request, document: Document, *, is_pinned: bool) -> web.Response:
    """`is_pinned`: the path names an artifact, and no alias that may move to another one."""
    headers = {
        hdrs.ETAG: f'"{document.tag}"',
        hdrs.CACHE_CONTROL: _FOR_GOOD if is_pinned else _ASK_FIRST,
        # Another key may stand for another account.
        hdrs.VARY: hdrs.AUTHORIZATION,
    }
    if _is_known(http.if_none_match, document.tag):
        return web.Response(status=304, headers=headers)
    return web.Response(body=document.body, headers={hdrs.CONTENT_TYPE: document.media_type, **headers})


def _is_known(tags: tuple[ETag, ...] | None, tag: str) -> bool:
    """Weak comparison, as RFC 9110 13.1.2 wants it here."""
    return any(known.value in (tag, ETAG_ANY) for known in tags or ())
