"""What a list of executions may be filtered and ordered by, as docs/find.md promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.classify import Classification
from penstock.engine.domain.errors import InvalidArgument
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
        "alias": FieldType(FieldKind.NAME, 'alias = "live"'),
        "mode": FieldType(FieldKind.ENUM, 'mode = "PIPELINE"', Mode),
        "create_time": FieldType(FieldKind.TIME, 'create_time > "2026-01-31T12:00:00Z"'),
        "start_time": FieldType(FieldKind.TIME, 'start_time > "2026-01-31T12:00:00Z"'),
        "update_time": FieldType(FieldKind.TIME, 'update_time > "2026-01-31T12:00:00Z"'),
        "complete_time": FieldType(FieldKind.TIME, 'complete_time > "2026-01-31T12:00:00Z"'),
        "duration": FieldType(FieldKind.DURATION, "duration > 10s"),
        "failure_class": FieldType(FieldKind.ENUM, 'failure_class = "TIMEOUT"', FailureClass),
        "classification": FieldType(FieldKind.ENUM, 'classification = "LOGIC_BUG"', Classification),
        "error.class": FieldType(FieldKind.ENUM, 'error.class = "TIMEOUT"', FailureClass),
        "error.code": FieldType(FieldKind.TEXT, 'error.code = "NODE_RAISED"'),
        "error.node": FieldType(FieldKind.TEXT, 'error.node = "charge"'),
        "node.ran": FieldType(FieldKind.NAME, 'node.ran = "charge"'),
        "node.waiting": FieldType(FieldKind.NAME, 'node.waiting = "approve"'),
        "labels": FieldType(FieldKind.LABELS, 'labels.team = "blue"'),
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """`key` is "create_time", "complete_time" or "duration"; executions that are equal in it are ordered by id."""

    key: str
    is_ascending: bool

    @property
    def is_of_ended(self) -> bool:
        """Whether only executions that have ended have such a value."""
        return self.key != "create_time"


NEWEST_FIRST = Order("create_time", False)
OLDEST_FIRST = Order("create_time", True)
_KEYS = ("create_time", "complete_time", "duration")
_ORDERS: Mapping[str, Order] = MappingProxyType(
    {f"{key}{way}": Order(key, way != " desc") for key in _KEYS for way in ("", " asc", " desc")} | {"": NEWEST_FIRST}
)


def read_order(text: str) -> Order:
    """Raises InvalidArgument for an order that lists do not have."""
    order = _ORDERS.get(" ".join(text.split()))
    if order is None:
        keys = ", ".join(_KEYS)
        raise InvalidArgument(
            f'order_by: expected one of {keys}, with "asc" or "desc", got {text[:80]!r}', field="order_by"
        )
    return order
