"""Writes index.d.ts: the types of the messages, and the client."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from penstock.codegen.sdk.typescript.interface import Interface, Way
from penstock.codegen.sdk.typescript.steering import SteeringMembers
from penstock.codegen.sdk.typescript.types import field_type, meaning, message_type
from penstock.wire.gen.artifact_pb2 import Artifact

_WIDTH = 120
_INHERITED = frozenset(
    (
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    )
)
"""Members of every object in JavaScript."""
_HEAD = """\
// Written by Penstock for {flow}, version {version}. DO NOT EDIT.

import {{ FlowClient, {used} }} from "./client.js";

export type {{
  CallOptions,
  ClientOptions,
  DecisionOptions,
  InvokeOptions,
  Pause,
  Rollback,
  SignalOptions,
  StartOptions,
  Started,
  StreamFrame,
  WaitOptions,
}} from "./client.js";
export {{
  Conflict,
  InvalidInput,
  NotEnded,
  NotFound,
  Paused,
  PenstockError,
  RunFailed,
  Unauthenticated,
  Unavailable,
  type Violation,
}} from "./errors.js";
"""
_UNARY = """\
export declare class Client extends FlowClient<Input, Output, Output> {
  constructor(options: ClientOptions);

  /**
   * Runs the flow to its end. Throws RunFailed when it fails, Paused when it waits for a person, NotEnded when your
   * time is up before.
   */
  invoke(input: Input, options?: InvokeOptions): Promise<Output>;
"""
_PIPELINE = """\
export declare class Client extends FlowClient<Input, Output, null> {
  constructor(options: ClientOptions);
"""
_JSON = """\
/** Any JSON. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [member: string]: JsonValue;
}
"""


def declarations(
    artifact: Artifact, interface: Interface, comments: Mapping[str, str], steering: SteeringMembers
) -> str:
    """The text of index.d.ts. `comments` are those of the protos, by full name; `steering` are further methods."""
    written = _Declarations(interface, comments)
    about = artifact.definition.description or f"The flow {artifact.flow}."
    is_unary = artifact.mode == Artifact.UNARY
    client = [*_comment(about, ""), f"{_UNARY if is_unary else _PIPELINE}{steering.text}}}\n"]
    used = ["type ClientOptions", *(["type InvokeOptions"] if is_unary else []), *steering.used]
    parts = [
        _HEAD.format(flow=artifact.flow, version=artifact.version, used=", ".join(used)),
        "\n".join(client),
        *written.alias("Input", interface.input, Way.GIVEN),
        *written.alias("Output", interface.output, Way.TAKEN),
        *(written.message(message, Way.GIVEN) for message in interface.given),
        *(written.message(message, Way.TAKEN) for message in interface.taken),
        *(written.enum(enum) for enum in interface.enums),
    ]
    if any("JsonValue" in part or "JsonObject" in part for part in parts):
        parts.append(_JSON)
    return "\n".join(parts)


class _Declarations:
    def __init__(self, interface: Interface, comments: Mapping[str, str]) -> None:
        self._interface = interface
        # Without a package a name begins with the point that would have stood behind it.
        self._comments = {name.removeprefix("."): text for name, text in comments.items()}

    def alias(self, alias: str, message: Descriptor, way: Way) -> Iterator[str]:
        """Nothing when the message is called so itself."""
        text = message_type(self._interface, message, way)
        if text != alias:
            yield f"/** What the flow {'takes' if way is Way.GIVEN else 'gives'}. */\nexport type {alias} = {text};\n"

    def message(self, message: Descriptor, way: Way) -> str:
        name = self._interface.name(message, way)
        about = [self._comments.get(message.full_name, "")]
        for oneof in message.oneofs:
            if len(oneof.fields) > 1:
                named = ", ".join(field.name for field in oneof.fields)
                about.append(f"At most one of {named}.")
        lines = _comment("\n\n".join(filter(None, about)), "")
        if not message.fields:
            return "\n".join([*lines, f"export type {name} = Record<string, never>;", ""])
        lines.append(f"export interface {name} {{")
        for field in message.fields:
            lines += _comment(self._about(field), "  ")
            lines.append(f"  {self._member(field, way)};")
        return "\n".join([*lines, "}", ""])

    def enum(self, enum: EnumDescriptor) -> str:
        meanings = {value.name: self._comments.get(f"{enum.full_name}.{value.name}", "") for value in enum.values}
        told = "\n\n".join(f"- {name}: {text}" for name, text in meanings.items() if text)
        lines = _comment("\n\n".join(filter(None, [self._comments.get(enum.full_name, ""), told])), "")
        lines.append(f"export type {self._interface.enum(enum)} =")
        lines += [f'  | "{name}"' for name in meanings]
        return "\n".join(lines) + ";\n"

    def _member(self, field: FieldDescriptor, way: Way) -> str:
        text = field_type(self._interface, field, way)
        if field.is_required:
            return f"{field.name}: {text}"
        if way is Way.GIVEN:
            # TypeScript sees these in {} too, which would then be no input.
            inherited = f'Object["{field.name}"] | ' if field.name in _INHERITED else ""
            return f"{field.name}?: {text} | {inherited}undefined"
        return f"{field.name}{'?' if field.has_presence else ''}: {text}"

    def _about(self, field: FieldDescriptor) -> str:
        said, more = self._comments.get(field.full_name, ""), meaning(field)
        return f"{said} {more}".strip() if "\n" not in said else f"{said}\n\n{more}".strip()


def _comment(text: str, indent: str) -> list[str]:
    """The lines of a doc comment; none when there is no text."""
    if not text.strip():
        return []
    safe = text.replace("*/", "*\\/")
    if "\n" not in safe and len(indent) + len(safe) + 7 <= _WIDTH:
        return [f"{indent}/** {safe} */"]
    begin = f"{indent} * "
    lines: list[str] = []
    for paragraph in safe.split("\n\n"):
        lines += [f"{indent} *"] if lines else []
        lines += textwrap.wrap(paragraph, _WIDTH, initial_indent=begin, subsequent_indent=begin, break_long_words=False)
    return [f"{indent}/**", *lines, f"{indent} */"]
