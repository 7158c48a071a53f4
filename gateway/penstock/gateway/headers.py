"""The headers that every answer has, whatever it is: what browsers and caches on the way may not do with it.

CORS stays closed: no answer has Access-Control-Allow-Origin.
"""

from __future__ import annotations

from aiohttp import hdrs, web

NOSNIFF = "X-Content-Type-Options"
_HSTS = "Strict-Transport-Security"
_YEAR = "max-age=31536000"
WHOLE = f"{NOSNIFF}: nosniff\r\n{hdrs.CACHE_CONTROL}: no-store\r\n"
"""For answers that are written without aiohttp: messages, which are the caller's alone."""


def add_headers(app: web.Application, *, has_tls: bool) -> None:
    """Has them added to what answers have already."""

    async def add(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault(NOSNIFF, "nosniff")
        if hdrs.ETAG not in response.headers:
            response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
        if has_tls:
            response.headers.setdefault(_HSTS, _YEAR)

    app.on_response_prepare.append(add)
