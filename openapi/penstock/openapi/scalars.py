"""JSON Schemas of the types that protobuf defines itself: scalars, map keys, well-known messages."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldOptions

from penstock.openapi.form import Schema

_SAFE_MAX = 2**53
_BASE64 = r"^[A-Za-z0-9+/]*={0,2}$"
_INTEGER = "^-?[0-9]+$"
_NATURAL = "^[0-9]+$"

# JSON has no word for these three, so protobuf writes them as strings.
_FLOAT: Schema = {"type": ["number", "string"], "pattern": "^(NaN|-?Infinity)$"}
_INT32: Schema = {"type": "integer", "format": "int32"}
_UINT32: Schema = {"type": "integer", "format": "uint32", "minimum": 0, "maximum": 2**32 - 1}
_INT64: Schema = {"type": "string", "format": "int64", "pattern": _INTEGER}
_UINT64: Schema = {"type": "string", "format": "uint64", "pattern": _NATURAL}
_STRING: Schema = {"type": "string"}
_BOOL: Schema = {"type": "boolean"}
_BYTES: Schema = {"type": "string", "contentEncoding": "base64", "pattern": _BASE64}

# Numbers while JavaScript holds them exactly; strings beyond that.
_AS_NUMBER: dict[str, Schema] = {
    "int64": {**_INT64, "type": ["integer", "string"], "minimum": -_SAFE_MAX, "maximum": _SAFE_MAX},
    "uint64": {**_UINT64, "type": ["integer", "string"], "minimum": 0, "maximum": _SAFE_MAX},
}

_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_DOUBLE: {**_FLOAT, "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {**_FLOAT, "format": "float"},
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_SINT32: _INT32,
    FieldDescriptor.TYPE_SFIXED32: _INT32,
    FieldDescriptor.TYPE_UINT32: _UINT32,
    FieldDescriptor.TYPE_FIXED32: _UINT32,
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_SINT64: _INT64,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_UINT64: _UINT64,
    FieldDescriptor.TYPE_FIXED64: _UINT64,
    FieldDescriptor.TYPE_BOOL: _BOOL,
    FieldDescriptor.TYPE_STRING: _STRING,
    FieldDescriptor.TYPE_BYTES: _BYTES,
}

_BY_NAME: dict[str, Schema] = {
    "Timestamp": {"type": "string", "format": "date-time"},
    "Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$", "examples": ["1.5s"]},
    "FieldMask": _STRING,
    "Struct": {"type": "object"},
    "Value": {},
    "ListValue": {"type": "array"},
    "Empty": {"type": "object", "additionalProperties": False},
    "Any": {"type": "object", "properties": {"@type": _STRING}, "required": ["@type"]},
    "DoubleValue": _SCALARS[FieldDescriptor.TYPE_DOUBLE],
    "FloatValue": _SCALARS[FieldDescriptor.TYPE_FLOAT],
    "Int32Value": _INT32,
    "UInt32Value": _UINT32,
    "Int64Value": _INT64,
    "UInt64Value": _UINT64,
    "BoolValue": _BOOL,
    "StringValue": _STRING,
    "BytesValue": _BYTES,
}

# The JSON forms that protobuf gives its own messages, by full name.
WELL_KNOWN = {f"google.protobuf.{name}": schema for name, schema in _BY_NAME.items()}


def scalar_schema(field: FieldDescriptor) -> Schema:
    """One value of a field that is neither message nor enum."""
    schema = _SCALARS[field.type]
    if field.GetOptions().jstype == FieldOptions.JS_NUMBER:
        schema = _AS_NUMBER.get(schema.get("format", ""), schema)
    return dict(schema)


def key_schema(key: FieldDescriptor) -> Schema | None:
    """What the member names of a map's object look like. None when any name will do."""
    if key.type == FieldDescriptor.TYPE_STRING:
        return None
    if key.type == FieldDescriptor.TYPE_BOOL:
        return {"enum": ["true", "false"]}
    return {"pattern": _NATURAL if _SCALARS[key.type] in (_UINT32, _UINT64) else _INTEGER}
