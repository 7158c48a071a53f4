"""The JSON Schema of what an artifact takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.openapi.artifact.components import Components
from penstock.openapi.artifact.subject import Subject
from penstock.openapi.form import Form, Schema
from penstock.openapi.schema import DIALECT, Schemas


def json_schema(subject: Subject) -> dict[str, Any]:
    """One document: an object of `input`, `output` and `frame`, each of which has an anchor of its name.

    A flow that has them also has `pauses` and `signals`: the values of its pauses and what its signals say, by name,
    with anchors such as `pauses.decide`.
    """
    components = Components(subject, "#/$defs/")
    parts = {"input": components.input, "output": components.output, "frame": components.carrier("Frame")}
    described = {"description": subject.description} if subject.description else {}
    return {
        "$schema": DIALECT,
        "title": subject.title,
        **described,
        "type": "object",
        "properties": {
            **{name: {"$anchor": name, **schema} for name, schema in parts.items()},
            **_named("pauses", {pause.name: schema for pause, schema in components.values.items()}),
            **_named("signals", {signal.name: schema for signal, schema in components.payloads.items()}),
        },
        "$defs": components.definitions(),
    }


def _named(kind: str, schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """An object with a member of each name; nothing when there are none."""
    if not schemas:
        return {}
    members = {name: {"$anchor": f"{kind}.{name}", **schema} for name, schema in schemas.items()}
    return {kind: {"type": "object", "properties": members}}


def standalone(subject: Subject, name: str) -> dict[str, Any]:
    """The schema of "input", or of "output", of an object for sure, with all that it refers to in it.

    A message whose JSON is no object is the one member `name` of one.
    """
    schemas = Schemas(Form(comments=subject.comments))
    schema = schemas.message(subject.input if name == "input" else subject.output)
    if "$ref" in schema:
        root = schemas.definitions[schema["$ref"].removeprefix("#/$defs/")]
    elif schema.get("type") == "object":
        root = schema
    else:
        root = {"type": "object", "properties": {name: schema}, "required": [name]}
    return {**root, "$defs": dict(sorted(schemas.definitions.items()))} if schemas.definitions else root
