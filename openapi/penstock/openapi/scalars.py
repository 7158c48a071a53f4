"""JSON Schemas of the types that protobuf defines itself: scalars, map keys, well-known messages."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldOptions

from penstock.openapi.form import Schema

_SAFE_MAX = 2**53
_FLOAT_MAX = 3.4028235e38  # as it is printed, which is a little more than it is
_DIGITS_SEEN = 6
# Padding may be left out. A last group of one character would be no byte.
_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$"
_MASK_PATH = r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*"


def _up_to(limit: int) -> str:
    """A pattern for decimals from 1 to `limit`, in one spelling each; by six digits of those that are as long as it.

    It is exact when the limit has no others but zeros.
    """
    text = str(limit)
    is_exact = not text[_DIGITS_SEEN:].strip("0")
    patterns = [f"[1-9][0-9]{{0,{len(text) - 2}}}"]
    for place in range(_DIGITS_SEEN):
        low, high = int(place == 0), int(text[place]) - (is_exact or place < _DIGITS_SEEN - 1)
        if high >= low:
            patterns.append(f"{text[:place]}[{low}-{high}][0-9]{{{len(text) - place - 1}}}")
    if is_exact:
        patterns.append(text)
    return f"(?:{'|'.join(patterns)})"


_INTEGER, _NATURAL = f"^(?:0|-?{_up_to(2**63)})$", f"^(?:0|{_up_to(2**64)})$"
_INTEGER_32, _NATURAL_32 = f"^(?:0|-?{_up_to(2**31)})$", f"^(?:0|{_up_to(2**32)})$"
_DURATION = rf"^-?(?:0|{_up_to(315_576_000_000)})(?:\.[0-9]{{1,9}})?s$"

# JSON has no word for these three, so protobuf writes them as strings.
_FLOAT: Schema = {"type": ["number", "string"], "pattern": "^(NaN|-?Infinity)$"}
_INT32: Schema = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
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
    FieldDescriptor.TYPE_FLOAT: {**_FLOAT, "format": "float", "minimum": -_FLOAT_MAX, "maximum": _FLOAT_MAX},
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
    "Duration": {"type": "string", "pattern": _DURATION, "examples": ["1.5s"]},
    "FieldMask": {"type": "string", "pattern": f"^(?:{_MASK_PATH}(?:,{_MASK_PATH})*)?$"},
    "Struct": {"type": "object"},
    "Value": {},
    "ListValue": {"type": "array", "items": {}},
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
    is_narrow = _SCALARS[key.type] in (_INT32, _UINT32)
    if _SCALARS[key.type] in (_UINT32, _UINT64):
        return {"pattern": _NATURAL_32 if is_narrow else _NATURAL}
    return {"pattern": _INTEGER_32 if is_narrow else _INTEGER}
