"""What an OpenAPI document says about one route, before it is OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import Descriptor

from penstock.openapi.form import Form
from penstock.wire.status import Code


@dataclass(frozen=True, slots=True)
class Example:
    """One body worth showing. `value` is JSON, or the text of an event stream."""

    summary: str
    value: Any


@dataclass(frozen=True, slots=True)
class EventKind:
    """Events of one name on a stream: `data` is what their data line holds. "" means without a name."""

    name: str
    data: Descriptor


@dataclass(frozen=True, slots=True)
class Operation:
    """One HTTP method and path of one RPC.

    `service` is its full name. `path_fields` pairs each variable of `path` with the dotted path of the request
    field that it fills, `headers` a request header with the top-level field that it fills. `body` is "" (fields
    come from the query), "*" (the body is the request) or the request field that the body is. `events` is empty
    for an answer that is one message; `is_document` says that this has no form but JSON, `is_content` that it is
    bytes that may be asked for in parts. `errors` are the codes it is known to answer with, beside those that every
    operation has. Examples have a short name in lower case as
    their key.
    """

    service: str
    method: str
    http_method: str
    path: str
    comment: str
    request: Descriptor
    response: Descriptor
    path_fields: tuple[tuple[str, str], ...] = ()
    body: str = ""
    body_document: Descriptor | None = None
    """What the body is as JSON when `body` names a bytes field."""
    headers: tuple[tuple[str, str], ...] = ()
    success_status: int = 200
    events: tuple[EventKind, ...] = ()
    is_document: bool = False
    is_content: bool = False
    errors: tuple[Code, ...] = ()
    request_examples: Mapping[str, Example] = field(default_factory=dict)
    response_examples: Mapping[str, Example] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """All that a document is made of. `services` maps the full name of a service to its comment."""

    title: str
    version: str
    description: str
    services: Mapping[str, str]
    operations: tuple[Operation, ...]
    form: Form
