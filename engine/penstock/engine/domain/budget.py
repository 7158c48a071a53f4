"""Budgets: in which period one counts, and how much of it is used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum


class Period(IntEnum):
    """When it begins anew. Numbers as in penstock.v1.Budget.Period."""

    DAY = 1
    MONTH = 2
    TOTAL = 3


class BudgetAction(IntEnum):
    """What happens when it is used up. Numbers as in penstock.v1.Budget.Action."""

    WARN = 1
    BLOCK = 2


class BudgetState(IntEnum):
    """How much of it is used. Numbers as in penstock.v1.Budget.State."""

    OK = 1
    WARNED = 2
    EXCEEDED = 3


EVER = date(1, 1, 1)
"""Where the period of what never begins anew begins."""


def day_of(time_us: int) -> date:
    """The day in UTC of unix time in microseconds."""
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).date()


def start_of_day_us(day: date) -> int:
    """Unix time in microseconds of midnight in UTC."""
    return (day - date(1970, 1, 1)).days * 86_400_000_000


def period_start(period: Period, day: date) -> date:
    """The first day of the period that `day` is in."""
    if period is Period.TOTAL:
        return EVER
    return day if period is Period.DAY else day.replace(day=1)


def period_end(period: Period, start: date) -> date | None:
    """The first day of the period after the one that begins at `start`; None when there is none."""
    if period is Period.TOTAL:
        return None
    if period is Period.DAY:
        return start + timedelta(days=1)
    return (start.replace(day=1) + timedelta(days=31)).replace(day=1)


def budget_state(spent: int, limit: int, warn_at: float) -> BudgetState:
    """`warn_at` is the part of the limit from which on somebody should know."""
    if spent >= limit:
        return BudgetState.EXCEEDED
    # What the number says as people write it: 0.7 is not a bit less than seven tenths.
    return BudgetState.WARNED if spent >= limit * Decimal(repr(warn_at)) else BudgetState.OK
