"""Keeps executions within what their accounts and flows may run at once.

Who has a place is decided in the database, so that it holds across processes. A process starts those of its own
executions that have got one. Flows without such a limit are not looked at.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING
from uuid import UUID

from penstock.engine.domain.errors import Overloaded, StoreUnavailable
from penstock.engine.domain.execution_limit import EVERY_FLOW, Admission, ExecutionLimit, WhenFull
from penstock.engine.domain.occurrence import CancelRequested
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.place_turns import PlaceTurns
from penstock.engine.runtime.waiters import ignore_outcome
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.execution_limits import ExecutionLimits
from penstock.engine.storage.postgres.execution_places import PlaceRows
from penstock.engine.storage.postgres.notices import Notices, in_lots
from penstock.engine.storage.postgres.turn_taker import Answer, TurnTaker

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.news.hearing import Hearing
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

REPLACED = "replaced: a later execution takes its place"

_CHANNEL = "penstock_places"
_LIMITS, _LOOK, _START, _ROOM = "limits", "look", "start", "room"
_LOOK_S = 1.0
"""How long a place may stay free whose news got lost."""
_RETRY_S = 0.5


class Places:
    """Those of one process. `limited` are the flows that have limits, by account: no other needs a place."""

    def __init__(self, runtime: Runtime, database: Database, notices: Notices | None) -> None:
        """`notices` None stands for a process that is alone."""
        self.execution_limits = ExecutionLimits(database)
        self.rows = PlaceRows(database)
        self.limited: Mapping[str, Set[str]] = {}
        self.waiting: dict[str, Driver] = {}
        """Executions of this process that wait for a place, by id; also while they are being accepted."""
        self._runtime = runtime
        self._notices = notices
        self._turns = PlaceTurns(runtime, TurnTaker(database), self._came, self._told)
        self._early: dict[str, str] = {}
        """What was told of those that wait and are still being accepted: _START or _ROOM."""
        self._stale: set[str] = set()
        """Accounts whose limits were changed."""
        self._is_stale = False
        """Whether those of any account may have been changed."""
        self._due = asyncio.Event()

    async def load(self) -> None:
        """Raises StoreUnavailable."""
        self.limited = await self.execution_limits.flows()

    async def close(self) -> None:
        await self._turns.close()

    def count(self, driver: Driver) -> bool:
        """Whether a limit counts an execution. To be asked when there are `limited` flows at all.

        Sub-flows are not counted: their parents would wait for them in the places that they wait for.
        """
        flows = None if driver.parent is not None else self.limited.get(driver.account)
        return flows is not None and (EVERY_FLOW in flows or driver.program.artifact.flow in flows)

    def listen(self, hearing: Hearing) -> None:
        hearing.on(_CHANNEL, self._hear)

    async def changed(self, account: str) -> None:
        """To be called when a limit was written, before anybody hears of it."""
        await self.load()
        await self._tell([f"{_LIMITS} {account}"])
        await self._settle(account)
        self._due.set()

    async def enter(self, driver: Driver, request_id: str, *, can_wait: bool = True) -> None:
        """Gets an execution that is to be accepted a place, or a place in the queue: then it is in `waiting`.

        Raises Overloaded with the reason RUNNING_LIMIT or QUEUE_FULL. A request that was accepted before is no new one.
        """
        if request_id and await self._runtime.executions.is_used(driver.account, request_id):
            return
        try:
            answer = await self._turns.arrive(driver, can_wait=can_wait)
        except BaseException:
            # Nobody waits for it any more, or knows whether it was counted.
            self.left(driver)
            raise
        if isinstance(answer, ExecutionLimit):
            raise _refusal(answer, can_wait)

    def left(self, driver: Driver) -> None:
        """Called when an execution has ended, or never began."""
        self.waiting.pop(driver.execution_id, None)
        self._early.pop(driver.execution_id, None)
        self._turns.leave(driver)

    def wait(self, driver: Driver) -> None:
        """Has an execution that was taken over wait until it is known whether it may run."""
        self.waiting[driver.execution_id] = driver
        self._due.set()

    def begun(self, driver: Driver) -> None:
        """Called when one that waits is there: it may have got its place before."""
        told = self._early.pop(driver.execution_id, "")
        if told == _START:
            self._start([driver.execution_id])
        elif told == _ROOM:
            self._make_room([driver.execution_id])

    async def taken_over(self, accounts: Set[str]) -> None:
        """To be called when executions of dead processes were claimed: those of `accounts`. Raises StoreUnavailable."""
        found = await self.rows.left_behind() | (accounts & self.limited.keys())
        for account in found:
            await self._settle(account)
        if found:
            self._due.set()
            await self._tell([_LOOK])

    async def follow(self) -> None:
        """Does what nobody told of, for as long as the process runs."""
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
        if self._is_stale or self._stale:
            await self.load()
            if self._is_stale:
                self._is_stale = False
                self._stale |= self.limited.keys()
            while self._stale:
                await self._settle(next(iter(self._stale)))
        waiting = [UUID(execution_id) for execution_id in self.waiting]
        if waiting:
            self._start(each.hex for each in await self.rows.may_run(waiting))
        if self.limited:
            self._make_room(each.hex for each in await self.rows.replaced())

    async def _settle(self, account: str) -> None:
        """Counts what this process runs and did not know to be limited. Raises StoreUnavailable."""
        # What it accepted before it knew is in the journal by now: a marker behind it tells when that is durable.
        committed = asyncio.Event()
        self._runtime.journal.commit(b"", (), lambda _: committed.set())
        await committed.wait()
        await self.rows.settle(account, self._runtime.keeper.lease.lease_id)
        self._stale.discard(account)

    def _came(self, driver: Driver, answer: Answer) -> None:
        if answer is Admission.WAITS:
            self.waiting[driver.execution_id] = driver

    def _told(self, started: Iterable[UUID], replaced: Iterable[UUID]) -> None:
        """Acts on what a turn brought, and has the processes do so whose executions it was about."""
        runtime = self._runtime
        starting, leaving = [each.hex for each in started], [each.hex for each in replaced]
        others = [each for each in starting if each not in self.waiting]
        texts = list(in_lots(_START, others))
        others = [each for each in leaving if each not in self.waiting and runtime.driver_of_any(each) is None]
        texts += in_lots(_ROOM, others)
        self._start(starting)
        self._make_room(leaving)
        if texts:
            runtime.background(self._tell(texts))

    def _start(self, execution_ids: Iterable[str]) -> None:
        runtime = self._runtime
        for execution_id in execution_ids:
            driver = self.waiting.get(execution_id)
            if driver is None:
                continue
            if not runtime.drives(driver):
                # What is being accepted starts when that is durable.
                self._early[execution_id] = _START
                continue
            del self.waiting[execution_id]
            if runtime.take_place(driver):
                driver.start_queued()

    def _make_room(self, execution_ids: Iterable[str]) -> None:
        for execution_id in execution_ids:
            driver = self._runtime.driver_of_any(execution_id)
            if driver is None:
                if execution_id in self.waiting:
                    self._early[execution_id] = _ROOM
            elif driver.run.status is not ExecutionStatus.COMPENSATING:
                driver.submit(CancelRequested(REPLACED)).add_done_callback(ignore_outcome)

    def _hear(self, text: str) -> None:
        kind, _, rest = text.partition(" ")
        if kind == _START:
            self._start(rest.split())
        elif kind == _ROOM:
            self._make_room(rest.split())
        else:
            if kind == _LIMITS:
                self._stale.add(rest)
            elif kind != _LOOK:
                # It could not hear for a while: anything may have changed.
                self._is_stale = True
            self._due.set()

    async def _tell(self, texts: Iterable[str]) -> None:
        if self._notices is None:
            return
        try:
            await self._notices.send(_CHANNEL, texts)
        except StoreUnavailable as error:
            # Others find it out when they look again.
            log.warning("others are not told", extra={"action": "notice_lost", "error": str(error)})


def _refusal(limit: ExecutionLimit, can_wait: bool) -> Overloaded:
    facts = {"flow": limit.flow or "-", "running_max": str(limit.running_max), "retry_after_s": "1"}
    if limit.when_full is WhenFull.QUEUE and can_wait:
        facts["queued_max"] = str(limit.queued_max)
        return Overloaded(
            f"{limit} is reached, and {limit.queued_max:,} executions wait behind it", reason="QUEUE_FULL", facts=facts
        )
    wish = "" if can_wait or limit.when_full is WhenFull.REJECT else ", and what goes on from another one cannot wait"
    return Overloaded(f"{limit} is reached{wish}", reason="RUNNING_LIMIT", facts=facts)
