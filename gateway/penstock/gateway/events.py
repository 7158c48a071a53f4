"""Writes streamed messages as server-sent events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor

from penstock.gateway.payloads import ArtifactCodec, compile_outputs
from penstock.gateway.responses import error_body
from penstock.gateway.route import Route
from penstock.wire.json import JsonCodec, dumps
from penstock.wire.status import RpcError

EventWriter = Callable[[int | str, Any, ArtifactCodec | None], bytes]

KEEP_ALIVE = b": ping\n\n"


def compile_events(route: Route, codec: JsonCodec) -> EventWriter:
    """A function that gives the text of one event from its id, the streamed message and the artifact's codec.

    Where the streamed message is a oneof of kinds of events, the member that is set is the data and names the event.
    """
    if not route.events:
        data = _compile_data(route.response.DESCRIPTOR, route, codec)
        return lambda id, message, artifact: b"id: %b\ndata: %b\n\n" % (_text(id), data(message, artifact))
    fields = route.response.DESCRIPTOR.fields_by_name
    oneof = fields[route.events[0].field].containing_oneof.name
    kinds = {
        event.field: (
            b"event: %b\n" % event.name.encode() if event.name else b"",
            _compile_data(fields[event.field].message_type, route, codec),
        )
        for event in route.events
    }

    def write(id: int | str, message: Any, artifact: ArtifactCodec | None) -> bytes:
        field = message.WhichOneof(oneof)
        name, data = kinds[field]
        return b"id: %b\n%bdata: %b\n\n" % (_text(id), name, data(getattr(message, field), artifact))

    return write


def _text(id: int | str) -> bytes:
    return b"%d" % id if type(id) is int else str(id).encode()


def error_event(error: RpcError) -> bytes:
    """The last event of a stream that broke after its HTTP status was sent. It has no id: nothing to resume after."""
    return b"event: error\ndata: %b\n\n" % dumps(error_body(error))


def _compile_data(message: Descriptor, route: Route, codec: JsonCodec) -> Callable[[Any, ArtifactCodec | None], bytes]:
    encode = codec.encoder(message)
    place_outputs = compile_outputs(message, route.output_payloads)
    hidden = tuple(field for kind, field in route.hidden_fields if kind == message.full_name)

    def data(value: Any, artifact: ArtifactCodec | None) -> bytes:
        body = encode(value)
        for field in hidden:
            body.pop(field, None)
        if place_outputs is not None and artifact is not None:
            place_outputs(body, value, artifact.output_json)
        return dumps(body)

    return data
