"""Finds which executions used most, in the sums that are kept of each, without a look at all that they used."""

from __future__ import annotations

from penstock.engine.domain.filter_pins import leaves
from penstock.engine.storage.postgres.conditions import Column, condition
from penstock.engine.storage.postgres.usage_questions import SUMS, Question, ordered

_FLOW = {"flow": Column('flow collate "C"', "%s::text")}
_MOST_FIRST = (("cost_nanos", True), ("execution_id", False))
_RANKED_MAX = 5_000
"""Executions up to the end of a page: beyond it reading all sums once is quicker than the first ones of each flow."""
_COLUMNS = f"execution_id, flow, {', '.join(SUMS)}"
_ADDED = ", ".join(f"sum({each}) as {each}" for each in SUMS)


def is_of_totals(question: Question) -> bool:
    """Whether the sums of whole executions answer it."""
    is_by = "execution_id" in question.by and set(question.by) <= {"execution_id", "flow"}
    return is_by and (question.filter is None or all(leaf.field == "flow" for leaf in leaves(question.filter)))


def totals_sql(question: Question, skip_count: int, count_max: int) -> tuple[str, list[object]]:
    """One page of executions, each with the sum of all: the columns of `by`, those of SUMS, and those of all."""
    parameters: list[object] = []

    def taking(*values: object) -> str:
        """The filter, behind values that stand before it."""
        parameters.extend(values)
        return "true" if question.filter is None else condition(question.filter, _FLOW, parameters)

    account, first, last = question.account, question.first, question.last
    is_ranked = question.order[:2] == _MOST_FIRST and skip_count + count_max <= _RANKED_MAX
    if is_ranked:
        # Purpose: those of which all usage is meant: the first ones of the first ones of each flow and last day. Index:
        # usage_kept_pkey, usage_totals_by_cost alone until they are found, usage_totals_pkey.
        whole = (
            f"select {_COLUMNS} from usage_totals where execution_id in (select r.execution_id from"
            f" (select day, flow from usage_kept where account = %s and day between %s and %s and"
            f" {taking(account, first, last)}) k cross join lateral (select cost_nanos, execution_id"
            " from usage_totals u where u.account = %s and u.flow = k.flow and u.last_day = k.day and u.first_day >= %s"
            " order by cost_nanos desc, execution_id limit %s) r order by r.cost_nanos desc, r.execution_id limit %s)"
            " and account = %s"
        )
        count = skip_count + count_max
        parameters += [account, first, count, count, account]
    else:
        # Purpose: the same in any order. Index: usage_totals_by_cost, for one flow.
        whole = (
            f"select {_COLUMNS} from usage_totals where account = %s and last_day between %s and %s and first_day >= %s"
            f" and {taking(account, first, last, first)}"
        )
    # Purpose: those that used something on other days as well. Index: usage_totals_of_days, usage_executions_pkey.
    partly = (
        f"select p.execution_id, p.flow, {', '.join(f'd.{each}' for each in SUMS)} from (select execution_id, flow"
        f" from usage_totals where account = %s and first_day < last_day and last_day >= %s and first_day <= %s"
        f" and (first_day < %s or last_day > %s) and {taking(account, first, last, first, last)}) p cross join lateral"
        f" (select {_ADDED} from usage_executions u where u.execution_id = p.execution_id and u.account = %s"
        f" and u.day between %s and %s having count(*) > 0) d"
    )
    parameters += [account, first, last]
    # Purpose: the sum of all. Index: usage_kept_pkey.
    holds = taking(account, first, last)
    total = f"select {_ADDED} from usage_kept where account = %s and day between %s and %s and {holds}"
    columns = [*question.by, *SUMS]
    order = ", ".join(f"{ordered(column, 'found.')} {'desc' if down else 'asc'}" for column, down in question.order)
    return (
        f"select {', '.join(f'found.{each}' for each in columns)}, total.* from ({whole} union all {partly}) found"
        f" cross join ({total}) total order by {order} limit %s offset %s",
        [*parameters, count_max, skip_count],
    )
