"""Filters and orders of lists."""

from __future__ import annotations

from typing import Any

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.execution_fields import EXECUTION_FIELDS
from penstock.engine.domain.filter import FilterError, parse
from penstock.engine.storage.postgres.filter_sql import to_sql

_ORDERS = {"": False, "create_time": True, "create_time asc": True, "create_time desc": False}


def execution_filter(text: str) -> tuple[str, list[Any]]:
    """SQL and parameters of an AIP-160 filter over executions; "" for no filter. Raises InvalidArgument."""
    try:
        expression = parse(text, EXECUTION_FIELDS)
    except FilterError as error:
        raise InvalidArgument(f"filter: {error}", field="filter", reason=error.reason) from None
    if expression is None:
        return "", []
    return to_sql(expression)


def is_ascending(order_by: str) -> bool:
    """Raises InvalidArgument for an order that lists do not have."""
    order = " ".join(order_by.split())
    if order not in _ORDERS:
        raise InvalidArgument(
            f'order_by: expected "create_time desc" or "create_time asc", got {order_by[:80]!r}', field="order_by"
        )
    return _ORDERS[order]
