"""One connection of the HTTP port: aiohttp's, with bounds on what it leaves without one.

A request that comes in one piece and whose answer is taken costs a look at what the connection waits for.
"""

from __future__ import annotations

import asyncio
import socket
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import web

from penstock.gateway import limits
from penstock.gateway.settings import Settings
from penstock.wire.json import dumps
from penstock.wire.status import Code

if TYPE_CHECKING:
    from penstock.gateway.connections.crowd import Crowd

_USER_TIMEOUT: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
_AHEAD_MAX = 2
"""Whole requests that may wait behind the one that is answered before no more is read: clients hardly send ahead."""
_LINUX_LATER_S = 5.0
"""How much longer Linux waits for a reader than is waited here, where it is counted."""


class Connection(web.RequestHandler):
    __slots__ = (
        "_crowd",
        "_head_bytes",
        "_head_number",
        "_head_timer",
        "_left_bytes",
        "_link",
        "_send_timer",
        "_settings",
    )

    def __init__(self, server: web.Server, crowd: Crowd, settings: Settings, **options: Any) -> None:
        """`options` are aiohttp's."""
        super().__init__(server, loop=asyncio.get_running_loop(), **options)
        self._crowd = crowd
        self._settings = settings
        self._link: asyncio.Transport | None = None
        """`transport`, which aiohttp forgets as soon as it has begun to close it."""
        self._head_number = 0
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None
        self._left_bytes = 0
        self._max_msg_queue_size = _AHEAD_MAX
        self._msg_queue_resume_size = _AHEAD_MAX - 1

    @property
    def is_idle(self) -> bool:
        """Whether no request of it is being answered. Part of one may have come."""
        return self._current_request is None

    @property
    def has_asked(self) -> bool:
        """Whether a whole request has ever come."""
        return self._request_count > 0

    @property
    def is_unread(self) -> bool:
        """Whether it has more to be taken than the server likes to hold."""
        return self._send_timer is not None

    @property
    def idle_until(self) -> float:
        """Rises with the time of the last answer. By the loop's clock."""
        return self._next_keepalive_close_time

    def abort(self) -> None:
        """Closes it at once, whatever there is to be sent."""
        if self._link is not None:
            self._link.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._link = self.transport
        self._crowd.enter(self)
        self._have_linux_drop_the_deaf(transport)
        self._head_timer = self._loop.call_later(self._settings.head_timeout_s, self._end_late_head, 0)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._crowd.leave(self)
        for timer in (self._head_timer, self._send_timer):
            if timer is not None:
                timer.cancel()
        self._link = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        request = self._current_request
        is_ahead = request is not None and request.content.is_eof()
        super().data_received(data)
        if is_ahead or (request is None and (waiter := self._waiter) is not None and not waiter.done()):
            self._take_part_of_a_head(data)

    def _take_part_of_a_head(self, data: bytes) -> None:
        """The first of a connection has its time from the beginning, any other from its first byte."""
        if not data.strip(b"\r\n"):
            return  # Line ends that some send behind a body are no part of anything.
        if self._head_number != self._request_count:
            self._head_number, self._head_bytes = self._request_count, 0
            if self._current_request is None:
                timeout_s = self._settings.head_timeout_s
                self._head_timer = self._loop.call_later(timeout_s, self._end_late_head, self._request_count)
        self._head_bytes += len(data)
        if self._head_bytes > limits.HEAD_BYTES_MAX:
            problem = f"head: expected at most {limits.HEAD_BYTES_MAX} bytes, got more"
            self._refuse("large_head", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "HEAD_TOO_LARGE", problem)

    def _end_late_head(self, number: int) -> None:
        """`number` is of the requests before it."""
        if self._request_count == number:
            problem = f"head: expected its end within {self._settings.head_timeout_s:g} s"
            self._refuse("late_head", HTTPStatus.REQUEST_TIMEOUT, "HEAD_TIMEOUT", problem)

    def _refuse(self, why: str, status: HTTPStatus, reason: str, problem: str) -> None:
        if self.transport is None:
            return
        self._crowd.dropped[why] += 1
        # Who has said nothing expects nothing, and behind another answer it would be taken for that.
        if self._head_bytes and self._current_request is None:
            self.transport.write(refusal(status, Code.INVALID_ARGUMENT, reason, problem))
        self.force_close()

    # What the client does not take. The transport calls both: when more waits than it likes, and when that has gone.

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._link is not None:
            self._left_bytes = self._link.get_write_buffer_size()
            self._send_timer = self._loop.call_later(self._settings.send_timeout_s, self._end_unread)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None

    def _end_unread(self) -> None:
        if self._link is None:
            return
        before, self._left_bytes = self._left_bytes, self._link.get_write_buffer_size()
        if before - self._left_bytes >= limits.SEND_BYTES_MIN:
            self._send_timer = self._loop.call_later(self._settings.send_timeout_s, self._end_unread)
            return
        self._crowd.dropped["unread"] += 1
        self._link.abort()

    def _have_linux_drop_the_deaf(self, transport: asyncio.BaseTransport) -> None:
        """Of a few bytes that are not taken the transport tells nobody, and it would never close behind them."""
        connection = transport.get_extra_info("socket")
        if _USER_TIMEOUT is not None and connection is not None:
            timeout_s = self._settings.send_timeout_s + _LINUX_LATER_S
            connection.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, int(timeout_s * 1e3))


def refusal(status: HTTPStatus, code: Code, reason: str, problem: str, *headers: str) -> bytes:
    """A whole answer in JSON, after which the connection is closed."""
    body = dumps({"error": problem, "code": code.name, "reason": reason, "details": {}})
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        "Connection: close",
        *headers,
    )
    return "\r\n".join((*lines, "", "")).encode("ascii") + body
