"""What is given to executions of no one flow, such as to each of many: nobody knows what of it is sensitive."""

from __future__ import annotations

from typing import Any

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from penstock.engine.rpc.access.hiding import is_marked
from penstock.wire.scopes import PAYLOADS_SENSITIVE, Grants
from penstock.wire.sensitive import REDACTED


def hide_values(message: Any, grants: Grants) -> None:
    """Changes the message, unless the caller sees what is sensitive in all flows: of JSON the names stay."""
    if PAYLOADS_SENSITIVE in grants.whole:
        return
    for field, value in message.ListFields():
        if not is_marked(field):
            continue
        if isinstance(value, Struct):
            _hide_members(value)
        else:
            message.ClearField(field.name)


def _hide_members(struct: Struct) -> None:
    for value in struct.fields.values():
        _hide(value)


def _hide(value: Value) -> None:
    held: Any = getattr(value, value.WhichOneof("kind") or "null_value")
    if isinstance(held, Struct):
        _hide_members(held)
    elif isinstance(held, ListValue):
        for each in held.values:
            _hide(each)
    else:
        value.string_value = REDACTED
