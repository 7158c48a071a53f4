"""What request fields may hold, where that is less than their type could: a schema for each, by name.

A name means the same in every request. What only the engine can judge, such as a filter, is not here.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.descriptor import Descriptor

from penstock.openapi.form import Schema

_NO_NUL = "^[^\\u0000]*$"

BOUNDS: dict[str, Schema] = {
    "after_sequence": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1},
    "labels": {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z][a-z0-9_.-]{0,62}$"},
        "additionalProperties": {"type": "string", "maxLength": 256, "pattern": _NO_NUL},
        "maxProperties": 64,
    },
    "page_size": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1},
    "reason": {"type": "string", "maxLength": 1024, "pattern": _NO_NUL},
    "request_id": {"type": "string", "maxLength": 128, "pattern": "^[ -~]*$"},
    "timeout_seconds": {"type": "number", "format": "double", "minimum": 0.001, "maximum": 3600},
}


def bounds(requests: Iterable[Descriptor]) -> dict[str, Schema]:
    """Full name of each such field of the messages -> its schema."""
    return {
        field.full_name: BOUNDS[field.name] for request in requests for field in request.fields if field.name in BOUNDS
    }
