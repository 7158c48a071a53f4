"""Builds HTTP answers: messages and errors, in JSON or in protobuf."""

from __future__ import annotations

from aiohttp import hdrs, web
from google.protobuf.message import Message

from penstock.gateway.media import JSON, PROTOBUF
from penstock.gateway.whole_response import WholeResponse
from penstock.wire.json import dumps
from penstock.wire.status import Code, RpcError

# How long a caller is told to stay away when the error does not say.
_RETRY_AFTER_S = "1"


def json_response(value: object, status: int = 200) -> web.Response:
    """`value` as JSON."""
    return WholeResponse(dumps(value), JSON, status)


def protobuf_response(message: Message, status: int = 200) -> web.Response:
    """`message` as protobuf."""
    return WholeResponse(message.SerializeToString(), PROTOBUF, status)


def error_response(error: RpcError, protobuf: bool) -> web.Response:
    """`error` as the JSON error body or as google.rpc.Status in protobuf, with the headers that its status asks for."""
    if protobuf:
        response = protobuf_response(error.to_status(), error.http_status)
    else:
        response = json_response(error_body(error), error.http_status)
    if error.code is Code.UNAUTHENTICATED:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    elif response.status == 429:
        response.headers[hdrs.RETRY_AFTER] = error.metadata.get("retry_after_s", _RETRY_AFTER_S)
    return response


def error_body(error: RpcError) -> dict[str, object]:
    """The JSON form of an error. `details` holds its facts and, as `violations`, each thing that is wrong."""
    details: dict[str, object] = dict(error.metadata)
    if error.violations:
        details["violations"] = [{"field": v.field, "description": v.description} for v in error.violations]
    return {"error": error.message, "code": error.code.name, "reason": error.reason, "details": details}
