"""Answers paths and methods that no route has, in the body of every other error."""

from __future__ import annotations

from aiohttp import hdrs, web

from penstock.gateway.media import wants_protobuf
from penstock.gateway.responses import error_response
from penstock.wire.status import Code, RpcError


async def no_route(http: web.Request) -> web.StreamResponse:
    """404, or 405 with the methods that the path has."""
    response = await _answer(http)
    if not http.content.is_eof():
        response.force_close()  # What is left of the body would stand before the next request.
    return response


async def _answer(http: web.Request) -> web.StreamResponse:
    written: set[str] = set()
    fitting: set[str] = set()
    for resource in http.app.router.resources():
        # Each tells its methods only when it lacks the one asked for; this one, which takes all, tells none.
        _, allowed = await resource.resolve(http)
        (written if isinstance(resource, web.PlainResource) else fitting).update(allowed)
    # What is written out is meant: `…/flows/invoke` is no execution that is called "invoke".
    methods = (written or fitting) - {hdrs.METH_ANY}
    protobuf = wants_protobuf(http.headers.get(hdrs.ACCEPT))
    if not methods:
        error = RpcError(Code.NOT_FOUND, "NO_SUCH_PATH", f"no such path: {http.path}")
        return error_response(error, protobuf)
    names = ", ".join(sorted(methods))
    error = RpcError(Code.UNIMPLEMENTED, "METHOD_NOT_ALLOWED", f"{http.path}: expected {names}, got {http.method}")
    response = error_response(error, protobuf)
    response.headers[hdrs.ALLOW] = names
    return response
