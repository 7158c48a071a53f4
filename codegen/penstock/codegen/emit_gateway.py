"""Emits routes.py of the gateway: the table from which it builds its router."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock.codegen.generated import header
from penstock.codegen.json_face import (
    EventMember,
    PayloadField,
    event_id,
    event_id_fields,
    event_members,
    payload_fields,
)
from penstock.codegen.model import Api, Method, ModelError, Route, Service
from penstock.codegen.python_text import class_name, imports, strings, tuple_of


def emit(api: Api) -> dict[str, str]:
    """File name -> text, of the one file. Raises ModelError for payloads that the gateway cannot fill."""
    routes = list(api.routes())
    lines = [
        f"# {header()}",
        '"""Every HTTP route of the API, in the order of the proto files."""',
        "",
        "from __future__ import annotations",
        "",
        *imports(message for _, method, _ in routes for message in (method.input, method.output)),
        "from penstock.gateway.route import EventMember, Payload, Route",
        "",
        "ROUTES: tuple[Route, ...] = (",
    ]
    for service, method, route in routes:
        lines += ["    Route(", *(f"        {line}," for line in _arguments(api, service, method, route)), "    ),"]
    return {"routes.py": "\n".join([*lines, ")", ""])}


def _arguments(api: Api, service: Service, method: Method, route: Route) -> Iterator[str]:
    """What equals the default of Route is left out, so that the table can be read."""
    yield f'http_method="{route.http_method}"'
    yield f'pattern="{route.path.aiohttp}"'
    yield f'service="{service.name}"'
    yield f'method="{method.attribute}"'
    yield f"request={class_name(method.input)}"
    yield f"response={class_name(method.output)}"
    if route.path.variables:
        yield f"path_fields={_pairs((variable.name, variable.field) for variable in route.path.variables)}"
    if route.body:
        yield f'body="{route.body}"'
    if route.success_status != 200:
        yield f"success_status={route.success_status}"
    if route.headers:
        yield f"headers={_pairs(route.headers)}"
    yield from _payloads(api, method)
    if route.document is not None:
        yield "server_streaming=True"
        yield "is_document=True"
    elif method.server_streaming:
        yield from _stream(api, method)
    if route.content:
        yield f'content="{route.content}"'


def _payloads(api: Api, method: Method) -> Iterator[str]:
    taken = payload_fields(method.input, api.descriptors)
    if [payload.type for payload in taken] not in ([], ["INPUT"]):
        raise ModelError(f"{method.input.full_name}: expected at most one payload, of type INPUT, in a request")
    if taken and taken[0].message != method.input.full_name:
        raise ModelError(f"{taken[0].message}.{taken[0].field}: expected the payload at the top of the request")
    given = payload_fields(method.output, api.descriptors)
    if any(payload.type != "OUTPUT" for payload in given):
        raise ModelError(f"{method.output.full_name}: expected payloads of type OUTPUT in a response")
    if taken:
        yield f"input_payload={_payload(taken[0])}"
    if given:
        yield f"output_payloads={tuple_of(map(_payload, given))}"


def _stream(api: Api, method: Method) -> Iterator[str]:
    yield "server_streaming=True"
    yield f'event_id="{event_id(method.output, api.descriptors)}"'
    yield f"hidden_fields={_pairs(event_id_fields(method.output, api.descriptors))}"
    members = event_members(method.output, api.descriptors)
    if members:
        yield f"events={tuple_of(map(_event_member, members))}"


def _payload(payload: PayloadField) -> str:
    return f'Payload(message="{payload.message}", member="{payload.member}", field="{payload.field}")'


def _event_member(member: EventMember) -> str:
    return f'EventMember(field="{member.field}", name="{member.name}")'


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return tuple_of(strings(pair) for pair in pairs)
