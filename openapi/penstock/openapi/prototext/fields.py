"""The words of a field in proto source: its label, its scalar type, and the options that are none in descriptors."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from penstock.openapi.prototext.options import quoted

_F = FieldDescriptorProto


def label(field: Any, syntax: str) -> str:
    """What stands before the type, with a space, or nothing."""
    if field.label == _F.LABEL_REPEATED:
        return "repeated "
    if field.label == _F.LABEL_REQUIRED and syntax != "editions":
        return "required "
    is_proto2 = syntax in ("", "proto2")
    is_optional = field.proto3_optional or (is_proto2 and not field.HasField("oneof_index"))
    return "optional " if is_optional else ""


def scalar_name(field: Any) -> str:
    name: str = _F.Type.Name(field.type)
    return name.removeprefix("TYPE_").lower()


def default_option(field: Any) -> list[str]:
    if not field.HasField("default_value"):
        return []
    if field.type == _F.TYPE_STRING:
        return [f"default = {quoted(field.default_value)}"]
    # The default of bytes is recorded with its escapes.
    return [f'default = "{field.default_value}"' if field.type == _F.TYPE_BYTES else f"default = {field.default_value}"]


def json_name_option(field: Any) -> list[str]:
    """protoc notes a JSON name for each field; only one that it would not have made itself is the author's."""
    if not field.json_name or field.json_name == _made_json_name(field.name) or field.extendee:
        return []
    return [f"json_name = {quoted(field.json_name)}"]


def _made_json_name(name: str) -> str:
    return re.sub(r"_+(.?)", lambda found: found[1].upper(), name)
