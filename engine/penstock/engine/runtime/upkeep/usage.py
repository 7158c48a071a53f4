"""Adds up what nodes report that they use: once, off the hot path, in whichever process comes first.

Reports are rows of the log. They are followed in the order of their commits, and where one stands is moved in the
transaction that adds them: whichever process dies, none is left out and none counts twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from penstock.engine.domain.budget import BudgetState
from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.domain.money import spell
from penstock.engine.nodes.authoring.reports import NAME_LENGTH_MAX
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.budgets import Budgets
from penstock.engine.storage.postgres.budgets import BudgetRow, BudgetRows, settle
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.usage import Group, ReportRow, Sums, UsageRows, UsageTurn
from penstock.engine.storage.reported_usage import cost_nanos
from penstock.wire.gen.event_pb2 import NodeReport
from penstock.wire.metrics import Family, gauge, total

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_AGAIN_S = 0.005
_CATCH_UP_S_MAX = 1.0
"""How long a question waits for transactions that began before it: the journal's take milliseconds."""
_NAMES_KEPT_MAX = 10_000


def make_usage(database: Database, folder: Path, clock: Clock, on_stops: Callable[[], None]) -> UsageRollup:
    """For one process. `folder` is what it shares with others of its data directory; for `on_stops` see `Budgets`."""
    budgets = Budgets(BudgetRows(database), Bulletin(folder / ".budgets"), clock, on_stops)
    return UsageRollup(UsageRows(database), budgets, clock)


class UsageRollup:
    """One a process. `start` and `stop` in one event loop."""

    def __init__(self, rows: UsageRows, budgets: Budgets, clock: Clock) -> None:
        self._rows = rows
        self.budgets = budgets
        self._clock = clock
        self._names: dict[str, Sequence[str]] = {}
        self._task: asyncio.Task[None] | None = None
        self.report_count = 0
        """Reports that this process read since it started, what was logged among them."""

    async def start(self) -> None:
        """From now on what blocks executions is known. Raises StoreUnavailable."""
        await self.budgets.load()
        self._task = asyncio.create_task(self._follow(), name="usage")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def families(self) -> list[Family]:
        """What this process tells of itself."""
        blocking = sum(map(len, self.budgets.blocks.values()))
        return [
            total("penstock_usage_reports", "Reports of nodes that were read to add up usage.", self.report_count),
            gauge("penstock_budgets_blocking", "Budgets that are used up and refuse executions.", blocking),
            total("penstock_budget_refusals", "Executions refused for a budget.", self.budgets.refused_count),
        ]

    async def catch_up(self) -> None:
        """Returns when everything is added up that was committed before. Raises StoreUnavailable.

        After a second it returns anyway: somebody keeps a transaction open.
        """
        below = await self._rows.now()
        loop = asyncio.get_running_loop()
        until = loop.time() + _CATCH_UP_S_MAX
        while (pending := await self._rows.pending(below)).is_behind and loop.time() < until:
            if not pending.is_ready or not await self._add_lot():
                await asyncio.sleep(_AGAIN_S)
        if pending.changes != self.budgets.changes:
            await self.budgets.load()

    async def _follow(self) -> None:
        while True:
            try:
                await self._look()
            except StoreUnavailable as error:
                log.warning("usage waits", extra={"action": "usage_waits", "error": str(error)})
            except Exception:
                # Whatever it is: a process that stops looking lets everything in.
                log.exception("usage waits", extra={"action": "usage_waits"})
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self) -> None:
        """Adds up what there is, and sees what blocks executions now."""
        pending = await self._rows.pending()
        while pending.is_ready and await self._add_lot():
            pending = await self._rows.pending()
        if pending.changes != self.budgets.changes or self.budgets.is_stale:
            await self.budgets.load()

    async def _add_lot(self) -> bool:
        """Whether it was this process's turn."""
        worse: list[BudgetRow] = []
        async with self._rows.turn() as turn:
            if turn is None:
                return False
            lot = await turn.lot()
            if lot:
                worse = await self._add(turn, lot)
        self.report_count += len(lot)
        for row in worse:
            _tell(row)
        return True

    async def _add(self, turn: UsageTurn, lot: list[ReportRow]) -> list[BudgetRow]:
        used: dict[Group, Sums] = {}
        for row in lot:
            if row.payload is not None and row.account is not None:
                group, sums = await self._read(turn, row, row.account, row.payload)
                used.setdefault(group, Sums()).add(sums)
        await turn.add(used, lot[-1].xid)
        return await settle(turn.connection, used, self._clock.now_us()) if used else []

    async def _read(self, turn: UsageTurn, row: ReportRow, account: str, payload: bytes) -> tuple[Group, Sums]:
        usage = NodeReport.FromString(payload).usage
        node = await self._name(turn, account, row.graph_id, row.node)
        provider, model = _storable((usage.provider, usage.model))
        group = Group(row.execution_id, account, row.day, row.flow, node, provider, model)
        return group, Sums(1, usage.input_tokens, usage.cached_tokens, usage.output_tokens, cost_nanos(usage))

    async def _name(self, turn: UsageTurn, account: str, graph_id: str, node: int) -> str:
        names = self._names.get(graph_id)
        if names is None:
            names = await turn.nodes(account, graph_id)
            if len(self._names) >= _NAMES_KEPT_MAX:
                self._names.clear()
            self._names[graph_id] = names
        return names[node] if node < len(names) else str(node)


def _storable(names: Iterable[str]) -> Iterable[str]:
    """Names as columns take them, whichever version reported them."""
    return (name.replace("\0", "�")[:NAME_LENGTH_MAX] for name in names)


def _tell(row: BudgetRow) -> None:
    """Has the log say that more than it should be is used of a budget."""
    budget = row.budget
    log.warning(
        "a budget is used up" if row.state is BudgetState.EXCEEDED else "a budget is nearly used up",
        extra={
            "action": "budget_exceeded" if row.state is BudgetState.EXCEEDED else "budget_warned",
            "account": row.account,
            "budget": budget.budget_id,
            "spent_cost": spell(row.spent_nanos),
            "spent_tokens": row.spent_tokens,
        },
    )
