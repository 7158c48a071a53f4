"""Answers a route whose answer is content: the whole of it, or the part that `Range` asks for (RFC 9110, 14)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from aiohttp import hdrs, web

from penstock.gateway.calls import Call, Context, Handler, answering, as_rpc_error, caller_left, compile_call
from penstock.gateway.export import broken
from penstock.gateway.limits import PART_BYTES_MAX
from penstock.gateway.media import JSON, PROTOBUF, wants_protobuf
from penstock.gateway.route import Route
from penstock.gateway.streams import OpenStreams
from penstock.wire.status import RpcError

_RANGE = re.compile(r"bytes=(?:(?P<first>\d{1,18})-(?P<last>\d{1,18})?|-(?P<suffix>\d{1,18}))")
_BEHIND = "BEHIND_THE_END"

Read = Callable[[int, int], Awaitable[Any]]
"""Gives the part from a byte on, of a length at most."""


@dataclass(frozen=True, slots=True)
class _Part:
    """`last` is the byte that it ends with; None means the last one there is."""

    first: int
    last: int | None
    suffix: int = 0
    """Bytes at the end; 0 when `first` says where it begins."""


def content_handler(route: Route, context: Context, streams: OpenStreams) -> Handler:
    """The handler of such a route. It holds one piece of the content at a time, and waits for slow readers."""
    method = getattr(context.engine.service(route.service), route.method)
    read = compile_call(route, context, protobuf_answers=False)
    content = route.content

    async def handle(http: web.Request) -> web.StreamResponse:
        call = await read(http)
        if wants_protobuf(http.headers.get(hdrs.ACCEPT)):
            call.request.payload_bytes = True

        async def piece(first: int, size: int) -> Any:
            request = type(call.request)()
            request.CopyFrom(call.request)
            request.offset, request.limit = first, max(1, min(size, PART_BYTES_MAX))
            return await method(request, call.caller)

        if call.request.offset or call.request.limit:
            # What they say is for the engine to judge; below they are what is left of it.
            await method(call.request, call.caller)
        return await _answer(http, call, piece, content, streams)

    return answering(handle)


async def _answer(http: web.Request, call: Call, read: Read, content: str, streams: OpenStreams) -> web.StreamResponse:
    tag = _tag(http, call)
    asked = _Part(call.request.offset, call.request.offset + call.request.limit - 1 if call.request.limit else None)
    ranged = _range(http, tag)
    part = ranged or asked
    try:
        if part.suffix:
            part = _Part(max(0, (await read(0, 1)).size - part.suffix), None)
        piece = await read(part.first, PART_BYTES_MAX if part.last is None else part.last + 1 - part.first)
    except RpcError as error:
        if error.reason != _BEHIND or ranged is None:
            raise
        return _nothing_there(error.metadata["size"])
    if ranged is not None and part.first >= piece.size:
        return _nothing_there(piece.size)
    last = piece.size - 1 if part.last is None else min(part.last, piece.size - 1)
    headers = {
        hdrs.CONTENT_TYPE: PROTOBUF if call.request.payload_bytes else JSON,
        hdrs.CONTENT_LENGTH: str(last + 1 - part.first),
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.ETAG: tag,
        # Another key may stand for another account.
        hdrs.VARY: f"{hdrs.AUTHORIZATION}, {hdrs.ACCEPT}",
        hdrs.CACHE_CONTROL: "private, no-cache",
    }
    if ranged is not None:
        headers[hdrs.CONTENT_RANGE] = f"bytes {part.first}-{last}/{piece.size}"
    response = web.StreamResponse(status=200 if ranged is None else 206, headers=headers)

    async def send() -> None:
        await response.prepare(http)
        at, data = part.first, getattr(piece, content)
        try:
            while data and at <= last:
                await response.write(data)
                at += len(data)
                data = getattr(await read(at, last + 1 - at), content) if at <= last else b""
        except Exception as error:
            if caller_left(error, http):
                raise
            as_rpc_error(error, http)
            raise broken(http) from None
        await response.write_eof()

    return await streams.run(response, send, call.caller.key_id)


def _range(http: web.Request, tag: str) -> _Part | None:
    """None for the whole, also when parts are asked for in a way that may be passed over, as several at once."""
    found = _RANGE.fullmatch(http.headers.get(hdrs.RANGE, "").replace(" ", ""))
    if found is None or http.headers.get(hdrs.IF_RANGE, tag) != tag:
        return None
    if found["suffix"] is not None:
        return _Part(0, None, int(found["suffix"])) if int(found["suffix"]) else None
    first, last = int(found["first"]), found["last"]
    if last is not None and int(last) < first:
        return None
    return _Part(first, None if last is None else int(last))


def _nothing_there(size: object) -> web.Response:
    return web.Response(status=416, headers={hdrs.CONTENT_RANGE: f"bytes */{size}"})


def _tag(http: web.Request, call: Call) -> str:
    """What is on record does not change, so its path and form tell it from everything else."""
    form = "protobuf" if call.request.payload_bytes else "json"
    return f'"{blake2b(f"{http.path} {form}".encode(), digest_size=12).hexdigest()}"'
