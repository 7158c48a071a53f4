"""Which fields an update is about (AIP-134)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from penstock.engine.domain.errors import InvalidArgument

_M = TypeVar("_M", bound=Message)
_ALL = "*"


def fields_to_change(mask: FieldMask, given: Message, editable: tuple[str, ...]) -> tuple[str, ...]:
    """Those that the mask names; without one, those that `given` sets. Raises InvalidArgument."""
    paths = tuple(mask.paths)
    if not paths:
        return tuple(field.name for field, _ in given.ListFields() if field.name in editable)
    if paths == (_ALL,):
        return editable
    for path in paths:
        if path not in editable:
            expected = f'{", ".join(editable)} or "{_ALL}"'
            raise InvalidArgument(f"update_mask: expected {expected}, got {path[:80]!r}", field="update_mask")
    return paths


def only(given: _M, fields: Collection[str]) -> _M:
    """A copy that holds these fields alone."""
    part = type(given)()
    part.CopyFrom(given)
    for field in given.DESCRIPTOR.fields:
        if field.name not in fields:
            part.ClearField(field.name)
    return part
