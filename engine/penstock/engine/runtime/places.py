"""Keeps executions within what their accounts and flows may run at once.

Who has a place is decided in the database, in one transaction with counting, so that it holds across processes. A
process starts those of its own executions that have got one. Flows without such a limit are not looked at.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING
from uuid import UUID

from penstock.engine.domain.errors import Overloaded, StoreUnavailable
from penstock.engine.domain.execution_limit import EVERY_FLOW, Standing, WhenFull
from penstock.engine.domain.occurrence import CancelRequested
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.waiters import ignore_outcome
from penstock.engine.storage.postgres.execution_limits import ExecutionLimits, Full
from penstock.engine.storage.postgres.notices import Notices

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.news.hearing import Hearing
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

REPLACED = "replaced: a later execution takes its place"

_CHANNEL = "penstock_places"
_LIMITS, _PLACES = "limits", "places"
_LOOK_S = 1.0
"""How long a place may stay free when nobody was told of it, as that of a process that was killed."""
_RETRY_S = 0.5


class Places:
    """Those of one process. `limited` are the flows that have limits, by account: no other needs a place."""

    def __init__(self, runtime: Runtime, rows: ExecutionLimits, notices: Notices | None) -> None:
        """`notices` None stands for a process that is alone."""
        self.rows = rows
        self.limited: Mapping[str, Set[str]] = {}
        self.waiting: dict[str, Driver] = {}
        """Executions of this process that wait for a place, by id; also while they are being accepted."""
        self._runtime = runtime
        self._notices = notices
        self._left: dict[str, set[UUID]] = {}
        self._is_stale = False
        self._swept_s = 0.0
        self._due = asyncio.Event()

    async def load(self) -> None:
        """Raises StoreUnavailable."""
        self._is_stale = False
        self.limited = await self.rows.flows()

    def count(self, driver: Driver) -> bool:
        """Whether a limit counts an execution. To be asked when there are `limited` flows at all.

        Sub-flows are not counted: their parents would wait for them in the places that they wait for.
        """
        flows = None if driver.parent is not None else self.limited.get(driver.account)
        return flows is not None and (EVERY_FLOW in flows or driver.program.artifact.flow in flows)

    def listen(self, hearing: Hearing) -> None:
        hearing.on(_CHANNEL, self._hear)

    async def changed(self) -> None:
        """To be called when a limit was written, before anybody hears of it."""
        await self.load()
        self._due.set()
        await self._tell(_LIMITS)

    async def enter(self, driver: Driver, request_id: str, *, can_wait: bool = True) -> None:
        """Gets an execution that is to be accepted a place, or a place in the queue: then it is in `waiting`.

        Raises Overloaded with the reason RUNNING_LIMIT or QUEUE_FULL. A request that was accepted before is no new one.
        """
        runtime = self._runtime
        if request_id and await runtime.executions.is_used(driver.account, request_id):
            return
        entering = runtime.background(self._enter(driver, can_wait))
        try:
            await asyncio.shield(entering)
        except Full as full:
            raise _refusal(full.standing, can_wait) from None
        except BaseException:
            # Nobody waits for it any more, or knows whether it was counted.
            entering.add_done_callback(lambda _: self._forget(entering, driver))
            raise

    async def _enter(self, driver: Driver, can_wait: bool) -> None:
        account, flow = driver.account, driver.program.artifact.flow
        lease_id = self._runtime.keeper.lease.lease_id
        found = await self.rows.enter(account, flow, UUID(driver.execution_id), lease_id, can_wait=can_wait)
        if found is None:
            return
        standings, replaces = found
        if any(each.position for each in standings):
            self.waiting[driver.execution_id] = driver
        if replaces:
            self._due.set()
            await self._tell(_PLACES)

    def _forget(self, entering: asyncio.Task[None], driver: Driver) -> None:
        if not entering.cancelled():
            entering.exception()
        self.left(driver)

    def left(self, driver: Driver) -> None:
        """Called when an execution has ended, or never began."""
        self.waiting.pop(driver.execution_id, None)
        self._left.setdefault(driver.account, set()).add(UUID(driver.execution_id))
        self._due.set()

    def wait(self, driver: Driver) -> None:
        """Has an execution that was taken over wait until it is known whether it may run."""
        self.waiting[driver.execution_id] = driver
        self._due.set()

    def begun(self) -> None:
        """Called when one that waits is there: it may have got its place before."""
        self._due.set()

    async def follow(self) -> None:
        """Starts what may run, for as long as the process runs."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_S if self.limited or self.waiting else None):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            try:
                await self._look()
            except StoreUnavailable:
                await asyncio.sleep(_RETRY_S)
                self._due.set()
            except Exception:
                log.exception("places are not looked after", extra={"action": "places_broke"})
                await asyncio.sleep(_RETRY_S)

    async def _look(self) -> None:
        if self._is_stale:
            await self.load()
        accounts = set(self._left)
        now_s = self._runtime.loop.time()
        if self.limited and now_s >= self._swept_s + _LOOK_S:
            accounts |= await self.rows.left_behind()
            self._swept_s = now_s
        found: list[UUID] = []
        for account in accounts:
            left = self._left.get(account, set()).copy()
            found += await self.rows.leave(account, left)
            self._left.get(account, set()).difference_update(left)
            if not self._left.get(account, True):
                del self._left[account]
        if any(each.hex not in self.waiting for each in found):
            await self._tell(_PLACES)
        await self._start()
        if self.limited:
            await self._make_room()

    async def _start(self) -> None:
        runtime = self._runtime
        waiting = [UUID(execution_id) for execution_id in self.waiting]
        for each in await self.rows.may_run(waiting) if waiting else ():
            driver = self.waiting.get(each.hex)
            # What is being accepted starts when that is durable.
            if driver is not None and runtime.drives(driver):
                del self.waiting[each.hex]
                if runtime.take_place(driver):
                    driver.start_queued()

    async def _make_room(self) -> None:
        for each in await self.rows.replaced():
            driver = self._runtime.driver_of_any(each.hex)
            if driver is not None and driver.run.status is not ExecutionStatus.COMPENSATING:
                driver.submit(CancelRequested(REPLACED)).add_done_callback(ignore_outcome)

    def _hear(self, text: str) -> None:
        # Also when it could not hear for a while: something may have changed meanwhile.
        self._is_stale = self._is_stale or text != _PLACES
        self._due.set()

    async def _tell(self, text: str) -> None:
        if self._notices is None:
            return
        try:
            await self._notices.send(_CHANNEL, [text])
        except StoreUnavailable as error:
            # Others find it out when they look again.
            log.warning("others are not told", extra={"action": "notice_lost", "error": str(error)})


def _refusal(standing: Standing, can_wait: bool) -> Overloaded:
    limit = standing.limit
    facts = {"flow": limit.flow or "-", "running_max": str(limit.running_max), "retry_after_s": "1"}
    if limit.when_full is WhenFull.QUEUE and can_wait:
        facts["queued_max"] = str(limit.queued_max)
        return Overloaded(
            f"{limit} is reached, and {limit.queued_max:,} executions wait behind it", reason="QUEUE_FULL", facts=facts
        )
    wish = "" if can_wait or limit.when_full is WhenFull.REJECT else ", and what goes on from another one cannot wait"
    return Overloaded(f"{limit} is reached{wish}", reason="RUNNING_LIMIT", facts=facts)
