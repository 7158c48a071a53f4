"""The proto source of an artifact: its services, its messages, and all that they import."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.openapi.artifact.components import fixed
from penstock.openapi.artifact.subject import Subject
from penstock.openapi.prototext.source import proto_sources
from penstock.wire.steering import Act, acts, method_name
from penstock.wire.typed import ServiceName, service_descriptors

MARK = "// file: "
"""What the line above each file of the text begins with; the rest of it is the file's name."""

_PROTOC_HAS = "google/protobuf/"
_FIXED_PACKAGE = "penstock.v1"
_METHODS = {
    "Invoke": "Runs the flow and gives its output.",
    "Stream": "Runs the flow and gives its output, or each frame of it, as it comes.",
    "Start": "Starts the flow and gives the execution at once.",
}
_ACTS = {
    Act.APPROVE: "Approves the pause `{name}`: the execution goes on with the pause's input, or with `value`.",
    Act.REJECT: "Rejects the pause `{name}`: the execution, or the branch, ends with the failure REJECTED.",
    Act.RESUME: "Resumes the pause `{name}` with a value.",
    Act.SIGNAL: "Sends the signal `{name}`; one that comes before its node waits for it is kept.",
}
_DECISION_FIELDS = {
    "execution_id": "The execution.",
    "comment": "Why, for whoever reads the log. At most 4,096 bytes.",
}
_FIELDS = {
    Act.APPROVE: {**_DECISION_FIELDS, "value": "What to go on with in place of the pause's input. Absent means that."},
    Act.REJECT: _DECISION_FIELDS,
    Act.RESUME: {**_DECISION_FIELDS, "value": "What to go on with. Absent means all fields at their defaults."},
    Act.SIGNAL: {
        "execution_id": "The execution.",
        "payload": "What it says. Absent means all fields at their defaults.",
        "request_id": "Makes the call safe to repeat: a signal with the same id is not stored again.",
    },
}


def proto_text(subject: Subject) -> str:
    """All files in one text, each below a line `// file: <name>`, what is called first.

    Without the files of google/protobuf, which protoc brings.
    """
    descriptors = service_descriptors(subject.artifact)
    sources = proto_sources(descriptors, {**_fixed_comments(), **_service_comments(subject), **subject.comments})
    shown = {name: text for name, text in sources.items() if not name.startswith(_PROTOC_HAS)}
    return "\n".join(f"{MARK}{name}\n{shown[name]}" for name in sorted(shown, key=_rank))


def _rank(name: str) -> int:
    return 0 if name.startswith("flows/") else 2 if name.startswith(("penstock/", "google/")) else 1


def _service_comments(subject: Subject) -> dict[str, str]:
    artifact = subject.artifact
    pinned = f"{subject.description}\n\nRuns artifact {artifact.graph_id}, and never another one."
    live = f"{subject.description}\n\nRuns what the alias `live` points at."
    comments: dict[str, str] = {}
    for version, text in ((artifact.version, pinned), (None, live)):
        name = ServiceName(artifact.flow, version)
        comments[str(name)] = text.strip()
        comments.update({f"{name}.{method}": meaning for method, meaning in _METHODS.items()})
        comments.update(_act_comments(subject, name))
    return comments


def _act_comments(subject: Subject, service: ServiceName) -> Iterator[tuple[str, str]]:
    """What is said of the methods that act on a running execution, of their requests and of the fields of those."""
    package = str(service).rpartition(".")[0]
    prompts = {pause.name: pause.prompt for pause in subject.pauses}
    for act, name in acts(subject.artifact):
        method = method_name(act, name)
        asked = f" A person is asked: {prompts[name]}" if act is not Act.SIGNAL and prompts[name] else ""
        yield f"{service}.{method}", _ACTS[act].format(name=name) + asked
        request = f"{package}.{method}Request"
        yield request, f"The request of {method}."
        for field, meaning in _FIELDS[act].items():
            yield f"{request}.{field}", meaning


def _fixed_comments() -> dict[str, str]:
    """Those of penstock.v1, as far as its OpenAPI document has them: descriptors come without."""
    return dict(_described(fixed()["components"]["schemas"]))


def _described(schemas: dict[str, dict[str, object]]) -> Iterator[tuple[str, str]]:
    for name, schema in schemas.items():
        if "properties" not in schema:
            continue  # an enum, whose values are told about in one text
        members = {"": schema, **schema["properties"]}  # type: ignore[dict-item]
        for member, shown in members.items():
            if text := shown.get("description"):
                yield f"{_FIXED_PACKAGE}.{name}.{member}".rstrip("."), text  # type: ignore[misc]
