"""Does what was asked for many executions at once: in lots, each named before its first act.

One process does an operation. When that dies another one goes on with the lot that it was at: every act has a request
id that follows from the operation and the execution, so nothing is done twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import InvalidArgument, StoreUnavailable, Unauthenticated
from penstock.engine.domain.ids import execution_id as new_id
from penstock.engine.storage.postgres.bulk import Bulk, BulkRows, BulkState
from penstock.engine.storage.postgres.bulk_targets import COUNT_MAX, BulkTargets, Target
from penstock.engine.storage.records import Lease
from penstock.wire.gen.bulk_operation_pb2 import BulkProblem
from penstock.wire.status import RpcError

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Acts under way of one operation: enough for the journal to write them in groups, few enough to leave others room."""
LOT = 64
"""Executions between two notes of how far an operation is: what a process that dies does once more."""
PROBLEMS_MAX = 50
OPERATIONS_MAX = 4
"""Operations that one process does at a time; others wait."""
_LOOK_EVERY_S = 5.0
"""How often a process looks for what another one left behind."""
_DELAYS_S = (0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 6.0, 10.0, 10.0, 10.0)
"""Between tries of an act for which there is no room or no database now."""
_NEWEST = (1 << 62) - 1
"""The random part of the last id of a moment."""


class Outcome(Enum):
    DONE = 1
    SKIPPED = 2
    FAILED = 3
    LATER = 4
    """There is no room for it now."""


@dataclass(frozen=True, slots=True)
class Act:
    """What came of one act. `problem` says why it failed."""

    outcome: Outcome
    problem: BulkProblem | None = None


Acting = Callable[[Bulk, str, bool], Awaitable[Act]]
"""Acts on one execution; the last argument says whether it may have been acted on before."""
Finding = Callable[[Bulk], Awaitable[Target]]
"""Which executions are meant. Raises InvalidArgument when that cannot be said any more, RpcError or Unauthenticated
when the key of whoever asked goes no further."""


def last_meant(create_us: int) -> str:
    """The newest execution that an operation of this time is about."""
    return new_id(create_us, _NEWEST)


class BulkRunner:
    """Looks for operations from `start` on, and at once when `nudge` is called."""

    def __init__(self, runtime: Runtime, rows: BulkRows, targets: BulkTargets, find: Finding, act: Acting) -> None:
        self._runtime = runtime
        self._rows = rows
        self._targets = targets
        self._find = find
        self._act = act
        self._nudged = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def start(self) -> None:
        self._looking = asyncio.create_task(self._look_for_ever(), name="bulk operations")

    async def stop(self) -> None:
        """Lets go of what is under way: another process goes on with it, or this one after its next start."""
        tasks = [*self._running, *([] if self._looking is None else [self._looking])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def lease(self) -> Lease:
        """That of this process."""
        return self._runtime.keeper.lease

    def nudge(self) -> None:
        """There is something to do."""
        self._nudged.set()

    async def change(self, timeout_s: float) -> None:
        """Returns when an operation of this process went on, or the time is up."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _look_for_ever(self) -> None:
        while True:
            self._nudged.clear()
            try:
                await self._look()
            except StoreUnavailable as error:
                log.warning("bulk operations cannot be read", extra={"action": "bulk_not_read", "error": str(error)})
            except Exception:
                log.exception("bulk operations cannot be read", extra={"action": "bulk_not_read"})
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._nudged.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        room = OPERATIONS_MAX - len(self._running)
        if room <= 0 or self._runtime.is_stopping:
            return
        lease = self._runtime.keeper.lease
        for bulk in await self._rows.claim(lease, room, self._runtime.clock.now_us()):
            task = asyncio.create_task(self._do(bulk, lease), name=f"bulk operation {bulk.operation_id}")
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.nudge()

    async def _do(self, bulk: Bulk, lease: Lease) -> None:
        facts = {"operation": bulk.operation_id}
        try:
            await self._go_on(bulk, lease)
        except StoreUnavailable as error:
            # Its lease is this process's: it is given back by being fenced, or taken up here.
            log.warning("a bulk operation waits", extra={"action": "bulk_waits", "error": str(error), **facts})
            await self._try_again(bulk, lease)
        except (InvalidArgument, RpcError, Unauthenticated) as error:
            await self._end(bulk, lease, BulkState.FAILED, error.message)
        except Exception:
            log.exception("a bulk operation cannot go on", extra={"action": "bulk_failed", **facts})
            await self._end(bulk, lease, BulkState.FAILED, "an internal error; the server's log says which")

    async def _try_again(self, bulk: Bulk, lease: Lease) -> None:
        """Goes on from what is on record once the database answers, as long as the lease holds."""
        while self._runtime.keeper.lease is lease:
            await asyncio.sleep(_DELAYS_S[4])
            try:
                found = await self._rows.get(bulk.operation_id, bulk.account)
            except StoreUnavailable:
                continue
            if found is not None and found.state is BulkState.RUNNING:
                await self._do(found, lease)
            return

    async def _go_on(self, bulk: Bulk, lease: Lease) -> None:
        if bulk.matched is None:
            bulk.matched = min(await self._targets.count(await self._find(bulk)), bulk.request.limit or COUNT_MAX)
        # What a process before was at: some of it is done.
        is_repeat = bool(bulk.lot)
        while not bulk.is_stopped:
            if not bulk.lot:
                bulk.lot = await self._following(bulk)
                if not bulk.lot:
                    await self._end(bulk, lease, BulkState.SUCCEEDED)
                    return
                if not await self._save(bulk, lease):
                    return
                if bulk.is_stopped:
                    bulk.lot = []
                    break
            await self._act_on(bulk, is_repeat)
            bulk.position, bulk.lot, is_repeat = bulk.lot[-1], [], False
            # The next lot is named in the same note as the end of this one.
            bulk.lot = await self._following(bulk)
            if not await self._save(bulk, lease):
                return
        await self._end(bulk, lease, BulkState.CANCELLED)

    async def _following(self, bulk: Bulk) -> list[str]:
        """The next lot, as far as the key of whoever asked goes now."""
        limit = bulk.request.limit
        room = min(LOT, limit - bulk.settled) if limit else LOT
        return await self._targets.following(await self._find(bulk), bulk.position, room)

    async def _act_on(self, bulk: Bulk, is_repeat: bool) -> None:
        """Acts on each of a lot."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(execution_id: str) -> Act:
            async with places:
                return await self._act_until_done(bulk, execution_id, is_repeat)

        acts = await asyncio.gather(*(one(each) for each in bulk.lot))
        for act in acts:
            bulk.done += act.outcome is Outcome.DONE
            bulk.skipped += act.outcome is Outcome.SKIPPED
            bulk.failed += act.outcome is Outcome.FAILED
            if act.problem is not None and len(bulk.problems) < PROBLEMS_MAX:
                bulk.problems.append(act.problem)

    async def _act_until_done(self, bulk: Bulk, execution_id: str, is_repeat: bool) -> Act:
        for delay_s in _DELAYS_S:
            act = await self._act(bulk, execution_id, is_repeat)
            if act.outcome is not Outcome.LATER:
                return act
            await asyncio.sleep(delay_s)
            is_repeat = True
            if await self._is_stopped(bulk):
                return Act(Outcome.SKIPPED)
        act = await self._act(bulk, execution_id, True)
        return Act(Outcome.FAILED, act.problem) if act.outcome is Outcome.LATER else act

    async def _is_stopped(self, bulk: Bulk) -> bool:
        try:
            return await self._rows.is_stopped(bulk.operation_id)
        except StoreUnavailable:
            return False

    async def _save(self, bulk: Bulk, lease: Lease) -> bool:
        """Whether the operation is still this process's."""
        is_stopped = await self._rows.save(bulk, lease, self._runtime.clock.now_us())
        self._tell()
        if is_stopped is None:
            return False
        bulk.is_stopped = is_stopped
        return True

    async def _end(self, bulk: Bulk, lease: Lease, state: BulkState, error: str = "") -> None:
        bulk.state, bulk.error, bulk.lot = state, error, []
        if state is BulkState.SUCCEEDED:
            # Those that were found at the beginning and later no more went on by themselves.
            matched = max(bulk.matched or 0, bulk.settled)
            bulk.skipped += matched - bulk.settled
            bulk.matched = matched
        await self._rows.save(bulk, lease, self._runtime.clock.now_us())
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
