"""Writes index.js: the client, with what it has to know of its artifact."""

from __future__ import annotations

import json
from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.codegen.sdk.typescript.interface import Interface
from penstock.codegen.sdk.typescript.wellknown import FLOATS
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.json.fields import map_fields

_MODULE = """\
// Written by Penstock for {flow}, version {version}. DO NOT EDIT.

import {{ FlowClient }} from "./client.js";

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
}} from "./errors.js";

const artifact = {{
  graphId: {graph_id},
  isPipeline: {is_pipeline},
  output: {output},
  floats: new Map([{floats}]),
}};

export class Client extends FlowClient {{
  constructor(options) {{
    super(options, artifact);
  }}
}}
"""
_FLOAT_TYPES = frozenset((FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE))


def module(artifact: Artifact, interface: Interface) -> str:
    """The text of index.js."""
    floats = "".join(
        f"\n    [{json.dumps(name)}, new Map({json.dumps(fields)})]," for name, fields in _floats(interface.taken)
    )
    return _MODULE.format(
        flow=artifact.flow,
        version=artifact.version,
        graph_id=json.dumps(artifact.graph_id),
        is_pipeline=json.dumps(artifact.mode == Artifact.PIPELINE),
        output=json.dumps(artifact.output_type),
        floats=f"{floats}\n  " if floats else "",
    )


def _floats(messages: list[Descriptor]) -> Iterator[tuple[str, list[tuple[str, tuple[str, str]]]]]:
    """The messages with a float in them or further inside: name -> [(field, (shape, type))]. See runtime/json.js."""
    within = _with_floats(messages)
    for message in messages:
        fields = [
            (field.name, ("many" if field.is_repeated else "one", "" if _is_float(value) else _type_name(value)))
            for field in message.fields
            if _is_float(value := _value(field)) or _type_name(value) in within
        ]
        if fields:
            yield message.full_name, fields


def _with_floats(messages: list[Descriptor]) -> set[str]:
    holders: dict[str, set[str]] = {}
    unseen = []
    for message in messages:
        for value in map(_value, message.fields):
            if _is_float(value):
                unseen.append(message.full_name)
            elif value.message_type is not None:
                holders.setdefault(value.message_type.full_name, set()).add(message.full_name)
    within: set[str] = set()
    while unseen:
        name = unseen.pop()
        if name not in within:
            within.add(name)
            unseen += holders.get(name, ())
    return within


def _value(field: FieldDescriptor) -> FieldDescriptor:
    entry = map_fields(field)
    return field if entry is None else entry[1]


def _is_float(value: FieldDescriptor) -> bool:
    return value.cpp_type in _FLOAT_TYPES or _type_name(value) in FLOATS


def _type_name(value: FieldDescriptor) -> str:
    return "" if value.message_type is None else str(value.message_type.full_name)
