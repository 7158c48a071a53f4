"""Emits openapi.json, the document of the fixed API."""

from __future__ import annotations

import json
import re

from google.protobuf.descriptor import Descriptor

from penstock.codegen.bounds import bounds
from penstock.codegen.examples import REQUESTS, RESPONSES
from penstock.codegen.generated import header
from penstock.codegen.json_face import event_id_fields, event_members, messages_within, payload_fields
from penstock.codegen.model import PACKAGE, Api, Method, Route, Service
from penstock.openapi.document import SCHEMA_PREFIX, build_document
from penstock.openapi.form import Form, PayloadMember
from penstock.openapi.operation import Document, EventKind, Operation
from penstock.wire.scopes import ADMIN, ANY_KEY
from penstock.wire.status import Code

_DESCRIPTION = """\
Turns a graph of typed Python nodes into an immutable, versioned, live service whose every run is durable.

Every call needs an API key: `Authorization: Bearer <key>`. Messages travel as JSON, or as protobuf with
`application/x-protobuf` in `Content-Type` and `Accept`. The same services answer over gRPC under the same names.

An error is `{"error": "<sentence>", "code": "INVALID_ARGUMENT", "reason": "UNKNOWN_FIELD", "details": {…}}`,
in protobuf a `google.rpc.Status`. Branch on `code` and `reason`.
"""
_CODES = re.compile(rf"\b({'|'.join(code.name for code in Code)})\b")


def emit(api: Api) -> dict[str, str]:
    """File name -> text, of the one file."""
    document = build_document(
        Document(
            title="Penstock",
            version=PACKAGE.rpartition(".")[2],
            description=_DESCRIPTION,
            services={service.full_name: service.comment for service, *_ in api.routes()},
            operations=tuple(_operation(api, *found) for found in api.routes()),
            form=form(api),
        )
    )
    # JSON has no comments, and OpenAPI takes any member that starts with x-.
    text = json.dumps({"x-generated": header(), **document}, indent=2, ensure_ascii=False)
    return {"openapi.json": text.replace("{\n  ", "{ ", 1) + "\n"}


def _operation(api: Api, service: Service, method: Method, route: Route) -> Operation:
    name = f"{service.name}.{method.name}"
    return Operation(
        service=service.full_name,
        method=method.name,
        http_method=route.http_method,
        path=route.path.openapi,
        comment=f"{method.comment}\n\n{_needed(method)}".strip(),
        request=method.input,
        response=route.document or method.output,
        path_fields=tuple((variable.name, variable.field) for variable in route.path.variables),
        body=route.body,
        body_document=route.body_document,
        headers=route.headers,
        success_status=route.success_status,
        events=_events(api, method, route),
        is_document=route.document is not None,
        is_content=bool(route.content),
        errors=_errors(method, route),
        request_examples=REQUESTS.get(name, {}),
        response_examples=RESPONSES.get(name, {}),
    )


def _needed(method: Method) -> str:
    if method.scope == ANY_KEY:
        return "Every key may ask."
    return f"Needs the scope `{method.scope or ADMIN}`."


def _events(api: Api, method: Method, route: Route) -> tuple[EventKind, ...]:
    if not method.server_streaming or route.document is not None:
        return ()
    members = event_members(method.output, api.descriptors)
    return tuple(EventKind(member.name, member.data) for member in members) or (EventKind("", method.output),)


def _errors(method: Method, route: Route) -> tuple[Code, ...]:
    """PERMISSION_DENIED where not every key will do, NOT_FOUND where the path names something, and the codes that the
    comment names, each once."""
    named = [Code[name] for name in _CODES.findall(method.comment)]
    refused = [Code.PERMISSION_DENIED] * (method.scope != ANY_KEY)
    return tuple(dict.fromkeys(refused + [Code.NOT_FOUND] * bool(route.path.variables) + named))


def form(api: Api) -> Form:
    requests = [method.input for _, method, _ in api.routes()]
    responses = [route.document or method.output for _, method, route in api.routes()]
    responses += [route.body_document for _, _, route in api.routes() if route.body_document is not None]
    messages: list[Descriptor] = [*requests, *responses]
    payloads = [payload for message in messages for payload in payload_fields(message, api.descriptors)]
    hidden = [field for message in messages for field in event_id_fields(message, api.descriptors)]
    return Form(
        prefix=SCHEMA_PREFIX,
        package=PACKAGE,
        comments=api.comments,
        payloads={f"{p.message}.{p.field}": PayloadMember(p.member, {"type": "object"}) for p in payloads},
        hidden=frozenset(f"{message}.{field}" for message, field in hidden),
        bounds=bounds(requests),
        # Answers may get more members in a later version; requests are refused for a member that is not known.
        open_messages=frozenset(within.full_name for message in responses for within in messages_within(message)),
    )
