"""Answers a route of a unary RPC: one request message in, one response message out."""

from __future__ import annotations

from aiohttp import web

from penstock.gateway.calls import Context, Handler, answering, compile_call
from penstock.gateway.payloads import compile_outputs
from penstock.gateway.responses import json_response, protobuf_response
from penstock.gateway.route import Route


def unary_handler(route: Route, context: Context) -> Handler:
    """The handler of a unary route, with everything that does not depend on the request made ready."""
    method = getattr(context.engine.service(route.service), route.method)
    read = compile_call(route, context, protobuf_answers=True)
    encode = context.codec.encoder(route.response.DESCRIPTOR)
    place_outputs = compile_outputs(route.response.DESCRIPTOR, route.output_payloads)
    status = route.success_status

    async def handle(http: web.Request) -> web.StreamResponse:
        call = await read(http)
        response = await method(call.request, call.caller)
        if call.protobuf:
            return protobuf_response(response, status)
        body = encode(response)
        if place_outputs is not None and call.artifact is not None:
            place_outputs(body, response, call.artifact.output_json)
        return json_response(body, status)

    return answering(handle)
