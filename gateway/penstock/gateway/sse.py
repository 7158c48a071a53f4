"""Answers a route of a server-streaming RPC with server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp_sse import EventSourceResponse

from penstock.gateway.calls import Context, Handler, answering, as_rpc_error, caller_left, compile_call
from penstock.gateway.events import KEEP_ALIVE, compile_events, error_event
from penstock.gateway.route import Route
from penstock.gateway.streams import OpenStreams
from penstock.wire.deprecation import DEPRECATED_HEADER, FIELD, deprecated_since

_RESUME_HEADER = "Last-Event-ID"


def stream_handler(route: Route, context: Context, streams: OpenStreams) -> Handler:
    """The handler of a streaming route, with everything that does not depend on the request made ready.

    The response begins with the first message, or after a silence of `keep_alive_s`; until then errors are plain
    HTTP errors. ValueError when the streamed message has no field marked event_id.
    """
    if not route.event_id:
        raise ValueError(f"{route.response.DESCRIPTOR.full_name} is streamed and has no field marked event_id")
    method = getattr(context.engine.service(route.service), route.method)
    read = compile_call(route, context, protobuf_answers=False)
    write = compile_events(route, context.codec)
    settings, event_id = context.settings, route.event_id
    resume_field = dict(route.headers).get(_RESUME_HEADER)
    tells_deprecation = FIELD in route.response.DESCRIPTOR.fields_by_name

    async def handle(http: web.Request) -> web.StreamResponse:
        call = await read(http)
        response = EventSourceResponse(
            status=route.success_status,
            sep="\n",
            allow_all_methods=True,
            send_timeout=settings.send_timeout_s,
            ping_interval=settings.keep_alive_s,
        )
        # A message without an event behind it repeats the last id: resuming there misses nothing.
        last_id = getattr(call.request, resume_field) if resume_field else 0

        def head(first: Any) -> None:
            if tells_deprecation and not response.prepared and (since := deprecated_since(first)) is not None:
                response.headers[DEPRECATED_HEADER] = since

        def event(message: Any) -> bytes:
            nonlocal last_id
            last_id = getattr(message, event_id) or last_id
            return write(last_id, message, call.artifact)

        def send() -> Awaitable[None]:
            opening = _Opening(http, response, settings.keep_alive_s)
            return _send(opening, method(call.request, call.caller), head, event)

        return await streams.run(response, send, call.caller.key_id)

    return answering(handle)


class _Opening:
    """Sends the headers of a response with its first event or after a silence, whichever comes first."""

    def __init__(self, http: web.Request, response: EventSourceResponse, silence_s: float) -> None:
        self.http = http
        self.response = response
        self.is_open = False
        self._silence: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(silence_s, self._start)

    async def finish(self) -> None:
        """Afterwards the headers are sent."""
        self._timer.cancel()
        if self._silence is None:
            await self._prepare()
        else:
            await self._silence
        self.is_open = True

    async def close(self) -> None:
        """Ends whatever still runs beside the stream."""
        self._timer.cancel()
        if self._silence is not None:
            self._silence.cancel()
            await asyncio.gather(self._silence, return_exceptions=True)
        if self.response.is_connected():
            self.response.stop_streaming()

    def _start(self) -> None:
        self._silence = asyncio.create_task(self._break_silence())

    async def _prepare(self) -> None:
        """Raises ConnectionResetError when there is nobody to send it to: `prepare` takes that for impossible."""
        if self.http.transport is None:
            raise ConnectionResetError("the caller has left")
        await self.response.prepare(self.http)

    async def _break_silence(self) -> None:
        await self._prepare()
        await self.response.write(KEEP_ALIVE)


async def _send(
    opening: _Opening, messages: AsyncIterator[Any], head: Callable[[Any], None], event: Callable[[Any], bytes]
) -> None:
    """Sends one event a message; `head` puts what the first one tells into the headers.

    Raises RpcError when it fails before the headers; later an event says so.
    """
    response = opening.response
    try:
        async for message in messages:
            if not opening.is_open:
                head(message)
                await opening.finish()
            # Not response.send(): its timer and its search for line ends cost more than all the rest, and Linux
            # by itself drops a reader that takes nothing for send_timeout_s.
            await response.write(event(message))
        if not opening.is_open:
            await opening.finish()
    except Exception as error:
        if caller_left(error, opening.http):
            raise
        known = as_rpc_error(error, opening.http)
        if not response.prepared:
            raise known from None
        await response.write(error_event(known))
    finally:
        # An abandoned generator would hold its execution's frames until the collector finds it.
        try:
            if (close := getattr(messages, "aclose", None)) is not None:
                await close()
        finally:
            await opening.close()
