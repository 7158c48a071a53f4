"""Takes over executions that a process left behind: claims them in lots, folds their events, goes on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from penstock.engine.domain import limits
from penstock.engine.domain.errors import PenstockError
from penstock.engine.domain.event import Event
from penstock.engine.domain.fold import fold
from penstock.engine.domain.occurrence import CancelRequested
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.options import Options
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.waiters import ignore_outcome
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.engine.storage.records import ExecutionRow, Lease
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions

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
        """Executions to go on with, each with its input as its row holds it."""

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
        leases, accounts = self._runtime.leases, set[str]()
        while True:
            # A lot of the round before was claimed or not: its answer was lost.
            self._lot = self._lot or await leases.left_behind(limits.CLAIM_LOT)
            lot = await leases.claim(lease, self._lot) if self._lot else []
            self._lot = []
            if not lot:
                break
            self._claimed += lot
            accounts |= {row.account for row, _ in lot}
            count += await self._resume(lease)
        await self._cancel_orphans()
        if self._runtime.places.limited:
            await self._runtime.places.taken_over(accounts)
        await leases.forget_the_empty()
        if count:
            log.warning("executions were taken over", extra={"action": "taken_over", "count": count})
        return count

    async def _resume(self, lease: Lease) -> int:
        """Goes on with what is claimed. What cannot be taken up now stays claimed until the next round."""
        if not self._claimed:
            return 0
        logs = await self._logs([row.execution_id for row, _ in self._claimed])
        claimed, self._claimed = self._claimed, []
        count = 0
        executions = self._runtime.executions
        for row, kept in claimed:
            try:
                program = await self._runtime.catalog.program(row.account, row.graph_id)
                program.sealing_key()
                events = logs.get(row.execution_id)
                if events is None:
                    events = (await executions.logs([row.execution_id]))[row.execution_id]
                run_input = await executions.opened_input(row.execution_id, kept)
                if self._runtime.keeper.lease is not lease:
                    return count
                self._resume_one(row, run_input, program, events)
                count += 1
            except Exception as error:
                # Its package does not load here now, for example: nothing is lost, and the others go on.
                log.error(
                    "an execution cannot be taken up",
                    exc_info=not isinstance(error, PenstockError),
                    extra={"action": "resume_parked", "execution": row.execution_id, "error": str(error)},
                )
                self._claimed.append((row, kept))
        return count

    async def _logs(self, execution_ids: Sequence[str]) -> dict[str, list[Event]]:
        """The events of each; of none when one of them does not open, which must not keep the others."""
        try:
            return await self._runtime.executions.logs(execution_ids)
        except MasterKeyError:
            return {}

    def _resume_one(self, row: ExecutionRow, run_input: bytes, program: Program, events: list[Event]) -> None:
        runtime = self._runtime
        options = None if row.options is None else Options(ExecutionOptions.FromString(row.options))
        driver = Driver(runtime, row.execution_id, row.account, program, run_input, options)
        driver.parent = row.parent
        run = fold(program.graph, (*row.first_events(), *events))
        run.retries = driver.run.retries
        runtime.add(driver)
        program.tally.flow.taken_over_count += 1
        driver.take_over(run, runtime.keeper.process)
        runtime.watches.driven(driver)
        if row.status is ExecutionStatus.QUEUED:
            if runtime.places.limited and runtime.places.count(driver):
                runtime.places.wait(driver)
            elif runtime.take_place(driver):
                driver.start_queued()
        elif any(flight.wait is None for flight in run.flights.values()):
            runtime.keep_place(driver, True)

    async def _cancel_orphans(self) -> None:
        """Cancels sub-flows whose parent has ended: its own cancel may have been lost with its process."""
        children = {driver.execution_id: driver for driver in self._runtime.live() if driver.parent is not None}
        ids = list(children)
        for first in range(0, len(ids), limits.CLAIM_LOT):
            for execution_id in await self._runtime.leases.orphans(ids[first : first + limits.CLAIM_LOT]):
                parent = children[execution_id].parent
                assert parent is not None
                reason = f"parent execution {parent.execution_id.hex()} has ended"
                children[execution_id].submit(CancelRequested(reason)).add_done_callback(ignore_outcome)
