"""The record of a call that was to change something."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from penstock.engine.domain.filter_tree import FieldKind, FieldType

AUDIT_FIELDS: Mapping[str, FieldType] = MappingProxyType(
    {
        "method": FieldType(FieldKind.TEXT, 'method = "PauseService.*"'),
        "key_id": FieldType(FieldKind.TEXT, 'key_id = "0123456789ab"'),
        "resource": FieldType(FieldKind.TEXT, 'resource = "hello*"'),
        "outcome": FieldType(FieldKind.TEXT, "outcome != OK"),
        "face": FieldType(FieldKind.TEXT, "face = HTTP"),
        "time": FieldType(FieldKind.TIME, 'time > "2026-01-31T12:00:00Z"'),
    }
)
"""What ListAuditRecordsRequest.filter promises."""


class Audited(Enum):
    """Which calls are recorded."""

    ALL = "all"
    CHANGES = "changes"
    """All but those that only run a flow: their executions are records themselves."""
    OFF = "off"


class Record(NamedTuple):
    """As penstock.v1.AuditRecord, without its number and its hash. `time_us` is unix time in microseconds."""

    time_us: int
    key_id: str
    key_name: str
    method: str
    resource: str
    outcome: str
    reason: str
    face: str
    address: str
    request_id: str
