"""Turns an HTTP request into the request message of its RPC."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import hdrs, web
from google.protobuf.message import DecodeError, Message

from penstock.gateway.bodies import read_body
from penstock.gateway.media import is_protobuf
from penstock.gateway.parameters import compile_parameters, refuse_other_path
from penstock.gateway.problems import invalid, invalid_json, missing_body
from penstock.gateway.route import Route
from penstock.gateway.settings import Settings
from penstock.wire.json import JsonCodec, JsonError, parse

RequestReader = Callable[[web.Request], Awaitable[tuple[Any, Any]]]


def compile_request(route: Route, codec: JsonCodec, settings: Settings) -> RequestReader:
    """A function that gives the request message and the JSON of its payload.

    The JSON is None when there is nothing left to decode: the route takes no payload, or the payload came in
    protobuf, or it was left out; then the message holds it already. A body that comes where none is needed is
    read as the request, so that nothing a caller says is lost. The function raises RpcError.
    """
    parameters = compile_parameters(route, codec)
    if _is_document(route):
        return _document_reader(route, settings, parameters)
    from_protobuf = _protobuf_body(route)
    from_json = _json_body(route, codec)
    # A path that names a resource says enough by itself; a body that is one field, or the whole request, does not.
    required = route.body not in ("", "*") or (route.body == "*" and not route.path_fields)
    fill_payload = _payload_default(route)

    async def read(http: web.Request) -> tuple[Any, Any]:
        raw = await read_body(http, settings)
        others = parameters(http)
        payload = None
        if not raw:
            if required:
                raise missing_body()
            message = route.request() if others is None else others
        else:
            if is_protobuf(http.headers.get(hdrs.CONTENT_TYPE)):
                message = from_protobuf(raw)
            else:
                message, payload = from_json(raw)
            if others is not None:
                refuse_other_path(route, message, others)
                message.MergeFrom(others)
        if payload is None and fill_payload is not None:
            fill_payload(message)
        return message, payload

    return read


def _is_document(route: Route) -> bool:
    """Whether the body goes into a field as it is."""
    return route.body not in ("", "*") and _body_class(route) is bytes


def _document_reader(
    route: Route, settings: Settings, parameters: Callable[[web.Request], Message | None]
) -> RequestReader:
    async def read(http: web.Request) -> tuple[Any, Any]:
        raw = await read_body(http, settings)
        if not raw:
            raise missing_body()
        message = route.request(**{route.body: raw})
        others = parameters(http)
        if others is not None:
            message.MergeFrom(others)
        return message, None

    return read


def _protobuf_body(route: Route) -> Callable[[bytes], Any]:
    wrap = _wrapper(route)
    kind = _body_class(route)

    def read(raw: bytes) -> Any:
        try:
            return wrap(kind.FromString(raw))
        except DecodeError:
            problem = f"expected {kind.DESCRIPTOR.full_name} in protobuf, got something else"
            raise invalid("body", problem, "MALFORMED_PROTOBUF") from None

    return read


def _json_body(route: Route, codec: JsonCodec) -> Callable[[bytes], tuple[Any, Any]]:
    wrap = _wrapper(route)
    decode = codec.decoder(_body_class(route).DESCRIPTOR)
    payload = route.input_payload

    def read(raw: bytes) -> tuple[Any, None]:
        try:
            return wrap(decode(parse(raw))), None
        except JsonError as error:
            raise invalid_json(error) from None

    if payload is None:
        return read

    member, field = payload.member, payload.field

    def read_with_payload(raw: bytes) -> tuple[Any, Any]:
        try:
            value = parse(raw)
            given = value.pop(member, None) if type(value) is dict else None
            message = decode(value)
        except JsonError as error:
            raise invalid_json(error) from None
        if given is not None and message.HasField(field):
            raise invalid(member, f"expected one of {member} and {field}, got both", "ONEOF_CONFLICT")
        return message, given

    return read_with_payload


def _payload_default(route: Route) -> Callable[[Any], None] | None:
    """Sets a payload that was left out to the empty message, so that the answer comes back in protobuf as well."""
    if route.input_payload is None:
        return None
    field = route.input_payload.field
    oneof = route.request.DESCRIPTOR.fields_by_name[field].containing_oneof.name

    def fill(message: Any) -> None:
        if message.WhichOneof(oneof) is None:
            setattr(message, field, b"")

    return fill


def _body_class(route: Route) -> Any:
    if route.body in ("", "*"):
        return route.request
    return type(getattr(route.request(), route.body))


def _wrapper(route: Route) -> Callable[[Any], Any]:
    """Puts the message that a body is into the request that it belongs to."""
    if route.body in ("", "*"):
        return lambda message: message
    return lambda message: route.request(**{route.body: message})
