"""Answers a route whose streamed messages are the pieces of one JSON document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from aiohttp import hdrs, web

from penstock.gateway.calls import Context, Handler, answering, as_rpc_error, caller_left, compile_call
from penstock.gateway.media import JSON
from penstock.gateway.route import Route
from penstock.gateway.streams import OpenStreams


def document_handler(route: Route, context: Context, streams: OpenStreams) -> Handler:
    """The handler of such a route. It holds one piece at a time, and waits for slow readers.

    Until the first piece errors are plain HTTP errors. Later the connection breaks, so that nobody takes what came for
    the whole.
    """
    method = getattr(context.engine.service(route.service), route.method)
    read = compile_call(route, context, protobuf_answers=False)

    async def handle(http: web.Request) -> web.StreamResponse:
        call = await read(http)
        response = web.StreamResponse(status=route.success_status, headers={hdrs.CONTENT_TYPE: JSON})
        messages = method(call.request, call.caller)
        return await streams.run(response, lambda: _send(http, response, messages), call.caller.key_id)

    return answering(handle)


async def _send(http: web.Request, response: web.StreamResponse, messages: AsyncIterator[Any]) -> None:
    """Raises RpcError when it fails before the first piece."""
    try:
        async with aclosing(messages):  # type: ignore[type-var]
            async for message in messages:
                if not response.prepared:
                    await response.prepare(http)
                await response.write(message.data)
    except Exception as error:
        if caller_left(error, http) or not response.prepared:
            raise
        as_rpc_error(error, http)
        raise broken(http) from None
    except BaseException:
        # A stop too must not look like the end of the document.
        if response.prepared:
            _hang_up(http)
        raise
    await response.write_eof()


def broken(http: web.Request) -> ConnectionError:
    """What to raise when an answer cannot be finished that was begun. Its caller sees that it is not whole."""
    _hang_up(http)
    return ConnectionResetError("the document could not be finished")


def _hang_up(http: web.Request) -> None:
    if http.transport is not None:
        http.transport.abort()
