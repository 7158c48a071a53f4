"""Describes what operations answer: a message, an event stream, or one of the errors of the status table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.openapi.form import Schema
from penstock.openapi.operation import EventKind, Example, Operation
from penstock.openapi.schema import Schemas
from penstock.wire.status import HTTP_STATUS, Code

JSON, PROTOBUF, EVENT_STREAM = "application/json", "application/x-protobuf", "text/event-stream"
ERROR = "Error"

ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "Why a request was refused or could not be answered.",
    "properties": {
        "error": {"type": "string", "description": "One sentence for a person. Its text may change."},
        "code": {"type": "string", "description": "The gRPC code.", "enum": [code.name for code in Code]},
        "reason": {"type": "string", "description": "Stable word in upper case, narrower than the code."},
        "details": {
            "type": "object",
            "description": "Facts about this error. `violations` names each thing that is wrong with the request.",
            "properties": {
                "violations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "field": {"type": "string", "description": 'Path in the request, "" for the whole.'},
                            "description": {"type": "string", "description": "What was expected and what came."},
                        },
                        "required": ["field", "description"],
                    },
                }
            },
        },
    },
    "required": ["error", "code", "reason", "details"],
}

# What callers may see from every operation; other statuses are named where a method says so.
_ALWAYS = (Code.INVALID_ARGUMENT, Code.UNAUTHENTICATED)
_MEANING: Mapping[int, tuple[str, str]] = {
    400: ("BadRequest", "The request is wrong. The sentence names the path, what was expected and what came."),
    401: ("Unauthorized", "No API key, or one that is not known."),
    403: ("Forbidden", "The key may not do this."),
    404: ("NotFound", "There is none, or it belongs to another account."),
    409: ("Conflict", "What stands there now does not allow it. The details hold the current status."),
    429: ("TooManyRequests", "Too much at once. `Retry-After` says when to come again."),
}


def responses(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    """Status -> response. Errors are references to the components that error_components gives."""
    answers: dict[str, Any] = {str(operation.success_status): _success(operation, schemas)}
    statuses = {HTTP_STATUS[code] for code in (*_ALWAYS, *operation.errors)}
    for status in sorted(statuses & _MEANING.keys()):
        answers[str(status)] = _component(_MEANING[status][0])
    if operation.is_content:
        part: dict[str, Any] = {JSON: {"schema": {}}, PROTOBUF: {"schema": {}}}
        answers["206"] = {"description": "The part of the content that `Range` asks for.", "content": part}
        answers["416"] = {"description": "The part that `Range` asks for is behind the end."}
    return answers | {"default": _component(ERROR)}


def error_components() -> dict[str, dict[str, Any]]:
    """The responses that operations refer to, by name."""
    components = {name: _error(meaning) for name, meaning in _MEANING.values()}
    return components | {ERROR: _error("Something else went wrong: `code` says what.")}


def unavailable() -> dict[str, Any]:
    """The response of a process that takes no work."""
    return _error("Not now.")


def message_content(schema: Schema, examples: Mapping[str, Example]) -> dict[str, Any]:
    """One message as JSON and as protobuf, where the schema tells its members."""
    return {JSON: {"schema": schema} | _examples(examples), PROTOBUF: {"schema": schema}}


def _success(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    if operation.events:
        schema = _event_data(operation.events, schemas)
        content = {EVENT_STREAM: {"schema": schema} | _examples(operation.response_examples)}
        return {"description": _stream_description(operation.events), "content": content}
    if operation.is_content:
        content = {JSON: {"schema": {}}, PROTOBUF: {"schema": {}}}
        return {"description": "The content, whole. It may be asked for in parts with `Range`.", "content": content}
    content = message_content(schemas.message(operation.response), operation.response_examples)
    if operation.is_document:
        del content[PROTOBUF]
    return {"description": f"The {operation.response.name}.", "content": content}


def _event_data(events: tuple[EventKind, ...], schemas: Schemas) -> Schema:
    """OpenAPI 3.1 has no word for the items of a stream, so the schema is that of one event's data."""
    kinds = [schemas.message(kind.data) for kind in events]
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _stream_description(events: tuple[EventKind, ...]) -> str:
    named = [f"`{kind.name}` with data like {kind.data.name}" for kind in events if kind.name]
    plain = [f"events without a name with data like {kind.data.name}" for kind in events if not kind.name]
    return f"Server-sent events: {', '.join(plain + named)}. `Last-Event-ID` resumes after the `id` of one."


def _examples(examples: Mapping[str, Example]) -> dict[str, Any]:
    shown = {name: {"summary": example.summary, "value": example.value} for name, example in examples.items()}
    return {"examples": shown} if shown else {}


def _error(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{ERROR}"}}}}


def _component(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}
