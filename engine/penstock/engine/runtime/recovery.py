"""Takes over executions that a process left behind: claims them in lots, folds their events, goes on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from penstock.engine.domain import limits
from penstock.engine.domain.errors import PenstockError
from penstock.engine.domain.event import Event
from penstock.engine.domain.fold import fold
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.program import Program
from penstock.engine.storage.records import ExecutionRow, Lease

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)


class Recovery:
    """`run` may be called at any time; one call works at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._is_running = False
        self._lease: Lease | None = None
        self._lot: list[UUID] = []
        self._claimed: list[tuple[ExecutionRow, bytes]] = []

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
        lease = self._runtime.keeper.lease
        if lease is not self._lease:
            # What was claimed under a lost lease is anybody's.
            self._lease, self._lot, self._claimed = lease, [], []
        count = await self._resume(lease)
        leases = self._runtime.leases
        while True:
            # A lot of the round before was claimed or not: its answer was lost.
            self._lot = self._lot or await leases.left_behind(limits.CLAIM_LOT)
            lot = await leases.claim(lease, self._lot) if self._lot else []
            self._lot = []
            if not lot:
                break
            self._claimed += lot
            count += await self._resume(lease)
        await leases.forget_the_empty()
        if count:
            log.warning("executions were taken over", extra={"action": "taken_over", "count": count})
        return count

    async def _resume(self, lease: Lease) -> int:
        """Goes on with what is claimed. What cannot be taken up now stays claimed until the next round."""
        if not self._claimed:
            return 0
        logs = await self._runtime.executions.logs([row.execution_id for row, _ in self._claimed])
        claimed, self._claimed = self._claimed, []
        count = 0
        for row, run_input in claimed:
            try:
                program = await self._runtime.catalog.program(row.account, row.graph_id)
                if self._runtime.keeper.lease is not lease:
                    return count
                self._resume_one(row, run_input, program, logs[row.execution_id])
                count += 1
            except Exception as error:
                # Its package does not load here now, for example: nothing is lost, and the others go on.
                log.error(
                    "an execution cannot be taken up",
                    exc_info=not isinstance(error, PenstockError),
                    extra={"action": "resume_parked", "execution": row.execution_id, "error": str(error)},
                )
                self._claimed.append((row, run_input))
        return count

    def _resume_one(self, row: ExecutionRow, run_input: bytes, program: Program, events: list[Event]) -> None:
        runtime = self._runtime
        driver = Driver(runtime, row.execution_id, row.account, program, run_input)
        driver.run = fold(program.graph, (*row.first_events(), *events))
        runtime.add(driver)
        if row.status is ExecutionStatus.QUEUED:
            if runtime.take_place(driver):
                driver.start_queued()
        else:
            runtime.occupy_place(driver)
            driver.take_over(runtime.keeper.process)
