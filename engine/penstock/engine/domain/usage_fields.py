"""What usage may be filtered by: the fields that QueryUsageRequest.filter promises."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from penstock.engine.domain.filter_tree import FieldKind, FieldType

USAGE_FIELDS: Mapping[str, FieldType] = MappingProxyType(
    {
        "flow": FieldType(FieldKind.TEXT, 'flow = "hello"'),
        "node": FieldType(FieldKind.TEXT, 'node = "summarize"'),
        "provider": FieldType(FieldKind.TEXT, 'provider = "anthropic"'),
        "model": FieldType(FieldKind.TEXT, 'model = "claude*"'),
        "execution_id": FieldType(FieldKind.EXECUTION_ID, 'execution_id = "019a0000000070008000000000000000"'),
    }
)
