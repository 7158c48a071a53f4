"""A server that speaks the JSON API by a script: each request takes the next reply that was laid out for it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Answer:
    """A whole answer. `body` is sent as JSON, text as it is."""

    body: object
    status: int = 200


@dataclass(frozen=True)
class Events:
    """An event stream. A stream that `breaks` ends with its connection, without the end that HTTP asks for."""

    text: str
    breaks: bool = False


class Hang:
    """A stream that is opened and then silent until its reader goes away."""


class Break:
    """The connection is closed before any answer."""


@dataclass(frozen=True)
class Request:
    """What a client sent. `after` is Last-Event-ID."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    after: str | None = None
    key: str | None = "Bearer psk_test"


class FakeServer:
    """Serves from a thread of its own, so that a command under test may run its own event loop."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._replies: defaultdict[str, list[Answer | Events | Hang | Break]] = defaultdict(list)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def on(self, request: str, *replies: Answer | Events | Hang | Break) -> None:
        """Lays out the replies to `request`, "GET /path", in the order in which they are given."""
        self._replies[request] += replies

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def unused(self) -> dict[str, int]:
        """Number of replies that no request took, by request."""
        return {request: len(replies) for request, replies in self._replies.items() if replies}

    async def _start(self) -> str:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        headers = request.headers
        body = json.loads(text) if text else None
        self.requests.append(
            Request(
                request.method,
                request.path,
                dict(request.query),
                body,
                headers.get("Last-Event-ID"),
                headers.get("Authorization"),
            )
        )
        replies = self._replies[f"{request.method} {request.path}"]
        if not replies:
            return web.Response(status=418, text=f"the script has no reply left for {request.method} {request.path}")
        match replies.pop(0):
            case Answer(str() as body, status):
                return web.Response(text=body, status=status)
            case Answer(body, status):
                return web.json_response(body, status=status)
            case Events() | Hang() as reply:
                return await self._stream(request, reply)
            case Break():
                assert request.transport is not None
                request.transport.close()
                return web.Response()

    async def _stream(self, request: web.Request, reply: Events | Hang) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if isinstance(reply, Hang):
            await asyncio.Event().wait()
        else:
            await response.write(reply.text.encode())
            if reply.breaks:
                assert request.transport is not None
                request.transport.close()
        return response


def event(data: object, id: int, name: str = "") -> str:
    """The text of one server-sent event."""
    return (f"event: {name}\n" if name else "") + f"id: {id}\ndata: {json.dumps(data)}\n\n"


def refusal(
    error: str, code: str, status: int, violations: tuple[tuple[str, str], ...] = (), reason: str = "SOME_REASON"
) -> Answer:
    """An error answer of the API."""
    details = {"violations": [{"field": f, "description": d} for f, d in violations]} if violations else {}
    return Answer({"error": error, "code": code, "reason": reason, "details": details}, status)
