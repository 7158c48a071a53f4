"""Required fields, which messages of proto2 and editions may have."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor

from penstock.wire.json.errors import JsonError, Reason


def has_required(descriptor: Descriptor) -> bool:
    """Whether a message of this type, or one inside it, can lack a required field."""
    seen = {descriptor}
    unseen = [descriptor]
    while unseen:
        for field in unseen.pop().fields:
            if field.is_required:
                return True
            inner = field.message_type
            if inner is not None and inner not in seen:
                seen.add(inner)
                unseen.append(inner)
    return False


def check_required(message: Any) -> None:
    """Refuses a message that lacks a required field: protobuf would not serialize it."""
    if not message.IsInitialized():
        path = message.FindInitializationErrors()[0]
        raise JsonError(Reason.INVALID_VALUE, "expected a value, the field is required, got nothing", path)
