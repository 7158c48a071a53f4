"""What a language model needs to know to call an artifact, as plain text (llmstxt.org)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from penstock.openapi.artifact.examples import answer_body, frames_text, request_body
from penstock.openapi.artifact.llms_steering import steering_sections
from penstock.openapi.artifact.subject import Subject
from penstock.openapi.scalars import WELL_KNOWN
from penstock.wire.sensitive import is_sensitive

_SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}
_INVOKE, _STREAM = "/invocations/v1/flows/invoke", "/invocations/v1/flows/invoke/stream"


def llms_text(subject: Subject) -> str:
    """Markdown: what the flow does, its input and output field by field, a call with curl and its answer, links."""
    sections = [
        _head(subject),
        f"## Input: {subject.input.full_name}\n\n{_fields(subject, subject.input)}",
        f"## Output: {subject.output.full_name}\n\n{_fields(subject, subject.output)}",
        *(f"## {name}\n\n{text}" for name, text in _others(subject)),
        _call(subject),
        *steering_sections(subject),
        _links(subject),
    ]
    return "\n\n".join(sections) + "\n"


def _head(subject: Subject) -> str:
    artifact = subject.artifact
    told = " ".join(subject.description.split()) or f"Runs the flow {artifact.flow}."
    answers = "answers with one message" if subject.is_unary else "streams messages as server-sent events"
    return (
        f"# {subject.title}\n\n> {told}\n\n"
        f"A flow that takes one JSON message and {answers}. Its graph_id is {artifact.graph_id}; what stands under "
        f"that id never changes. JSON is that of protobuf: field names as below, int64 and uint64 as strings where "
        f"marked so, bytes in base64, times in RFC 3339. Fields may be left out; unknown ones are refused."
    )


def _fields(subject: Subject, message: Descriptor) -> str:
    if message.full_name in WELL_KNOWN:
        return f"JSON of {message.full_name}."
    lines = [f"- `{field.name}` ({_type(field)}){_told(subject, field.full_name)}" for field in message.fields]
    about = subject.comments.get(message.full_name, "")
    return "\n".join([*([about, ""] if about else []), *(lines or ["No fields."])])


def _type(field: FieldDescriptor) -> str:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        return f"object: {_type(entry.fields_by_name['key'])} to {_type(entry.fields_by_name['value'])}"
    words = "array of " * field.is_repeated + _element(field)
    oneof = field.containing_oneof
    if oneof is not None and len(oneof.fields) > 1:
        words += f", at most one of {oneof.name}"
    return words + ", required" * field.is_required + ", sensitive" * is_sensitive(field)


def _element(field: FieldDescriptor) -> str:
    named = field.message_type or field.enum_type
    if named is not None:
        return str(named.full_name)
    is_wide = field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
    as_text = is_wide and field.GetOptions().jstype != 2  # JS_NUMBER
    return _SCALARS[field.type] + " as string" * as_text


def _told(subject: Subject, full_name: str) -> str:
    comment = " ".join(subject.comments.get(full_name, "").split())
    return f": {comment}" if comment else ""


def _others(subject: Subject) -> Iterator[tuple[str, str]]:
    """Messages and enums within input, output, values and signals, each once, in the order in which they are met."""
    done: set[str] = {subject.input.full_name, subject.output.full_name}
    waiting: list[Descriptor] = [subject.input, subject.output]
    for given in (*subject.pauses.values(), *subject.signals.values()):
        if given.full_name not in done:
            done.add(given.full_name)
            waiting.append(given)
            yield given.full_name, _fields(subject, given)
    while waiting:
        message = waiting.pop(0)
        for field in message.fields if message.full_name not in WELL_KNOWN else ():
            kind, values = field.message_type, field.enum_type
            if values is not None and values.full_name not in done:
                done.add(values.full_name)
                yield values.full_name, _values(subject, values)
            elif kind is not None and kind.full_name not in done:
                done.add(kind.full_name)
                waiting.append(kind)
                if kind.full_name not in WELL_KNOWN and not kind.GetOptions().map_entry:
                    yield kind.full_name, _fields(subject, kind)


def _values(subject: Subject, enum: EnumDescriptor) -> str:
    return "\n".join(f"- `{value.name}`{_told(subject, f'{enum.full_name}.{value.name}')}" for value in enum.values)


def _call(subject: Subject) -> str:
    body = request_body(subject)
    if subject.is_unary:
        path, answer = _INVOKE, json.dumps(answer_body(subject), ensure_ascii=False)
        body["wait"] = True
    else:
        path, answer = _STREAM, frames_text(subject).rstrip()
    sent = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
    return (
        "## Call it\n\n```sh\n"
        f'curl "$PENSTOCK_URL{path}" -H "Authorization: Bearer $PENSTOCK_API_KEY" \\\n'
        f"  -H 'Content-Type: application/json' -d '{sent}'\n```\n\n"
        f"answers\n\n```\n{answer}\n```\n\n"
        'A run that fails answers with `"success":false` and says why in `error`. A request that is wrong is refused '
        'with `{"error": sentence, "code": …, "reason": …, "details": …}` and names the path.'
    )


def _links(subject: Subject) -> str:
    named = {
        "OpenAPI 3.1": "openapi.json",
        "JSON Schema": "schema.json",
        "Proto source": "proto",
        "MCP tool": "mcp.json",
    }
    return "## More\n\n" + "\n".join(f"- [{title}]({subject.path}/{name})" for title, name in named.items())
