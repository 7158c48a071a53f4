"""What a budget may say."""

from __future__ import annotations

import re

from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import limits
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.money import nanos_of, spell
from penstock.engine.nodes.authoring.reports import COUNT_MAX, NAME_LENGTH_MAX
from penstock.wire.gen.budget_pb2 import Budget

_BUDGET_ID = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_PERIODS, _ACTIONS = ("DAY", "MONTH", "TOTAL"), ("WARN", "BLOCK")


def check_budget_id(budget_id: str) -> None:
    """Raises InvalidArgument."""
    if not _BUDGET_ID.fullmatch(budget_id):
        raise _wrong("budget_id", f"a name such as team-a (^{_BUDGET_ID.pattern}$)", repr(budget_id[:80]))


def check_budget(budget: Budget) -> None:
    """Raises InvalidArgument naming the first thing that is wrong. What is left out and has a default gets it."""
    check_budget_id(budget.budget_id)
    if len(budget.description) > limits.BUDGET_DESCRIPTION_LENGTH_MAX or "\0" in budget.description:
        most = limits.BUDGET_DESCRIPTION_LENGTH_MAX
        raise _wrong("description", f"at most {most:,} characters without NUL", f"{len(budget.description):,}")
    if budget.flow and not is_name(budget.flow):
        raise _wrong("flow", "the name of a flow, or nothing for every flow", repr(budget.flow[:80]))
    for field in ("provider", "model"):
        text = getattr(budget, field)
        if len(text) > NAME_LENGTH_MAX or "\0" in text:
            raise _wrong(field, f"at most {NAME_LENGTH_MAX} characters without NUL", f"{len(text)}")
    if budget.period not in map(Budget.Period.Value, _PERIODS):
        raise _wrong("period", f"one of {', '.join(_PERIODS)}", _member(Budget.Period, budget.period))
    _check_limit(budget)
    # Written so that NaN is outside.
    if budget.HasField("warn_at") and not 0 < budget.warn_at <= 1:
        raise _wrong("warn_at", "a part above 0 and at most 1", f"{budget.warn_at:g}")
    budget.action = budget.action or Budget.WARN
    if budget.action not in map(Budget.Action.Value, _ACTIONS):
        raise _wrong("action", f"one of {', '.join(_ACTIONS)}", _member(Budget.Action, budget.action))
    if budget.stop_running and budget.action != Budget.BLOCK:
        raise _wrong("stop_running", "it only with the action BLOCK", "it with WARN")


def _check_limit(budget: Budget) -> None:
    match budget.WhichOneof("limit"):
        case "cost_limit":
            try:
                nanos = nanos_of(budget.cost_limit)
            except ValueError:
                nanos = 0
            if not nanos:
                raise _wrong(
                    "cost_limit",
                    'US dollars above 0 with at most nine digits behind the point such as "250" or "0.5"',
                    repr(budget.cost_limit[:80]),
                )
            budget.cost_limit = spell(nanos)
        case "token_limit":
            if not 0 < budget.token_limit <= COUNT_MAX:
                raise _wrong("token_limit", f"a whole number from 1 to {COUNT_MAX:,}", f"{budget.token_limit:,}")
        case _:
            raise _wrong("cost_limit", "cost_limit or token_limit", "neither")


def _member(enum: type, number: int) -> str:
    known = enum.DESCRIPTOR.values_by_number.get(number)  # type: ignore[attr-defined]
    return str(number) if known is None else str(known.name)


def _wrong(field: str, expected: str, got: str) -> InvalidArgument:
    return InvalidArgument(f"budget.{field}: expected {expected}, got {got}", field=f"budget.{field}")
