"""Emits the JSON Schema of each document that a route gives, for who reads such documents later and elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace

from penstock.codegen.emit_openapi import form
from penstock.codegen.generated import header
from penstock.codegen.model import Api
from penstock.openapi.schema import Schemas

_PREFIX = "#/$defs/"


def emit(api: Api) -> dict[str, str]:
    """File name -> text: ExecutionExport.schema.json for the message of that name."""
    written = {}
    described = replace(form(api), prefix=_PREFIX)
    for _, _, route in api.routes():
        if route.document is None:
            continue
        schemas = Schemas(described)
        schema = {
            "$comment": header(),
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": route.document.name,
            **schemas.message(route.document),
            "$defs": dict(sorted(schemas.definitions.items())),
        }
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        written[f"{route.document.name}.schema.json"] = text.replace("{\n  ", "{ ", 1) + "\n"
    return written
