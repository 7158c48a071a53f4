"""UsageService: tells what nodes used, and keeps budgets for it."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from penstock.engine.domain import page
from penstock.engine.domain.budget import Period, period_end, start_of_day_us
from penstock.engine.domain.errors import AlreadyExists, NotFound, Superseded
from penstock.engine.domain.money import spell
from penstock.engine.rpc import requests
from penstock.engine.rpc.messages import timestamp
from penstock.engine.rpc.settings.budget_checks import check_budget, check_budget_id
from penstock.engine.rpc.settings.update_mask import fields_to_change, only
from penstock.engine.rpc.settings.usage_questions import field_of, question
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.settings.budgets import Budgets
from penstock.engine.runtime.upkeep.usage import UsageRollup
from penstock.engine.storage.postgres.budgets import SET_BY_SERVER, BudgetRow, BudgetRows
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.usage import Sums
from penstock.engine.storage.postgres.usage_queries import UsageQueries, Used
from penstock.wire.gen import usage_service_pb2 as pb
from penstock.wire.gen.budget_pb2 import Budget
from penstock.wire.gen.usage_pb2 import Usage
from penstock.wire.service import Caller

_EDITABLE = tuple(field.name for field in Budget.DESCRIPTOR.fields if field.name not in (*SET_BY_SERVER, "budget_id"))
_COUNT_MAX = 2**63 - 1


class UsageService:
    """See proto/penstock/v1/usage_service.proto."""

    def __init__(
        self, database: Database, rollup: UsageRollup, budgets: Budgets, registry: Registry, clock: Clock
    ) -> None:
        self._queries = UsageQueries(database)
        self._rows = BudgetRows(database)
        self._rollup = rollup
        self._budgets = budgets
        self._registry = registry
        self._clock = clock

    async def query_usage(self, request: pb.QueryUsageRequest, caller: Caller) -> pb.QueryUsageResponse:
        size = requests.page_size(request)
        asked = question(request, caller.account, self._clock.now_us())
        binding = f"usage|{caller.account}|{asked.first}|{asked.last}|{request.filter}|{asked.by}|{asked.order}"
        skip_count = requests.sequence_token(request.page_token, binding)
        await self._rollup.catch_up()
        found, total = await self._queries.page(asked, skip_count, size + 1)
        return pb.QueryUsageResponse(
            usage=[_usage(asked.by, each) for each in found[:size]],
            total=_sums(total),
            start_date=asked.first.isoformat(),
            end_date=asked.last.isoformat(),
            next_page_token=page.encode(str(skip_count + size), binding) if len(found) > size else "",
        )

    async def create_budget(self, request: pb.CreateBudgetRequest, caller: Caller) -> Budget:
        check_budget(request.budget)
        await self._check_flow(caller, request.budget.flow)
        await self._rollup.catch_up()
        return await self._written(await self._rows.create(caller.account, request.budget, self._clock.now_us()))

    async def get_budget(self, request: pb.GetBudgetRequest, caller: Caller) -> Budget:
        await self._rollup.catch_up()
        row = await self._rows.budget(caller.account, request.budget_id, self._clock.now_us())
        if row is None:
            raise _unknown(request.budget_id)
        return _budget(row)

    async def list_budgets(self, request: pb.ListBudgetsRequest, caller: Caller) -> pb.ListBudgetsResponse:
        size = requests.page_size(request)
        binding = f"budgets|{caller.account}"
        after = page.decode(request.page_token, binding) if request.page_token else ""
        await self._rollup.catch_up()
        found = await self._rows.budgets(caller.account, after, size + 1, self._clock.now_us())
        return pb.ListBudgetsResponse(
            budgets=map(_budget, found[:size]),
            next_page_token=page.encode(found[size - 1].budget.budget_id, binding) if len(found) > size else "",
        )

    async def update_budget(self, request: pb.UpdateBudgetRequest, caller: Caller) -> Budget:
        fields = fields_to_change(request.update_mask, request.budget, _EDITABLE)
        check_budget_id(request.budget.budget_id)

        def edit(current: Budget) -> Budget:
            for field in fields:
                current.ClearField(field)
            current.MergeFrom(only(request.budget, fields))
            check_budget(current)
            return current

        if "flow" in fields:
            await self._check_flow(caller, request.budget.flow)
        await self._rollup.catch_up()
        budget_id, now_us = request.budget.budget_id, self._clock.now_us()
        row = await self._rows.change(caller.account, budget_id, edit, now_us)
        if row is None and not request.allow_missing:
            raise _unknown(budget_id)
        if row is None:
            try:
                row = await self._rows.create(caller.account, edit(Budget(budget_id=budget_id)), now_us)
            except AlreadyExists as error:
                raise Superseded(f"budget {budget_id} was made by somebody else meanwhile: try again") from error
        return await self._written(row)

    async def delete_budget(self, request: pb.DeleteBudgetRequest, caller: Caller) -> Empty:
        if not await self._rows.delete(caller.account, request.budget_id):
            raise _unknown(request.budget_id)
        await self._budgets.changed()
        return Empty()

    async def _written(self, row: BudgetRow) -> Budget:
        await self._budgets.changed()
        return _budget(row)

    async def _check_flow(self, caller: Caller, flow: str) -> None:
        """A budget of a flow that does not exist would never count, and nobody would hear of it."""
        if flow and await self._registry.draft(caller.account, flow) is None:
            raise NotFound(f"there is no flow {flow[:80]}")


def _usage(by: tuple[str, ...], used: Used) -> Usage:
    usage = _sums(used.sums)
    for column, value in zip(by, used.group, strict=True):
        text = value.hex if column == "execution_id" else str(value)
        setattr(usage, field_of(column), text)
    return usage


def _sums(sums: Sums) -> Usage:
    return Usage(
        calls=min(sums.calls, _COUNT_MAX),
        input_tokens=min(sums.input_tokens, _COUNT_MAX),
        cached_tokens=min(sums.cached_tokens, _COUNT_MAX),
        output_tokens=min(sums.output_tokens, _COUNT_MAX),
        cost=spell(sums.cost_nanos),
    )


def _budget(row: BudgetRow) -> Budget:
    budget = row.budget
    budget.state = row.state.name  # type: ignore[assignment]
    budget.spent_cost = spell(row.spent_nanos)
    budget.spent_tokens = min(row.spent_tokens, _COUNT_MAX)
    end = period_end(Period(budget.period), row.period_start)
    if end is not None:
        budget.period_start_time.CopyFrom(timestamp(start_of_day_us(row.period_start)))
        budget.renew_time.CopyFrom(timestamp(start_of_day_us(end)))
    return budget


def _unknown(budget_id: str) -> NotFound:
    return NotFound(f"there is no budget {budget_id[:80]}")
