"""The policies that hold now, as every node that starts asks for them: nothing while there are none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.domain.policy import Point
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.policy_rules import Rule
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.policies import PolicyRows
from penstock.engine.storage.records import ExecutionRow

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
"""How long after a process of another data directory changed a policy this one may still follow what was before."""
_KEPT_MAX = 10_000
"""Nodes of one account whose rules are kept sorted out, and executions whose labels are."""


@dataclass(frozen=True, slots=True)
class NodeRules:
    """The rules about one node, in order."""

    before: tuple[Rule, ...]
    after: tuple[Rule, ...]


class AccountRules:
    """The rules of one account."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._flows: dict[str, bool] = {}
        self._nodes: dict[tuple[str, str], NodeRules | None] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def put(self, policy_id: str, rule: Rule | None) -> None:
        """Takes a policy in place of the one of that name; None takes it away."""
        self._rules.pop(policy_id, None)
        if rule is not None:
            self._rules[policy_id] = rule
        self._flows.clear()
        self._nodes.clear()

    def are_about(self, flow: str) -> bool:
        known = self._flows.get(flow)
        if known is None:
            known = self._flows[flow] = any(rule.is_about_flow(flow) for rule in self._rules.values())
        return known

    def of(self, flow: str, node: str) -> NodeRules | None:
        key = flow, node
        if key not in self._nodes:
            if len(self._nodes) >= _KEPT_MAX:
                self._nodes.clear()
            self._nodes[key] = self._sort_out(flow, node)
        return self._nodes[key]

    def _sort_out(self, flow: str, node: str) -> NodeRules | None:
        found = [rule for rule in self._rules.values() if rule.is_about_flow(flow) and rule.is_about_node(node)]
        if not found:
            return None
        rules = sorted(found, key=attrgetter("key"))
        return NodeRules(
            tuple(rule for rule in rules if rule.point is Point.BEFORE),
            tuple(rule for rule in rules if rule.point is Point.AFTER),
        )


class Policies:
    """Holds what is stored, and notes in the drivers of `live` that there are rules about their nodes."""

    def __init__(
        self, rows: PolicyRows, executions: Executions, bulletin: Bulletin, live: Mapping[str, Driver]
    ) -> None:
        self._rows = rows
        self._executions = executions
        self._bulletin = bulletin
        self._live = live
        self._labels: dict[str, Mapping[str, str]] = {}
        self.accounts: dict[str, AccountRules] = {}
        """Of accounts that have some."""
        self._mark = b""
        self._change = 0
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Takes in what has changed since it looked last. Raises StoreUnavailable."""
        async with self._looking:
            mark = self._bulletin.mark()
            changes = await self._rows.changes_after(self._change)
            for change in changes:
                self._change = change.number
                rules = self.accounts.setdefault(change.account, AccountRules())
                rules.put(change.policy_id, None if change.policy is None else Rule(change.policy))
                if not rules:
                    del self.accounts[change.account]
            self._mark = mark
        if changes and self.accounts:
            self._tell(self._live.values())

    async def catch_up(self) -> None:
        """Looks when a process of this data directory has changed something since it looked last."""
        if self._bulletin.mark() != self._mark:
            await self.look()

    async def changed(self) -> None:
        """Has a change that is durable hold for every process of this data directory before anybody hears of it."""
        self._bulletin.change()
        await self.look()

    async def follow(self) -> None:
        """Looks each second, as long as the process lives."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                await self.look()
            except StoreUnavailable as error:
                # Nothing can be committed meanwhile either.
                log.warning("policies cannot be read", extra={"action": "policies_not_read", "error": str(error)})
            except Exception:
                log.exception("policies cannot be read", extra={"action": "policies_not_read"})

    def meet(self, driver: Driver) -> None:
        """Notes in a driver whether there are rules about nodes of its flow. Call it where there are `accounts`."""
        rules = self.accounts.get(driver.account)
        if rules is not None and rules.are_about(driver.program.artifact.flow):
            driver.is_special = True

    def _tell(self, drivers: Iterable[Driver]) -> None:
        for driver in drivers:
            self.meet(driver)

    def rules(self, account: str, flow: str, node: str) -> NodeRules | None:
        """The rules about a node that is to start; None for none."""
        rules = self.accounts.get(account)
        return None if rules is None else rules.of(flow, node)

    async def labels(self, driver: Driver) -> Mapping[str, str]:
        """Labels of an execution, which its driver does not know."""
        known = self._labels.get(driver.execution_id)
        if known is None:
            row = await self._row(driver)
            known = {} if row is None else row.labels
            if len(self._labels) >= _KEPT_MAX:
                self._labels.clear()
            self._labels[driver.execution_id] = known
        return known

    async def _row(self, driver: Driver) -> ExecutionRow | None:
        """Tries until the database answers, as the journal does: no node fails for want of it."""
        while True:
            try:
                return await self._executions.get(driver.execution_id, driver.account)
            except StoreUnavailable:
                await asyncio.sleep(_LOOK_EVERY_S)
