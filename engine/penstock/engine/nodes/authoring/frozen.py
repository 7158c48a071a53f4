"""JSON values that nobody can change, because many look at them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any


def freeze(value: Any) -> Any:
    """The value with objects that are read-only and lists that are tuples, all the way down."""
    if isinstance(value, dict):
        return MappingProxyType({key: freeze(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return tuple(map(freeze, value))
    return value
