"""Adds up what was used, for those who ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from penstock.engine.domain.filter_tree import And, Comparison, Expression, Not, Or, Present
from penstock.engine.storage.postgres.conditions import Column, condition
from penstock.engine.storage.postgres.database import Database, Row
from penstock.engine.storage.postgres.usage import Sums
from penstock.engine.storage.postgres.usage_questions import SUMS, Question, ordered
from penstock.engine.storage.postgres.usage_totals import is_of_totals, totals_sql

_COLUMNS = {
    "flow": Column('flow collate "C"', "%s::text"),
    "node": Column('node collate "C"', "%s::text"),
    "provider": Column('provider collate "C"', "%s::text"),
    "model": Column('model collate "C"', "%s::text"),
    "execution_id": Column("execution_id", "%s::uuid"),
}


@dataclass(frozen=True, slots=True)
class Used:
    """One group: its values in the order of `Question.by`."""

    group: tuple[Any, ...]
    sums: Sums


class UsageQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, question: Question, skip_count: int, count_max: int) -> tuple[list[Used], Sums]:
        """Groups after the first `skip_count`, and the sum of all; of nothing when there are none after them."""
        statement = totals_sql if is_of_totals(question) else _sums_sql
        sql, parameters = statement(question, skip_count, count_max)
        rows = await self._database.fetch_all(sql, parameters)
        size = len(question.by)
        found = [Used(tuple(row[:size]), _sums(row[size : size + len(SUMS)])) for row in rows]
        return found, _sums(rows[0][size + len(SUMS) :]) if rows else Sums()


def _sums_sql(question: Question, skip_count: int, count_max: int) -> tuple[str, list[object]]:
    """One page of groups, each with the sum of all."""
    parameters: list[object] = [question.account, question.first, question.last]
    holds = "true" if question.filter is None else condition(question.filter, _COLUMNS, parameters)
    # Executions are kept for a while, days for ever.
    is_by_execution = "execution_id" in question.by or _names_execution(question.filter)
    table = "usage_executions" if is_by_execution else "usage_days"
    groups = ", ".join(question.by)
    order = ", ".join(f"{ordered(column)} {'desc' if down else 'asc'}" for column, down in question.order)
    # Purpose: one page of sums, each with the sum of all. Index: usage_days_pkey or usage_executions_by_day.
    sql = (
        f"select {''.join(f'{each}, ' for each in question.by)}"
        f"{', '.join(SUMS)}, {', '.join(f'sum({each}) over () as all_{each}' for each in SUMS)} from ("
        f"select {''.join(f'{each}, ' for each in question.by)}{', '.join(f'sum({s}) as {s}' for s in SUMS)}"
        f" from {table} where account = %s and day between %s and %s and {holds}"
        f"{f' group by {groups}' if groups else ' having count(*) > 0'}) groups"
        f"{f' order by {order}' if order else ''} limit %s offset %s"
    )
    return sql, [*parameters, count_max, skip_count]


def _sums(row: Sequence[Any] | Row) -> Sums:
    return Sums(*map(int, row))


def _names_execution(expression: Expression | None) -> bool:
    match expression:
        case And(operands) | Or(operands):
            return any(map(_names_execution, operands))
        case Not(operand):
            return _names_execution(operand)
        case Comparison() | Present():
            return expression.field == "execution_id"
    return False
