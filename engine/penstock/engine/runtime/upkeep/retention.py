"""Removes executions that were kept long enough: in small lots with pauses between, in one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID, uuid4

from penstock.engine.domain import limits
from penstock.engine.domain.errors import PenstockError, StoreUnavailable
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.upkeep.archive import Archive
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.leftovers import Leftovers
from penstock.engine.storage.postgres.retention import HOUR_US, NEVER_US, Claim, Retention, Subject, SweepLost

log = logging.getLogger(__name__)

_RANDOM = random.SystemRandom()
_PATIENCE_US = 6 * HOUR_US
"""When it is so far behind, it rests half as long."""
_TOLD_MAX = 20
"""Executions of one sweep that the log names which cannot be archived: more say the same."""
_LATE_US_MAX = limits.RETENTION_LATE_S_MAX * 1_000_000


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """`default_s` is how long executions are kept of which nobody said anything, None for ever."""

    default_s: int | None = limits.RETENTION_S_DEFAULT
    poll_s: float = 60.0
    """How often a process looks whether there is something to remove."""
    hold_s: float = 60.0
    """After this long without a sign of life another process goes on."""
    rest_ratio: float = 4.0
    """How long it rests after each lot, in times of what that took: what people wait for goes first."""
    rest_ratio_min: float = 0.5
    """The same when it is far behind: what comes faster than it goes fills the disk."""


class _ArchiveUnavailable(Exception):
    """Nothing can be archived now, so nothing is removed."""


class Sweeper:
    """One a process. `start` and `stop` in one event loop."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: RetentionSettings,
        sweep_cache: Callable[[], Awaitable[int]],
        archive: Archive | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`sweep_cache` removes a lot of cached outputs that expired. Without an archive nothing is kept elsewhere."""
        self.settings = settings
        self._retention = Retention(database, uuid4(), settings.hold_s)
        self._leftovers = Leftovers(database)
        self._clock = clock
        self._sweep_cache = sweep_cache
        self._archive = archive
        self._sleep = sleep
        self._news = asyncio.Event()
        self._task: asyncio.Task[None]
        self._stuck = Counter[str]()
        """How many executions cannot be archived, by reason: of this sweep."""
        self._held_at = 0.0
        self._is_holding = False
        self._behind_us = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="retention")

    async def stop(self) -> None:
        """Stops in the middle of a sweep; what is half removed is removed by the next one."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._let_go()

    def nudge(self) -> None:
        """Has it look at once: somebody asked for a sweep."""
        self._news.set()

    async def sweep(self) -> bool:
        """Removes what is too old, until there is nothing. Whether it did: no other process does.

        Raises StoreUnavailable; another process, or this one, goes on after a while.
        """
        claim = await self._claim()
        if claim is None:
            return False
        while claim is not None:
            self._stuck.clear()
            problem = ""
            try:
                await self._sweep(claim)
            except _ArchiveUnavailable as error:
                problem = f"the archive cannot be written: {error}"
            if self._stuck and not problem:
                problem = f"{self._stuck.total():,} cannot be archived: {', '.join(sorted(self._stuck))}"
            is_asked = await self._retention.release(claim.asked, problem, self._clock.now_us())
            self._is_holding = is_asked
            claim = await self._claim() if is_asked else None
        return True

    async def _keep(self) -> None:
        # Processes that were started together do not look together.
        wait_s = self.settings.poll_s * _RANDOM.uniform(0.1, 1)
        while True:
            await self._wait(wait_s)
            wait_s = self.settings.poll_s
            self._news.clear()
            try:
                await self.sweep()
            except SweepLost:
                log.warning("another process removes old executions: it took too long", extra={"action": "sweep_lost"})
            except StoreUnavailable as error:
                log.warning("old executions wait", extra={"action": "sweep_waits", "error": str(error)})
            except Exception:
                log.exception("old executions were not removed", extra={"action": "sweep_failed"})
                await self._let_go()

    async def _wait(self, wait_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._news.wait()

    async def _claim(self) -> Claim | None:
        self._held_at, self._is_holding = monotonic(), True
        claim = await self._retention.claim(self.settings.default_s, self._clock.now_us())
        self._is_holding = claim is not None
        return claim

    async def _let_go(self) -> None:
        """Leaves what is not done to others, at once."""
        if self._is_holding:
            with contextlib.suppress(StoreUnavailable):
                await self._retention.let_go()

    async def _sweep(self, claim: Claim) -> None:
        self._behind_us = 0
        await self._remove_leftovers()
        while True:
            now_us = self._clock.now_us()
            found = await self._retention.hour_to_look_at(now_us, is_asked=claim.is_asked)
            if found is None:
                break
            hour, since_us = found
            self._behind_us = now_us - (since_us or now_us)
            await self._look_at(hour, is_over=True)
        shortest_s = await self._retention.shortest_s(self.settings.default_s)
        if shortest_s is not None:
            await self._advance(claim, self._clock.now_us() - shortest_s * 1_000_000)

    async def _advance(self, claim: Claim, until_us: int) -> None:
        """Looks at the hours that nobody looked at, up to the one in which the time `until_us` is."""
        until = until_us // HOUR_US
        # It is behind the frontier when periods became longer, and when the clock was ahead for a while.
        frontier = min(claim.frontier, until)
        while (hour := await self._retention.first_hour(frontier)) is not None and hour < until:
            self._behind_us = until_us - (hour + 1) * HOUR_US
            await self._look_at(hour, is_over=True)
            frontier = hour + 1
        if until != claim.frontier:
            await self._retention.move_frontier(until)
        if claim.is_asked and hour == until:
            await self._look_at(hour, is_over=False)

    async def _look_at(self, hour: int, *, is_over: bool) -> None:
        """Removes what of an hour may go. What is kept is noted when the hour `is_over` for all that came in it."""
        policy_count = await self._retention.hold()
        due_us = look_us = NEVER_US
        after: UUID | None = None
        is_empty = True
        while True:
            began = monotonic()
            look = await self._retention.look(
                hour, after, self.settings.default_s, _LATE_US_MAX, self._clock.now_us(), limits.SWEEP_PAGE
            )
            due_us, look_us = min(due_us, look.due_us), min(look_us, look.look_us)
            await self._rest(began)
            left = await self._remove(look.due)
            if left:
                soon_us = self._clock.now_us() + HOUR_US
                due_us, look_us = min(due_us, soon_us), min(look_us, soon_us)
            is_empty = is_empty and not left and look.count == len(look.due)
            if look.count < limits.SWEEP_PAGE:
                break
            after = look.last
        if is_over:
            await self._retention.looked_at(hour, due_us, look_us, policy_count, is_empty)

    async def _remove(self, due: Sequence[UUID]) -> int:
        """Removes executions, after they were archived. Gives how many could not be."""
        left = 0
        for start in range(0, len(due), limits.SWEEP_LOT):
            lot = due[start : start + limits.SWEEP_LOT]
            ids = lot if self._archive is None else await self._keep_all(self._archive, lot)
            left += len(lot) - len(ids)
            is_done = not ids
            while not is_done:
                began = monotonic()
                is_done = await self._retention.remove(
                    ids,
                    self._clock.now_us(),
                    limits.SWEEP_EVENTS,
                    limits.SWEEP_BYTES,
                    is_archived=self._archive is not None,
                )
                self._held_at = began
                await self._rest(began)
        return left

    async def _keep_all(self, archive: Archive, lot: Sequence[UUID]) -> list[UUID]:
        """Those that are in the archive now. Raises _ArchiveUnavailable."""
        kept: list[UUID] = []
        for subject in await self._retention.subjects(lot):
            began = monotonic()
            if await self._is_kept(archive, subject):
                kept.append(UUID(subject.execution_id))
            await self._rest(began)
        return kept

    async def _is_kept(self, archive: Archive, subject: Subject) -> bool:
        facts = {"action": "archive_failed", "execution": subject.execution_id, "flow": subject.flow}
        try:
            await archive.keep(subject, self._go_on)
        except (StoreUnavailable, SweepLost):
            raise
        except OSError as error:
            log.error("the archive cannot be written; old executions stay", extra={**facts, "error": str(error)})
            raise _ArchiveUnavailable(error.strerror or type(error).__name__) from error
        except Exception as error:
            reason = error.reason if isinstance(error, PenstockError) else ""
            self._stuck[reason or "INTERNAL"] += 1
            if self._stuck.total() <= _TOLD_MAX:
                told = {**facts, "error": str(error)}
                log.error("an execution cannot be archived; it stays", exc_info=not reason, extra=told)
            return False
        return True

    async def _rest(self, began: float) -> None:
        """Lets others go first, for some times as long as something took that began then."""
        ratio = self.settings.rest_ratio / (1 + self._behind_us / _PATIENCE_US)
        await self._sleep((monotonic() - began) * max(ratio, self.settings.rest_ratio_min))
        await self._go_on()

    async def _go_on(self) -> None:
        """Says that it is alive, not too often. Raises SweepLost."""
        if monotonic() - self._held_at > self.settings.hold_s / 4:
            self._held_at = monotonic()
            await self._retention.hold()

    async def _remove_leftovers(self) -> None:
        before_us = self._clock.now_us() - limits.REQUEST_ID_LIFE_S * 1_000_000
        await self._repeat(lambda: self._leftovers.remove_request_ids(before_us, limits.SWEEP_PAGE), limits.SWEEP_PAGE)
        await self._repeat(self._sweep_cache, limits.CACHE_SWEEP_LOT)
        await self._leftovers.remove_commands()

    async def _repeat(self, remove: Callable[[], Awaitable[int]], count_max: int) -> None:
        """Until there is less than a whole lot."""
        while True:
            began = monotonic()
            count = await remove()
            await self._rest(began)
            if count < count_max:
                return
