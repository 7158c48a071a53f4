"""Budgets in the store, and how much of each is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import psycopg

from penstock.engine.domain import limits
from penstock.engine.domain.budget import BudgetState, Period, budget_state, day_of, period_start
from penstock.engine.domain.errors import AlreadyExists, Conflict
from penstock.engine.domain.money import nanos_of
from penstock.engine.storage.postgres.database import Database, Row, to_time
from penstock.engine.storage.postgres.usage import Group, Sums, hold, note_change
from penstock.wire.gen.budget_pb2 import Budget

WARN_AT_DEFAULT = 0.8
_KNOWN_DAYS = 31
"""A budget of a provider or a model blocks the flows that used it within so many days."""

_COUNTS = """u.account = b.account and (b.flow = '' or u.flow = b.flow)
  and (b.provider = '' or u.provider = b.provider) and (b.model = '' or u.model = b.model)"""
_START = "case b.period when 1 then %(day)s::date when 2 then %(month)s::date else '0001-01-01' end"
_SUM = f"(select coalesce(sum({{}}), 0) from usage_days u where {_COUNTS} and u.day >= {_START})"
# Purpose: budgets with what was spent of them in the period of a day. It is added up where what is stored is that of
# another period. Index: budgets_pkey, usage_days_pkey.
_SPENT = f"""select b.account, b.budget, b.create_time, b.update_time, b.state, b.period_start,
  case when b.period_start = {_START} then b.spent_nanos else {_SUM.format("u.cost_nanos")} end,
  case when b.period_start = {_START} then b.spent_tokens
    else {_SUM.format("u.input_tokens + u.output_tokens")} end
from budgets b"""
_GET = f"{_SPENT} where b.account = %(account)s and b.budget_id = %(budget_id)s"
_LIST = f"""{_SPENT} where b.account = %(account)s and b.budget_id > %(after)s
order by b.budget_id limit %(count_max)s"""
_OF_ACCOUNTS = f"{_SPENT} where b.account = any(%(accounts)s) order by b.account, b.budget_id"
# Purpose: what blocks executions, with the flows that used what it is for. Index: budgets_that_block, usage_days_pkey.
_BLOCKING = f"""select b.account, b.budget, b.period_start, b.spent_nanos, b.spent_tokens,
  case when b.provider = '' and b.model = '' then null
    else array(select distinct u.flow from usage_days u
      where {_COUNTS} and u.day >= least(b.period_start, %(known_since)s::date)) end
from budgets b where b.action = 2 and b.state = 3"""
# Purpose: what stands for one budget. Index: budgets_pkey.
_STORED = "select budget from budgets where account = %s and budget_id = %s"
# Purpose: store a new one, unless the account has too many. Index: budgets_pkey.
_INSERT = """insert into budgets (account, budget_id, flow, provider, model, period, action, budget, update_time,
  create_time, state, spent_nanos, spent_tokens)
select %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, 0, 0
where (select count(*) from (select 1 from budgets where account = %s limit %s) b) < %s returning 1"""
_UPDATE = """update budgets set flow = %s, provider = %s, model = %s, period = %s, action = %s, budget = %s,
  update_time = %s, period_start = null where account = %s and budget_id = %s"""
# Purpose: keep what budgets say now. Locks: their rows. Index: budgets_pkey.
_KEEP = """update budgets set state = %s, period_start = %s, spent_nanos = %s, spent_tokens = %s
where account = %s and budget_id = %s"""
_DELETE = "delete from budgets where account = %s and budget_id = %s returning 1"
_CHANGES = "select changes from usage_progress"


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """`was` is the state that is stored, `was_since` the start of its period, None when it has to be added up anew.

    The rest is as of now. Costs are nanos.
    """

    account: str
    budget: Budget
    period_start: date
    was: BudgetState
    was_since: date | None
    spent_nanos: int
    spent_tokens: int

    @property
    def state(self) -> BudgetState:
        warn_at = self.budget.warn_at if self.budget.HasField("warn_at") else WARN_AT_DEFAULT
        return budget_state(*spent_of(self.budget, self.spent_nanos, self.spent_tokens), warn_at)

    def counts(self, group: Group) -> bool:
        """Whether usage is what it is for."""
        budget = self.budget
        scope = ((budget.flow, group.flow), (budget.provider, group.provider), (budget.model, group.model))
        return (
            group.account == self.account
            and group.day >= self.period_start
            and all(wanted in ("", given) for wanted, given in scope)
        )

    @property
    def is_worse(self) -> bool:
        """Whether more of it is used than somebody has been told in this period."""
        return self.state > (self.was if self.was_since == self.period_start else BudgetState.OK)

    @property
    def may_block(self) -> bool:
        """Whether it blocks executions now, or did: then others have to look."""
        states = (self.state, self.was)
        return self.budget.action == Budget.BLOCK and BudgetState.EXCEEDED in states


class Blocking(NamedTuple):
    """A budget that is used up. `flows` are those that it blocks; None stands for what its scope says."""

    account: str
    budget: Budget
    period_start: date
    spent_nanos: int
    spent_tokens: int
    flows: list[str] | None


class BudgetRows:
    """Statements on budgets. Nothing here is on the hot path: what blocks is kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, account: str, budget: Budget, now_us: int) -> BudgetRow:
        """Raises AlreadyExists, and Conflict for one too many."""
        now, most = to_time(now_us), limits.BUDGETS_MAX
        try:
            async with self._database.transaction() as connection:
                await hold(connection)
                columns = (account, budget.budget_id, *_columns(budget), now, now, account, most, most)
                inserted = await (await connection.execute(_INSERT, columns)).fetchone()
                if inserted is None:
                    raise Conflict(
                        f"the account has {most:,} budgets already, and more it cannot have", reason="TOO_MANY"
                    )
                return await _settled(connection, account, budget.budget_id, now_us)
        except psycopg.errors.UniqueViolation as error:
            raise AlreadyExists(f"there is a budget {budget.budget_id} already") from error

    async def budget(self, account: str, budget_id: str, now_us: int) -> BudgetRow | None:
        parameters = {"account": account, "budget_id": budget_id, **_today(now_us)}
        row = await self._database.fetch_one(_GET, parameters)
        return None if row is None else _budget(row, day_of(now_us))

    async def budgets(self, account: str, after: str, count_max: int, now_us: int) -> list[BudgetRow]:
        """By name, those behind `after`."""
        parameters = {"account": account, "after": after, "count_max": count_max, **_today(now_us)}
        return [_budget(row, day_of(now_us)) for row in await self._database.fetch_all(_LIST, parameters)]

    async def change(
        self, account: str, budget_id: str, edit: Callable[[Budget], Budget], now_us: int
    ) -> BudgetRow | None:
        """Stores what `edit` makes of a budget; None when there is none."""
        async with self._database.transaction() as connection:
            await hold(connection)
            row = await (await connection.execute(_STORED, (account, budget_id), binary=True)).fetchone()
            if row is None:
                return None
            changed = edit(Budget.FromString(row[0]))
            await connection.execute(_UPDATE, (*_columns(changed), to_time(now_us), account, budget_id))
            return await _settled(connection, account, budget_id, now_us)

    async def delete(self, account: str, budget_id: str) -> bool:
        """Whether there was one."""
        async with self._database.transaction() as connection:
            await hold(connection)
            gone = await (await connection.execute(_DELETE, (account, budget_id))).fetchone()
            await note_change(connection)
            return gone is not None

    async def blocking(self, now_us: int) -> tuple[int, list[Blocking]]:
        """What blocks executions of any account, and the number of changes that it is as new as, at least."""
        row = await self._database.fetch_one(_CHANGES)
        assert row is not None
        known_since = day_of(now_us) - timedelta(days=_KNOWN_DAYS)
        rows = await self._database.fetch_all(_BLOCKING, {"known_since": known_since})
        return row[0], [
            Blocking(account, Budget.FromString(budget), start, int(cost), int(tokens), flows)
            for account, budget, start, cost, tokens, flows in rows
        ]


async def settle(connection: psycopg.AsyncConnection[Row], used: Mapping[Group, Sums], now_us: int) -> list[BudgetRow]:
    """Keeps what the budgets say after usage that was just added. Every process hears when that may block executions.

    Gives those that are worse off than before. Its caller adds up, or keeps others from it.
    """
    parameters = {"accounts": sorted({group.account for group in used}), **_today(now_us)}
    cursor = await connection.execute(_OF_ACCOUNTS, parameters, binary=True)
    found = [_after(_budget(row, day_of(now_us)), used) for row in await cursor.fetchall()]
    for row in found:
        await _keep(connection, row)
    if any(row.may_block for row in found):
        await note_change(connection)
    return [row for row in found if row.is_worse]


def _after(row: BudgetRow, used: Mapping[Group, Sums]) -> BudgetRow:
    """The row with usage that what is stored does not hold yet; what was added up anew holds it."""
    if row.was_since != row.period_start:
        return row
    counted = [sums for group, sums in used.items() if row.counts(group)]
    nanos = row.spent_nanos + sum(sums.cost_nanos for sums in counted)
    tokens = row.spent_tokens + sum(sums.input_tokens + sums.output_tokens for sums in counted)
    return replace(row, spent_nanos=nanos, spent_tokens=tokens)


async def _keep(connection: psycopg.AsyncConnection[Row], row: BudgetRow) -> None:
    spent = (row.spent_nanos, row.spent_tokens)
    place = (row.account, row.budget.budget_id)
    await connection.execute(_KEEP, (int(row.state), row.period_start, *map(Decimal, spent), *place))


async def _settled(connection: psycopg.AsyncConnection[Row], account: str, budget_id: str, now_us: int) -> BudgetRow:
    """A budget that was just written, added up."""
    parameters = {"account": account, "budget_id": budget_id, **_today(now_us)}
    found = await (await connection.execute(_GET, parameters, binary=True)).fetchone()
    assert found is not None
    row = _budget(found, day_of(now_us))
    await _keep(connection, row)
    await note_change(connection)
    return row


def _today(now_us: int) -> dict[str, date]:
    day = day_of(now_us)
    return {"day": day, "month": period_start(Period.MONTH, day)}


def _columns(budget: Budget) -> tuple[object, ...]:
    return (
        budget.flow,
        budget.provider,
        budget.model,
        int(budget.period),
        int(budget.action),
        _stored(budget),
    )


def _stored(budget: Budget) -> bytes:
    """Without what the server says."""
    stored = Budget()
    stored.CopyFrom(budget)
    for field in SET_BY_SERVER:
        stored.ClearField(field)
    return stored.SerializeToString(deterministic=True)


SET_BY_SERVER = (
    "state",
    "spent_cost",
    "spent_tokens",
    "period_start_time",
    "renew_time",
    "create_time",
    "update_time",
)


def _budget(row: Row, day: date) -> BudgetRow:
    account, stored, created, updated, was, was_since, cost, tokens = row
    budget = Budget.FromString(stored)
    budget.create_time.FromDatetime(created)
    budget.update_time.FromDatetime(updated)
    start = period_start(Period(budget.period), day)
    return BudgetRow(account, budget, start, BudgetState(was), was_since, int(cost), int(tokens))


def spent_of(budget: Budget, spent_nanos: int, spent_tokens: int) -> tuple[int, int]:
    """What was spent and what may be, in the unit of the budget's limit."""
    if budget.WhichOneof("limit") == "token_limit":
        return spent_tokens, budget.token_limit
    return spent_nanos, nanos_of(budget.cost_limit)
