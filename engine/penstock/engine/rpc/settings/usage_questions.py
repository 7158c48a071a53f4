"""What a question for usage may ask."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from penstock.engine.domain.budget import day_of
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.filter import FilterError, parse
from penstock.engine.domain.filter_tree import Expression
from penstock.engine.domain.usage_fields import USAGE_FIELDS
from penstock.engine.storage.postgres.usage_questions import SUMS, Question
from penstock.wire.gen.usage_pb2 import Usage
from penstock.wire.gen.usage_service_pb2 import QueryUsageRequest

_DAYS_DEFAULT = 30
_DAYS_MAX = 366
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORDER = re.compile(r"([a-z_]+)(?: +(asc|desc))?")

COLUMNS = {
    Usage.EXECUTION: "execution_id",
    Usage.FLOW: "flow",
    Usage.NODE: "node",
    Usage.PROVIDER: "provider",
    Usage.MODEL: "model",
    Usage.DAY: "day",
}
_FIELD_OF_COLUMN = {"day": "date", "cost_nanos": "cost"}
_COST, _DAY = ("cost_nanos", True), ("day", True)


def question(request: QueryUsageRequest, account: str, now_us: int) -> Question:
    """Raises InvalidArgument naming what is wrong."""
    last = _date(request.end_date, "end_date", day_of(now_us))
    before = date.fromordinal(max(1, last.toordinal() - _DAYS_DEFAULT + 1))
    first = _date(request.start_date, "start_date", before)
    if first > last:
        raise InvalidArgument(
            f"start_date: expected no later day than end_date, {last}, got {first}", field="start_date"
        )
    if (last - first).days >= _DAYS_MAX:
        raise InvalidArgument(
            f"start_date: expected at most {_DAYS_MAX} days up to end_date, got {(last - first).days + 1}",
            field="start_date",
        )
    by = _columns(request.group_by)
    return Question(account, first, last, _filter(request.filter), by, _order(request.order_by, by))


def field_of(column: str) -> str:
    """The field of Usage that shows a column."""
    return _FIELD_OF_COLUMN.get(column, column)


def _date(text: str, field: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidArgument(f"{field}: expected a day such as 2026-01-31, got {text[:80]!r}", field=field) from None


def _columns(dimensions: Iterable[Usage.Dimension]) -> tuple[str, ...]:
    names = []
    for dimension in dimensions:
        column = COLUMNS.get(dimension)
        if column is None or column in names:
            raise InvalidArgument(
                f"group_by: expected each of {', '.join(map(Usage.Dimension.Name, COLUMNS))} at most once,"
                f" got {_name(dimension)}{'' if column is None else ' twice'}",
                field="group_by",
            )
        names.append(column)
    return tuple(names)


def _name(dimension: Usage.Dimension) -> str:
    known = Usage.Dimension.DESCRIPTOR.values_by_number.get(dimension)
    return str(dimension) if known is None else known.name


def _filter(text: str) -> Expression | None:
    try:
        return parse(text, USAGE_FIELDS)
    except FilterError as error:
        raise InvalidArgument(f"filter: {error}", field="filter", reason=error.reason) from None


def _order(text: str, by: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Columns to sort by, ending with what tells the groups apart."""
    order = [] if text.strip() else [each for each in (_DAY, _COST) if each is _COST or "day" in by]
    known = {field_of(column): column for column in (*by, *SUMS)}
    for part in text.split(",") if text.strip() else ():
        found = _ORDER.fullmatch(part.strip())
        column = known.get(found[1]) if found else None
        if found is None or column is None or column in dict(order):
            raise InvalidArgument(
                f"order_by: expected fields of the answer such as cost desc, each once, out of {', '.join(known)};"
                f" got {part.strip()[:80]!r}",
                field="order_by",
            )
        order.append((column, found[2] == "desc"))
    return (*order, *((column, False) for column in by if column not in dict(order)))
