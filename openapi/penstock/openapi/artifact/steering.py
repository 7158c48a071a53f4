"""The operations of an artifact that act on its running executions, each for one pause or one signal."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor

from penstock.openapi.answers import JSON, PROTOBUF
from penstock.openapi.artifact.components import Components
from penstock.openapi.artifact.samples import sample
from penstock.openapi.artifact.subject import Subject
from penstock.openapi.form import Schema
from penstock.wire.json.required import has_required
from penstock.wire.steering import DECISIONS, Act, Pause, Signal, method_name

PAUSES_TAG, SIGNALS_TAG = "Pauses", "Signals"
ABOUT_PAUSES = ("ListPauses", "GetPause")
"""Operations of the fixed API that stay as they are."""

_FIXED = {
    Act.APPROVE: "ApprovePause",
    Act.REJECT: "RejectPause",
    Act.RESUME: "ResumePause",
    Act.SIGNAL: "SignalExecution",
}
_Operation = tuple[str, str, dict[str, Any]]
"""(path, method, operation)"""


def tags(subject: Subject) -> list[dict[str, str]]:
    """Those of the operations that the artifact has."""
    found = []
    if subject.pauses:
        found.append({"name": PAUSES_TAG, "description": "Decides what executions wait for a person with."})
    if subject.signals:
        found.append({"name": SIGNALS_TAG, "description": "Tells executions what they wait to hear."})
    return found


def steering_operations(subject: Subject, components: Components, fixed: dict[str, _Operation]) -> Iterator[_Operation]:
    """`fixed` are those of the fixed API, by their ids."""
    for pause, value in subject.pauses.items():
        for act in DECISIONS:
            yield _decision(subject, act, pause, value, components.values[pause], fixed[_FIXED[act]])
    for signal, payload in subject.signals.items():
        yield _signal(subject, signal, payload, components.payloads[signal], fixed[_FIXED[Act.SIGNAL]])


def _decision(
    subject: Subject, act: Act, pause: Pause, value: Descriptor, schema: Schema, shared: _Operation
) -> _Operation:
    path, method, operation = _named(subject, act, "pause", pause.name, shared)
    operation["tags"] = [PAUSES_TAG]
    if pause.prompt:
        operation["description"] = f"{operation.get('description', operation['summary'])}\n\nAsks: {pause.prompt}"
    body = operation["requestBody"]
    given = body["content"][JSON]["schema"]
    # One way to give the value is left, so that there is nothing to choose from.
    given.pop("allOf", None)
    given["description"] = given["description"].partition("\n")[0]
    given["properties"].pop("value_bytes", None)
    example: dict[str, Any] = {"comment": "As agreed."}
    if act is not Act.REJECT:
        given["properties"]["value"] = {"description": _VALUES[act], **schema}
        if act is Act.RESUME or pause.needs_value:
            example["value"] = sample(value)
        if pause.needs_value if act is Act.APPROVE else has_required(value):
            given["required"] = ["value"]
            body["required"] = True
    body["content"][JSON]["examples"] = {"decide": {"summary": operation["summary"], "value": example}}
    return path, method, operation


_VALUES = {
    Act.APPROVE: "What to go on with in place of the pause's input.",
    Act.RESUME: "What to go on with. Absent means one with all fields at their defaults.",
}


def _signal(subject: Subject, signal: Signal, payload: Descriptor, schema: Schema, shared: _Operation) -> _Operation:
    path, method, operation = _named(subject, Act.SIGNAL, "signal", signal.name, shared)
    operation["tags"] = [SIGNALS_TAG]
    operation["parameters"] = [each for each in operation["parameters"] if each["name"] != "payload_bytes"]
    content = operation["requestBody"]["content"][JSON]
    content["schema"] = {"description": "What the signal says.", **schema}
    content["examples"] = {"send": {"summary": "Send it", "value": sample(payload)}}
    return path, method, operation


def _named(subject: Subject, act: Act, variable: str, name: str, shared: _Operation) -> _Operation:
    """A copy for one name, which stands in the path."""
    path, method, operation = copy.deepcopy(shared)
    operation["parameters"] = [each for each in operation["parameters"] if each["name"] != variable]
    operation["operationId"] = method_name(act, name)
    operation["x-penstock-typed"] = {"service": subject.artifact.service, "method": method_name(act, name)}
    for part in (operation["requestBody"], *operation["responses"].values()):
        part.get("content", {}).pop(PROTOBUF, None)
    return path.replace(f"{{{variable}}}", name), method, operation
