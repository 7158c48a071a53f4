"""Takes over executions that a process left behind: claims them in lots, folds their events, goes on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from penstock.engine.domain import limits
from penstock.engine.domain.errors import PenstockError
from penstock.engine.domain.event import Event
from penstock.engine.domain.fold import fold
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.driver import Driver
from penstock.engine.storage.records import ExecutionRow

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)


class Recovery:
    """`run` may be called at any time; one call works at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._is_running = False
        self._parked: list[tuple[ExecutionRow, bytes]] = []

    async def run(self) -> int:
        """Takes over everything there is. Gives the number of executions that go on."""
        if self._is_running:
            return 0
        self._is_running = True
        try:
            return await self._run()
        finally:
            self._is_running = False

    async def _run(self) -> int:
        count = 0
        parked, self._parked = self._parked, []
        if parked:
            count += await self._resume(parked)
        leases = self._runtime.leases
        while lot := await leases.claim(self._runtime.keeper.lease, limits.CLAIM_LOT):
            count += await self._resume(lot)
        await leases.forget_the_empty()
        if count:
            log.warning("executions were taken over", extra={"action": "taken_over", "count": count})
        return count

    async def _resume(self, lot: list[tuple[ExecutionRow, bytes]]) -> int:
        count = 0
        logs = await self._runtime.executions.logs([row.execution_id for row, _ in lot])
        for row, run_input in lot:
            try:
                await self._resume_one(row, run_input, logs[row.execution_id])
                count += 1
            except PenstockError as error:
                # Its package does not load here now: it waits for the next round, nothing is lost.
                log.error(
                    "an execution cannot be taken up",
                    extra={"action": "resume_parked", "execution": row.execution_id, "error": str(error)},
                )
                self._parked.append((row, run_input))
        return count

    async def _resume_one(self, row: ExecutionRow, run_input: bytes, events: list[Event]) -> None:
        runtime = self._runtime
        program = await runtime.catalog.program(row.account, row.graph_id)
        driver = Driver(runtime, row.execution_id, row.account, program, run_input)
        driver.create_us = row.create_us
        driver.run = fold(program.graph, (*row.first_events(), *events))
        runtime.add(driver)
        if row.status is ExecutionStatus.QUEUED:
            if runtime.take_place(driver):
                driver.start_queued()
        else:
            runtime.occupy_place(driver)
            driver.take_over(runtime.keeper.process)
