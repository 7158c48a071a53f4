"""Turns request fields outside of the body into OpenAPI parameters: path, query and headers."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.openapi.operation import Operation
from penstock.openapi.schema import Schemas

_Parameter = dict[str, Any]


def parameters(operation: Operation, schemas: Schemas) -> list[_Parameter]:
    """Those of the path first, in its order; then the query in the order of the fields; then headers.

    The query takes what neither path nor body does; its fields must fit in one, as scalars and enums do.
    """
    found = [
        _parameter("path", name, _field_at(operation.request, path), schemas) | {"required": True}
        for name, path in operation.path_fields
    ]
    if operation.body != "*":
        elsewhere = {path.partition(".")[0] for _, path in operation.path_fields} | {operation.body}
        found += [
            _parameter("query", field.name, field, schemas)
            for field in operation.request.fields
            if field.name not in elsewhere
        ]
    found += [_header(name, operation.request.fields_by_name[field], schemas) for name, field in operation.headers]
    return found


def _field_at(message: Descriptor, path: str) -> FieldDescriptor:
    first, _, rest = path.partition(".")
    field = message.fields_by_name[first]
    return field if field.message_type is None or not rest else _field_at(field.message_type, rest)


def _header(header: str, field: FieldDescriptor, schemas: Schemas) -> _Parameter:
    parameter = _parameter("header", header, field, schemas)
    parameter["description"] = f"Wins over `{field.name}`. {parameter.get('description', '')}".strip()
    return parameter


def _parameter(place: str, name: str, field: FieldDescriptor, schemas: Schemas) -> _Parameter:
    schema = schemas.field(field)
    described = {"description": schema.pop("description")} if "description" in schema else {}
    return {"name": name, "in": place, **described, "schema": schema}
