"""Puts operations and schemas together to an OpenAPI 3.1 document."""

from __future__ import annotations

from typing import Any

from apispec import APISpec

from penstock.openapi.answers import (
    ERROR,
    ERROR_SCHEMA,
    JSON,
    error_components,
    message_content,
    responses,
    unavailable,
)
from penstock.openapi.operation import Document, Operation
from penstock.openapi.parameters import parameters
from penstock.openapi.schema import Schemas

SCHEMA_PREFIX = "#/components/schemas/"

_OPENAPI_VERSION = "3.1.0"
_KEY = "apiKey"
_HEALTH_TAG = "Health"


def build_document(document: Document) -> dict[str, Any]:
    """The whole document, ready for json.dumps. The prefix of `document.form` is SCHEMA_PREFIX."""
    schemas = Schemas(document.form)
    spec = APISpec(
        title=document.title,
        version=document.version,
        openapi_version=_OPENAPI_VERSION,
        info={"description": document.description},
        servers=[{"url": "/"}],
        security=[{_KEY: []}],
    )
    for service, comment in document.services.items():
        spec.tag({"name": _short(service), "description": comment})
    for operation in document.operations:
        spec.path(operation.path, operations={operation.http_method.lower(): _operation(operation, schemas)})
    _add_health(spec)
    spec.components.security_scheme(_KEY, {"type": "http", "scheme": "bearer", "description": "An API key, `psk_…`."})
    for name, response in error_components().items():
        spec.components.response(name, response)
    for name, schema in sorted({**schemas.definitions, ERROR: ERROR_SCHEMA}.items()):
        spec.components.schema(name, schema)
    written = spec.to_dict()
    return {"openapi": written.pop("openapi"), "info": written.pop("info"), "tags": written.pop("tags"), **written}


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    summary, _, rest = operation.comment.partition(". ")
    described: dict[str, Any] = {
        "operationId": operation.method,
        "tags": [_short(operation.service)],
        "summary": summary.rstrip("."),
    }
    if rest:
        described["description"] = operation.comment
    described["x-penstock-grpc"] = _rpc(operation)
    found = parameters(operation, schemas)
    if found:
        described["parameters"] = found
    if operation.body:
        # A path that names a resource says enough by itself; anything else needs its body.
        required = operation.body != "*" or not operation.path_fields
        described["requestBody"] = {"required": required, "content": _body(operation, schemas)}
    return described | {"responses": responses(operation, schemas)}


def _rpc(operation: Operation) -> dict[str, Any]:
    """The RPC behind an operation, for the grpcurl lines of the docs page.

    `body` names the field that the body is, `body_bytes` says that this holds the body's bytes, `fields` maps path
    variables to request fields that are called otherwise; each is left out where there is nothing to say.
    """
    rpc: dict[str, Any] = {"service": operation.service, "method": operation.method}
    if operation.body not in ("", "*"):
        rpc["body"] = operation.body
    if operation.body_document is not None:
        rpc["body_bytes"] = True
    renamed = {name: path for name, path in operation.path_fields if name != path}
    return {**rpc, "fields": renamed} if renamed else rpc


def _body(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    request = operation.request
    if operation.body_document is not None:
        return {JSON: {"schema": schemas.message(operation.body_document)}}
    if operation.body != "*":
        schema = schemas.field(request.fields_by_name[operation.body])
    elif operation.path_fields:
        schema = schemas.members(request, without=[path for _, path in operation.path_fields])
    else:
        schema = schemas.message(request)
    return message_content(schema, operation.request_examples)


def _short(service: str) -> str:
    return service.rpartition(".")[2]


def _add_health(spec: APISpec) -> None:
    """The two routes that no proto names, for whoever watches the process. They need no key."""
    spec.tag({"name": _HEALTH_TAG, "description": "Tells whether the process lives and takes work."})
    well = {"status": {"const": "ok"}}
    checks = {"type": "object", "additionalProperties": {"const": "ok"}, "description": "What that stands on."}
    for path, name, summary, says, more in (
        ("/healthz", "Healthz", "Tells whether the process answers", well, {}),
        (
            "/readyz",
            "Readyz",
            "Tells whether the engine accepts and drives executions",
            {**well, "checks": checks},
            {"503": unavailable()},
        ),
    ):
        schema = {"type": "object", "properties": says, "required": list(says)}
        healthy = {"200": {"description": "It does.", "content": {JSON: {"schema": schema}}}}
        described = {"operationId": name, "tags": [_HEALTH_TAG], "summary": summary, "security": []}
        spec.path(path, operations={"get": {**described, "responses": {**healthy, **more}}})
