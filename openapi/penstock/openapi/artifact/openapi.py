"""The OpenAPI 3.1 document of one artifact: how to run it and to follow what runs, with its own types."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from apispec import APISpec

from penstock.openapi.answers import ERROR, EVENT_STREAM, JSON, PROTOBUF
from penstock.openapi.artifact.components import FIXED_PREFIX, Components, fixed
from penstock.openapi.artifact.examples import (
    frames_examples,
    invocation_examples,
    request_examples,
    stream_examples,
)
from penstock.openapi.artifact.steering import ABOUT_PAUSES, PAUSES_TAG, steering_operations, tags
from penstock.openapi.artifact.subject import Subject

_FLOW_TAG, _EXECUTIONS_TAG = "Flow", "Executions"
_INVOKE, _STREAM = "InvokeFlow", "StreamFlow"
# Operations about executions, in the order of the document.
_SHARED = ("GetExecution", "WaitExecution", "WatchExecution", "GetOutput", "CancelExecution")

_DESCRIPTION = """\
{description}

This is artifact `{graph_id}` of the flow `{flow}`, version {version}. It never changes.

Every call needs an API key: `Authorization: Bearer <key>`. The same is served over gRPC as `{service}`.
"""


def openapi_document(subject: Subject) -> dict[str, Any]:
    """The whole document, ready for json.dumps."""
    shared = fixed()
    artifact = subject.artifact
    components = Components(subject, FIXED_PREFIX)
    spec = APISpec(
        title=subject.title,
        version=str(artifact.version),
        openapi_version=shared["openapi"],
        info={"description": _description(subject)},
        servers=[{"url": "/"}],
        security=shared["security"],
        tags=[
            {"name": _FLOW_TAG, "description": subject.description or f"Runs {artifact.flow}."},
            {"name": _EXECUTIONS_TAG, "description": "Looks at executions and acts on them."},
            *tags(subject),
        ],
    )
    for path, method, operation in _operations(subject, components):
        components.collect(operation)
        spec.path(path, operations={method: operation})
    for name, scheme in shared["components"]["securitySchemes"].items():
        spec.components.security_scheme(name, scheme)
    for name, response in shared["components"]["responses"].items():
        spec.components.response(name, copy.deepcopy(response))
    components.carrier(ERROR)
    for name, schema in components.definitions().items():
        spec.components.schema(name, schema)
    written = spec.to_dict()
    return {"openapi": written.pop("openapi"), "info": written.pop("info"), "tags": written.pop("tags"), **written}


def _description(subject: Subject) -> str:
    artifact = subject.artifact
    return _DESCRIPTION.format(
        description=subject.description,
        graph_id=artifact.graph_id,
        flow=artifact.flow,
        version=artifact.version,
        service=artifact.service,
    ).lstrip()


def _operations(subject: Subject, components: Components) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of each, still with the schemas of the fixed API."""
    found = {
        operation["operationId"]: (path, method, operation)
        for path, item in fixed()["paths"].items()
        for method, operation in item.items()
    }
    runs = {_INVOKE: _invoke, _STREAM: _stream} if subject.is_unary else {_STREAM: _stream}
    for name in (*runs, *_SHARED, *(ABOUT_PAUSES if subject.pauses else ())):
        path, method, shared = found[name]
        operation = copy.deepcopy(shared)
        tag = PAUSES_TAG if name in ABOUT_PAUSES else _EXECUTIONS_TAG
        operation["tags"] = [_FLOW_TAG if name in runs else tag]
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            # The payload would be bytes there, and its type not told.
            part.get("content", {}).pop(PROTOBUF, None)
        if name in runs:
            runs[name](subject, operation)
        yield path, method, operation
    yield from steering_operations(subject, components, found)


def _invoke(subject: Subject, operation: dict[str, Any]) -> None:
    _run(subject, operation, "Invoke", request_examples(subject))
    operation["responses"]["202"]["content"][JSON]["examples"] = invocation_examples(subject)


def _stream(subject: Subject, operation: dict[str, Any]) -> None:
    _run(subject, operation, "Stream", stream_examples(subject))
    operation["responses"]["200"]["content"][EVENT_STREAM]["examples"] = frames_examples(subject)


def _run(subject: Subject, operation: dict[str, Any], method: str, examples: dict[str, Any]) -> None:
    """`method` is that of the typed service, after which the operation is called."""
    operation["operationId"] = method
    operation["x-penstock-typed"] = {"service": subject.artifact.service, "method": method}
    operation["requestBody"]["content"][JSON]["examples"] = examples
