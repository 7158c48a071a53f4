"""Answers a route of a unary RPC: one request message in, one response message out."""

from __future__ import annotations

from aiohttp import web

from penstock.gateway.calls import Context, Handler, answering, compile_call
from penstock.gateway.payloads import compile_outputs
from penstock.gateway.responses import json_response, protobuf_response
from penstock.gateway.route import Route
from penstock.wire.deprecation import DEPRECATED_HEADER, FIELD, deprecated_since


def unary_handler(route: Route, context: Context) -> Handler:
    """The handler of a unary route, with everything that does not depend on the request made ready."""
    method = getattr(context.engine.service(route.service), route.method)
    read = compile_call(route, context, protobuf_answers=True)
    encode = context.codec.encoder(route.response.DESCRIPTOR)
    place_outputs = compile_outputs(route.response.DESCRIPTOR, route.output_payloads)
    status = route.success_status
    tells_deprecation = FIELD in route.response.DESCRIPTOR.fields_by_name

    async def handle(http: web.Request) -> web.StreamResponse:
        call = await read(http)
        response = await method(call.request, call.caller)
        if call.protobuf:
            answer = protobuf_response(response, status)
        else:
            body = encode(response)
            if place_outputs is not None and call.artifact is not None:
                place_outputs(body, response, call.artifact.output_json)
            answer = json_response(body, status)
        if tells_deprecation and (since := deprecated_since(response)) is not None:
            answer.headers[DEPRECATED_HEADER] = since
        return answer

    return answering(handle)
