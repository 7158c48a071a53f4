"""Which kinds and cardinalities of fields can stand for each other.

From https://protobuf.dev/programming-guides/proto3/#updating and https://protobuf.dev/programming-guides/json.
"""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.descriptor import FieldDescriptor as F

from penstock.wire.gate.contract import Field

_KINDS = range(1, F.MAX_TYPE + 1)


def _groups(*groups: tuple[int, ...]) -> Mapping[int, int]:
    """Kind -> group. A kind that no group names is one by itself."""
    return {kind: kind for kind in _KINDS} | {kind: -index for index, group in enumerate(groups, 1) for kind in group}


_FIXED = ((F.TYPE_FIXED32, F.TYPE_SFIXED32), (F.TYPE_FIXED64, F.TYPE_SFIXED64))

KINDS_WIRE = _groups(
    (F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_BOOL), (F.TYPE_SINT32, F.TYPE_SINT64), *_FIXED
)
"""Kinds of one group are encoded alike. An enum is not among them: its numbers may be no values of it."""

KINDS_JSON = _groups((F.TYPE_INT32, F.TYPE_UINT32), (F.TYPE_INT64, F.TYPE_UINT64), *_FIXED)
"""Kinds of one group are encoded alike in protobuf and in JSON, where 64 bits are a string."""

REQUIRED, REPEATED, MAP = "required", "repeated", "a map"
EXPLICIT, IMPLICIT = "optional with presence", "optional without presence"

CARDINALITY_WIRE = {EXPLICIT: 1, IMPLICIT: 1, REPEATED: 2, MAP: 2}
CARDINALITY_JSON = {EXPLICIT: 1, IMPLICIT: 1}


def cardinality(field: Field) -> str:
    """How often the field can be there, in words."""
    if field.is_map:
        return MAP
    if field.descriptor.is_repeated:
        return REPEATED
    if field.descriptor.is_required:
        return REQUIRED
    return EXPLICIT if field.descriptor.has_presence else IMPLICIT
