"""The messages that have a JSON form of their own, in TypeScript."""

from __future__ import annotations

_BY_NAME = {
    "Timestamp": "string",
    "Duration": "string",
    "FieldMask": "string",
    "Struct": "JsonObject",
    "Value": "JsonValue",
    "ListValue": "JsonValue[]",
    "Empty": "Record<string, never>",
    "Any": '{ "@type"?: string; [member: string]: unknown }',
    "DoubleValue": "number",
    "FloatValue": "number",
    "Int32Value": "number",
    "UInt32Value": "number",
    "Int64Value": "string",
    "UInt64Value": "string",
    "BoolValue": "boolean",
    "StringValue": "string",
    "BytesValue": "string",
}

WELL_KNOWN = {f"google.protobuf.{name}": text for name, text in _BY_NAME.items()}
"""Full name of a message -> its type."""

FLOATS = frozenset(("google.protobuf.DoubleValue", "google.protobuf.FloatValue"))
"""Messages that are a float in JSON."""

WIDE = frozenset(("google.protobuf.Int64Value", "google.protobuf.UInt64Value"))
"""Messages that are a 64-bit integer in JSON."""
