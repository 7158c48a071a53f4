"""Answers that leave in one write, head and body together."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter

from penstock.gateway.headers import WHOLE

_BYTES_MAX = 64 * 1024
"""A larger body is left to aiohttp, which waits for slow readers in between."""


class WholeResponse(web.Response):
    """A body of a known type, without any other header.

    Making and ordering the headers of an answer anew takes aiohttp as long as all the rest that it does for a
    request, and here they are always the same. Whatever is not an ordinary HTTP/1.1 request, or got a header on
    the way or is the last on its connection, goes aiohttp's own way.
    """

    def __init__(self, body: bytes, content_type: str, status: int = 200) -> None:
        super().__init__(body=body, status=status, headers={hdrs.CONTENT_TYPE: content_type})
        self._whole = body
        self._kind = content_type
        self._is_sent = False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Sends everything. Raises ConnectionResetError when there is nobody to send it to."""
        if not self._is_ordinary(request):
            return await super().prepare(request)
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the caller has left")
        head = _head(self.status, self._kind)
        transport.write(b"%b%d\r\nDate: %b\r\n\r\n%b" % (head, len(self._whole), _date(int(time())), self._whole))
        self._is_sent = True
        if request.protocol.writing_paused:
            await request.writer.drain()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        if not self._is_sent:
            await super().write_eof(data)

    @property
    def keep_alive(self) -> bool | None:
        return True if self._is_sent else super().keep_alive

    def _is_ordinary(self, request: web.BaseRequest) -> bool:
        return (
            len(self._whole) <= _BYTES_MAX
            and request.version == HttpVersion11
            and request.keep_alive
            and self.keep_alive is None
            and request.method != hdrs.METH_HEAD
            and len(self.headers) == 1
        )


@lru_cache(maxsize=64)
def _head(status: int, content_type: str) -> bytes:
    """Everything up to the value of Content-Length."""
    phrase = HTTPStatus(status).phrase
    return f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {content_type}\r\n{WHOLE}Content-Length: ".encode("ascii")


@lru_cache(maxsize=2)
def _date(unix_s: int) -> bytes:
    return formatdate(unix_s, usegmt=True).encode("ascii")
