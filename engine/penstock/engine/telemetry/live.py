"""Counts the executions that live in a process: where they stand, and what their nodes wait for."""

from __future__ import annotations

import asyncio
from collections import Counter

from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.runtime import Runtime
from penstock.wire.metrics import US, Family, gauge

_AT_ONCE = 5_000
"""Executions that are looked at before others get their turn: some milliseconds."""


Waits = set[tuple[str, str]]
"""Flows, and what nodes of them have waited for."""


async def live_families(runtime: Runtime, waits: Waits) -> list[Family]:
    """By flow. A flow that ran has its numbers even when nothing of it lives.

    So have its `waits`, to which those are added that are seen: who compares with the day before needs the zeros too.
    """
    counted = _Live(runtime.clock.now_us())
    drivers = runtime.live()
    for first in range(0, len(drivers), _AT_ONCE):
        for driver in drivers[first : first + _AT_ONCE]:
            counted.add(driver)
        await asyncio.sleep(0)
    waits |= counted.waits.keys()
    return counted.families([flow.name for flow in runtime.catalog.tallies.flows()], waits)


class _Live:
    def __init__(self, now_us: int) -> None:
        self._now_us = now_us
        self._statuses: Counter[tuple[str, ExecutionStatus]] = Counter()
        self.waits: Counter[tuple[str, str]] = Counter()
        self._oldest_us: dict[tuple[str, str], int] = {}

    def add(self, driver: Driver) -> None:
        flow, run = driver.program.tally.flow.name, driver.run
        self._statuses[flow, run.status] += 1
        for flight in run.flights.values():
            if flight.wait is not None:
                key = flow, flight.wait.name
                self.waits[key] += 1
                self._oldest_us[key] = min(self._oldest_us.get(key, self._now_us), flight.since_us or self._now_us)

    def families(self, flows: list[str], waits: Waits) -> list[Family]:
        executions = gauge("penstock_executions", "Executions that this process drives, by status.")
        for flow in flows:
            for status in ExecutionStatus:
                count = self._statuses[flow, status]
                if count or status in (ExecutionStatus.QUEUED, ExecutionStatus.RUNNING, ExecutionStatus.PAUSED):
                    executions.add(count, flow=flow, status=status.name)
        waiting = gauge("penstock_nodes_waiting", "Nodes that wait, by what for.")
        oldest = gauge("penstock_node_wait_oldest_seconds", "How long the node has waited that waits longest.")
        for flow, wait in sorted(waits):
            waiting.add(self.waits[flow, wait], flow=flow, wait=wait)
            age_us = max(0, self._now_us - self._oldest_us.get((flow, wait), self._now_us))
            oldest.add(age_us / US, flow=flow, wait=wait)
        return [executions, waiting, oldest]
