"""Takes what every artifact shares from the document of the fixed API, with the artifact's own types in it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson

from penstock.openapi.artifact.subject import Subject
from penstock.openapi.fixed import fixed_document
from penstock.openapi.form import Form, Schema
from penstock.openapi.schema import Schemas
from penstock.wire.json.required import has_required

FIXED_PREFIX = "#/components/schemas/"
REQUESTS = ("InvokeFlowRequest", "StreamFlowRequest")
# Schema -> the member in it that is the artifact's output.
_OUTPUTS = {"InvocationResult": "output", "Frame": "payload", "Output": "output"}


@cache
def fixed() -> Mapping[str, Any]:
    """The document of the fixed API. Not to be changed."""
    document: Mapping[str, Any] = orjson.loads(fixed_document())
    return document


class Components:
    """Schemas of the artifact's messages and of the fixed ones that carry them, each once, under one prefix."""

    def __init__(self, subject: Subject, prefix: str) -> None:
        self._fixed: Mapping[str, Schema] = fixed()["components"]["schemas"]
        self._prefix = prefix
        self._subject = subject
        form = Form(prefix=prefix, comments=subject.comments, taken=frozenset(self._fixed))
        self._own = Schemas(form)
        self._found: dict[str, Schema] = {}
        self.input = self._own.message(subject.input)
        self.output = self._own.message(subject.output)
        self.values = {pause: self._own.message(value) for pause, value in subject.pauses.items()}
        self.payloads = {signal: self._own.message(payload) for signal, payload in subject.signals.items()}

    def definitions(self) -> dict[str, Schema]:
        """All that was referred to so far, by name."""
        return dict(sorted({**self._own.definitions, **self._found}.items()))

    def carrier(self, name: str) -> Schema:
        """A reference to a schema of the fixed API, in which the artifact's own types stand."""
        if name not in self._found:
            schema = self._typed(name)
            self._found[name] = schema
            self.collect(schema)
        return {"$ref": f"{self._prefix}{name}"}

    def collect(self, value: Any) -> None:
        """Takes in the schemas that a piece of the fixed document refers to, and has it refer to them here."""
        for reference in _references(value):
            name = reference["$ref"].removeprefix(FIXED_PREFIX)
            if name in self._fixed and reference["$ref"].startswith(FIXED_PREFIX):
                reference.update(self.carrier(name))

    def _typed(self, name: str) -> Schema:
        schema = copy.deepcopy(self._fixed[name])
        members = schema.get("properties", {})
        if name in _OUTPUTS:
            member = _OUTPUTS[name]
            members[member] = _described(members[member], self.output)
        elif name in REQUESTS:
            self._pin(schema)
        return schema

    def _pin(self, schema: Schema) -> None:
        """The request names this artifact and no other, so that a client made from it is left with the input."""
        members = schema["properties"]
        members["graph_id"] = {
            "description": "The artifact.",
            "type": "string",
            "const": self._subject.artifact.graph_id,
            "default": self._subject.artifact.graph_id,
        }
        del members["flow"]
        members["input"] = _described(members["input"], self.input)
        schema["required"] = ["graph_id", *(["input"] if has_required(self._subject.input) else [])]


def _described(shown: Schema, schema: Schema) -> Schema:
    """`schema` with the description of the member that it replaces."""
    return {"description": shown["description"], **schema} if "description" in shown else schema


def _references(value: Any) -> Iterator[dict[str, Any]]:
    """Each object with a `$ref` within a JSON value."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
