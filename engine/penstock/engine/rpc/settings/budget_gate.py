"""Keeps executions out whose budget is used up."""

from __future__ import annotations

from penstock.engine.runtime.runtime import Runtime


async def require_budget(runtime: Runtime, account: str, flow: str, request_id: str) -> None:
    """Raises Overloaded with the reason BUDGET_EXCEEDED. To be asked when there are `blocks` at all.

    A request that was accepted before is no new one: it is answered.
    """
    block = await runtime.budgets.block_of(account, flow)
    if block is None or (request_id and await runtime.executions.is_used(account, request_id)):
        return
    raise runtime.budgets.refusal(block)
