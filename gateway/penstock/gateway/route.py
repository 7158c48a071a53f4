"""One HTTP route as the generated table states it: which requests it takes and which RPC answers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Payload:
    """A JSON member that stands for a bytes field holding a message of the artifact.

    `member` is the name in JSON, `field` the bytes field, `message` the full name of the message that has it.
    """

    message: str
    member: str
    field: str


@dataclass(frozen=True, slots=True)
class EventMember:
    """A oneof member of a streamed message: `field` is sent alone as data of the event called `name`.

    An empty name means an event without one.
    """

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP method and path of one RPC.

    `pattern` is an aiohttp resource. `service` and `method` are what Engine.service() takes and the name of the
    Python method on it. `path_fields` pairs a variable of the pattern with the dotted path of the request field
    it fills. `body` is "" (no body; other fields come from the query), "*" (the body is the request) or the name
    of the one request field that the body is. `headers` pairs a request header with the top-level field that it
    fills; a header that is present wins over body and query.

    `input_payload` is None when the request takes no message of the artifact. `output_payloads` are the bytes
    fields with one, of any message within the response. Of a stream, `event_id` is the field of the response
    that becomes the `id:` line ("" for none), `hidden_fields` are (message full name, field) that are left out of
    the data for it, and `events` is empty unless the response is a oneof of kinds of events. `is_document` says that
    the `data` of all streamed messages are one JSON document. `content` is the bytes field of the response that is the
    whole body, "" when the response is a message.
    """

    http_method: str
    pattern: str
    service: str
    method: str
    request: type[Any]
    response: type[Any]
    path_fields: tuple[tuple[str, str], ...] = ()
    body: str = ""
    server_streaming: bool = False
    success_status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    input_payload: Payload | None = None
    output_payloads: tuple[Payload, ...] = ()
    event_id: str = ""
    hidden_fields: tuple[tuple[str, str], ...] = ()
    events: tuple[EventMember, ...] = ()
    is_document: bool = False
    content: str = ""
