"""What a list of executions may be filtered by: the fields that ListExecutionsRequest.filter promises."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.failure import FailureClass
from penstock.engine.domain.filter_tree import FieldKind, FieldType
from penstock.engine.domain.states import ExecutionStatus

EXECUTION_FIELDS: Mapping[str, FieldType] = MappingProxyType(
    {
        "status": FieldType(FieldKind.ENUM, 'status = "RUNNING"', ExecutionStatus),
        "execution_id": FieldType(FieldKind.EXECUTION_ID, 'execution_id = "019a0000000070008000000000000000"'),
        "parent_execution_id": FieldType(
            FieldKind.EXECUTION_ID, 'parent_execution_id = "019a0000000070008000000000000000"'
        ),
        "flow": FieldType(FieldKind.TEXT, 'flow = "hello"'),
        "graph_id": FieldType(FieldKind.TEXT, 'graph_id = "01K00000000000000000000000"'),
        "version": FieldType(FieldKind.INTEGER, "version >= 3"),
        "mode": FieldType(FieldKind.ENUM, 'mode = "PIPELINE"', Mode),
        "create_time": FieldType(FieldKind.TIME, 'create_time > "2026-01-31T12:00:00Z"'),
        "complete_time": FieldType(FieldKind.TIME, 'complete_time > "2026-01-31T12:00:00Z"'),
        "failure_class": FieldType(FieldKind.ENUM, 'failure_class = "TIMEOUT"', FailureClass),
        "labels": FieldType(FieldKind.LABELS, 'labels.team = "blue"'),
    }
)
