"""Reads request bodies within their limits of size and time."""

from __future__ import annotations

import asyncio

from aiohttp import web

from penstock.gateway.problems import body_too_large, invalid
from penstock.gateway.settings import Settings


async def read_body(http: web.Request, settings: Settings) -> bytes:
    """The whole body, decompressed. Raises RpcError when it is too large, broken or late.

    ConnectionError comes through when the client went away.
    """
    bytes_max = settings.body_bytes_max
    if (http.content_length or 0) > bytes_max:
        raise body_too_large(bytes_max)
    content = http.content
    try:
        # Nearly always the body came with the headers: nothing to wait for, no timer to set.
        if content.is_eof():
            body = content.read_nowait()
            if len(body) > bytes_max:
                raise body_too_large(bytes_max)
            return body
        async with asyncio.timeout(settings.body_timeout_s):
            return await _gather(http, bytes_max)
    except web.RequestPayloadError:
        raise invalid("body", "expected one in its Content-Encoding, got something else", "BODY_BROKEN") from None
    except TimeoutError:
        raise invalid("body", f"expected its end within {settings.body_timeout_s:g} s", "BODY_TIMEOUT") from None


async def _gather(http: web.Request, bytes_max: int) -> bytes:
    body = bytearray()
    while chunk := await http.content.readany():
        body += chunk
        # Counted here as well: a chunked or compressed body does not say how long it is.
        if len(body) > bytes_max:
            raise body_too_large(bytes_max)
    return bytes(body)
