"""Does what every generated route does around its RPC: who calls, with which message, and what when it fails."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from penstock.gateway.auth import authenticate, require
from penstock.gateway.media import wants_protobuf
from penstock.gateway.origins import origin_of
from penstock.gateway.payloads import ArtifactCodec, ArtifactCodecs, set_input
from penstock.gateway.requests import RequestReader, compile_request
from penstock.gateway.responses import error_response
from penstock.gateway.route import Route
from penstock.gateway.settings import Settings
from penstock.wire.gen.services import SERVICES
from penstock.wire.json import JsonCodec
from penstock.wire.origin import origin
from penstock.wire.service import Caller, Engine
from penstock.wire.status import Code, RpcError

_log = logging.getLogger("penstock.gateway")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_RIGHTS = {
    (spec.name, method.attribute): (method.scope, method.is_change) for spec in SERVICES for method in spec.methods
}


@dataclass(frozen=True, slots=True)
class Context:
    """What all routes share. `codec` is for the messages of the fixed API."""

    engine: Engine
    settings: Settings
    codec: JsonCodec
    artifacts: ArtifactCodecs


@dataclass(frozen=True, slots=True)
class Call:
    """One RPC that is ready to be made.

    `artifact` is None when no message of an artifact has to be turned into JSON for the answer.
    """

    request: Any
    caller: Caller
    artifact: ArtifactCodec | None
    protobuf: bool


def compile_call(route: Route, context: Context, *, protobuf_answers: bool) -> Callable[[web.Request], Awaitable[Call]]:
    """A function that makes the call out of an HTTP request. It raises RpcError.

    `protobuf_answers` says whether the route answers in protobuf to whoever asks for it.
    """
    engine, artifacts, payload = context.engine, context.artifacts, route.input_payload
    scope, is_change = _RIGHTS[route.service, route.method]
    trusted = context.settings.trusted_proxies
    read = compile_request(route, context.codec, context.settings)
    refuse = compile_refusal(route, engine)

    async def call(http: web.Request) -> Call:
        headers = http.headers
        if is_change:
            origin.set(origin_of(http, trusted))
        caller = await authenticate(engine, headers.get(hdrs.AUTHORIZATION))
        if not caller.grants.has(scope):
            if is_change:
                # The engine is to hear of it: it refuses it, on record.
                await refuse(await _readable(read, http, route), caller)
            require(caller, scope)
        protobuf = protobuf_answers and wants_protobuf(headers.get(hdrs.ACCEPT))
        request, value = await read(http)
        artifact = None
        # Input and answer are in JSON or protobuf each by itself; bytes both ways need no types.
        if payload is not None and (value is not None or (not protobuf and request.HasField(payload.field))):
            artifact = await artifacts.of(request, caller)
            if value is not None:
                set_input(request, payload, value, artifact)
        return Call(request, caller, artifact, protobuf)

    return call


async def _readable(read: RequestReader, http: web.Request, route: Route) -> Any:
    """The request, empty when it is none: what is wrong with it is not for whoever may not make it."""
    try:
        return (await read(http))[0]
    except RpcError:
        return route.request()


def compile_refusal(route: Route, engine: Engine) -> Callable[[Any, Caller], Awaitable[None]]:
    """A function that makes a call which is to fail. It raises RpcError."""
    method = getattr(engine.service(route.service), route.method)

    async def refuse(request: Any, caller: Caller) -> None:
        if not route.server_streaming:
            await method(request, caller)
            return
        async with aclosing(method(request, caller)) as messages:
            async for _ in messages:
                return

    return refuse


def answering(handler: Handler) -> Handler:
    """`handler` with an answer for every error. What is no RpcError is logged, and its caller told nothing of it."""

    async def answer(http: web.Request) -> web.StreamResponse:
        try:
            return await handler(http)
        except Exception as error:
            if caller_left(error, http):
                raise
            response = error_response(as_rpc_error(error, http), wants_protobuf(http.headers.get(hdrs.ACCEPT)))
            if not http.content.is_eof():
                response.force_close()  # What is left of the body would stand before the next request.
            return response

    return answer


def caller_left(error: Exception, http: web.Request) -> bool:
    """Whether `error` only says that there is nobody to answer. aiohttp drops the connection when it is raised on."""
    return isinstance(error, ConnectionError) and (http.transport is None or http.transport.is_closing())


def as_rpc_error(error: Exception, http: web.Request) -> RpcError:
    """What the caller may know of `error`, which is being handled. Logs it when it is unexpected."""
    if isinstance(error, RpcError):
        return error
    fields = {"action": "gateway.request_failed", "method": http.method, "path": http.path}
    _log.exception("%s %s could not be answered", http.method, http.path, extra=fields)
    return RpcError(Code.INTERNAL, "INTERNAL", "internal error")
