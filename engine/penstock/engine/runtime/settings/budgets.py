"""Refuses executions whose budget is used up, and stops those that run if the budget says so.

What blocks is kept in memory. As long as no budget of any account is used up that is an empty mapping, which is all
that an invocation and a node look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from penstock.engine.domain.budget import Period, period_end, start_of_day_us
from penstock.engine.domain.errors import Overloaded
from penstock.engine.domain.money import spell
from penstock.engine.nodes.authoring import PolicyError
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.storage.postgres.budgets import Blocking, BudgetRows, spent_of

REASON = "BUDGET_EXCEEDED"

_LATER_S = 3_600
"""When to ask again for what is blocked until somebody changes the budget."""
_SPANS = {Period.DAY: " today", Period.MONTH: " this month", Period.TOTAL: ""}


@dataclass(frozen=True, slots=True)
class Block:
    """A budget that is used up. `flows` are those that it blocks, None all. `renew_us` 0: it does not begin anew."""

    budget_id: str
    flows: frozenset[str] | None
    renew_us: int
    stops_running: bool
    summary: str

    def covers(self, flow: str, now_us: int) -> bool:
        return (self.flows is None or flow in self.flows) and not self.is_over(now_us)

    def is_over(self, now_us: int) -> bool:
        return 0 < self.renew_us <= now_us


_Blocks = Mapping[str, tuple[Block, ...]]


class Budgets:
    """One a process. `blocks` and `stops` are by account; `stops` are those that end what runs."""

    def __init__(self, rows: BudgetRows, bulletin: Bulletin, clock: Clock, on_stops: Callable[[], None]) -> None:
        """`on_stops` is called when something that runs may have to stop."""
        self._rows = rows
        self._bulletin = bulletin
        self._clock = clock
        self._on_stops = on_stops
        self._mark = b""
        self.blocks: _Blocks = {}
        self.stops: _Blocks = {}
        self.changes = -1
        """The number of changes that this is as new as."""
        self.refused_count = 0
        """Executions that were kept out since the process started."""

    async def load(self) -> None:
        """Reads what blocks now. Raises StoreUnavailable."""
        mark, now_us = self._bulletin.mark(), self._clock.now_us()
        self.changes, found = await self._rows.blocking(now_us)
        self._mark = mark
        blocks = [(each.account, block) for each in found if not (block := _block(each)).is_over(now_us)]
        self.blocks = _by_account(blocks)
        self.stops = _by_account((account, block) for account, block in blocks if block.stops_running)
        if self.stops:
            self._on_stops()

    @property
    def is_stale(self) -> bool:
        """Whether something that blocked has begun anew."""
        now_us = self._clock.now_us()
        return any(block.is_over(now_us) for blocks in self.blocks.values() for block in blocks)

    async def changed(self) -> None:
        """To be called when a budget was written, before anybody hears of it."""
        self._bulletin.change()
        await self.load()

    async def block_of(self, account: str, flow: str) -> Block | None:
        """What keeps new executions of a flow out. To be asked when there are `blocks` at all."""
        if self._bulletin.mark() != self._mark:
            # Somebody may just have raised a limit: their next call may come here.
            await self.load()
        return self._covering(self.blocks, account, flow)

    def refusal(self, block: Block) -> Overloaded:
        """What to raise for an execution that is kept out."""
        self.refused_count += 1
        facts = {"budget_id": block.budget_id, "retry_after_s": str(_LATER_S)}
        if block.renew_us:
            wait_us = block.renew_us - self._clock.now_us()
            facts |= {"renew_time": _time(block.renew_us), "retry_after_s": str(max(1, -(-wait_us // 1_000_000)))}
        return Overloaded(block.summary, reason=REASON, facts=facts)

    def require_running(self, account: str, flow: str) -> None:
        """Raises PolicyError when nothing more of a flow may start. To be asked when there are `stops` at all."""
        block = self._covering(self.stops, account, flow)
        if block is not None:
            raise PolicyError(block.summary, code=REASON)

    def _covering(self, blocks: _Blocks, account: str, flow: str) -> Block | None:
        now_us = self._clock.now_us()
        return next((block for block in blocks.get(account, ()) if block.covers(flow, now_us)), None)


def _by_account(blocks: Iterable[tuple[str, Block]]) -> _Blocks:
    found: dict[str, tuple[Block, ...]] = {}
    for account, block in blocks:
        found[account] = (*found.get(account, ()), block)
    return found


def _block(blocking: Blocking) -> Block:
    budget, period = blocking.budget, Period(blocking.budget.period)
    end = period_end(period, blocking.period_start)
    renew_us = 0 if end is None else start_of_day_us(end)
    flows = blocking.flows
    if flows is None and budget.flow:
        flows = [budget.flow]
    return Block(
        budget.budget_id,
        None if flows is None else frozenset(flows),
        renew_us,
        budget.stop_running,
        f"{_used_up(blocking)}; {_until(renew_us)}",
    )


def _used_up(blocking: Blocking) -> str:
    budget = blocking.budget
    spent, most = spent_of(budget, blocking.spent_nanos, blocking.spent_tokens)
    if budget.WhichOneof("limit") == "token_limit":
        amount = f"{spent:,} of {most:,} tokens"
    else:
        amount = f"{spell(spent)} of {spell(most)} USD"
    return f"budget {budget.budget_id} is used up: {amount}{_SPANS[Period(budget.period)]}"


def _until(renew_us: int) -> str:
    return f"it begins anew at {_time(renew_us)}" if renew_us else "somebody has to raise or remove it"


def _time(time_us: int) -> str:
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
