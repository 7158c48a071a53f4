"""What lives in one engine process: the drivers, their places, and what they share."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from penstock.engine.domain import limits
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.commands import CommandListener
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.intake import Intake
from penstock.engine.runtime.keeper import LeaseKeeper
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.news.hearing import Hearing
from penstock.engine.runtime.news.key_news import KeyNews
from penstock.engine.runtime.news.watches import Watches
from penstock.engine.runtime.places import Places
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.runtime.programs.names import Names
from penstock.engine.runtime.readiness import readiness
from penstock.engine.runtime.recovery import Recovery
from penstock.engine.runtime.running.attempts import Attempts, note_slow, time_out
from penstock.engine.runtime.running.cache import OutputCache
from penstock.engine.runtime.running.node_tasks import guard_node_tasks
from penstock.engine.runtime.running.threads import NodeThreads
from penstock.engine.runtime.running.watchdog import Watchdog
from penstock.engine.runtime.settings.configs import Configs
from penstock.engine.runtime.settings.policies import Policies
from penstock.engine.runtime.settings.rates import Meters
from penstock.engine.runtime.settings.secrets import Secrets
from penstock.engine.runtime.upkeep.usage import make_usage
from penstock.engine.storage.journal import Journal
from penstock.engine.storage.postgres.aliases import Aliases
from penstock.engine.storage.postgres.cache import CacheRows
from penstock.engine.storage.postgres.commands import Commands
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.leases import Leases
from penstock.engine.storage.postgres.notices import Notices
from penstock.engine.storage.postgres.pauses import Pauses
from penstock.engine.storage.postgres.policies import PolicyRows
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.postgres.signals import SignalRows
from penstock.engine.storage.postgres.standings import Standings
from penstock.engine.storage.records import Lease
from penstock.engine.storage.sealing import Sealer
from penstock.wire.service import Readiness

log = logging.getLogger(__name__)


class Runtime:
    """Made and used in one event loop. `start` in order, `stop` in reverse."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        commands: Commands,
        clock: Clock,
        packages_folder: Path,
        instance: str,
        sealer: Sealer,
        notices: Notices | None = None,
    ) -> None:
        """`notices` None stands for a process that is alone and hears of nothing."""
        self.loop = asyncio.get_running_loop()
        self.thread_id = threading.get_ident()
        self.clock = clock
        self.journal = journal
        self._database = database
        self.executions = Executions(database)
        self.pauses = Pauses(database)
        self.signals = SignalRows(database)
        self.leases = Leases(database)
        bulletin = Bulletin(packages_folder / ".names")
        names = Names(Aliases(database), Standings(database), bulletin)
        self._live: dict[str, Driver] = {}
        self.policies = Policies(PolicyRows(database), self.executions, bulletin, self._live)
        self.configs = Configs(ConfigRows(database), bulletin, self.policies.catch_up)
        self.secrets = Secrets(SecretRows(database), sealer, bulletin, clock)
        self.cache = OutputCache(CacheRows(database), lambda: self.keeper.lease.lease_id)
        self.catalog = Catalog(Registry(database), names, packages_folder, lambda one: database.data_keys.current(one))
        self.usage = make_usage(database, packages_folder, clock, self._look_before_each_node)
        self.budgets = self.usage.budgets
        self.threads = NodeThreads()
        self.attempts = Attempts(note_slow, time_out)
        self.intake = Intake(self)
        self.recovery = Recovery(self)
        self.commands = CommandListener(self, commands)
        self.watches = Watches(self, notices)
        self.meters = Meters(packages_folder / ".rates")
        self.key_news = KeyNews(self, notices, packages_folder / ".keys")
        self.places = Places(self, database, notices)
        self._hearing = None if notices is None else Hearing(self, notices)
        self.keeper = LeaseKeeper(self.leases, instance, self._lease_lost, self._look_for_work)
        self.watchdog = Watchdog(lambda filename: filename.startswith(f"{packages_folder}/"))
        self.is_stopping = False
        self.webhook_due: Callable[[], None] = _nobody_listens
        """Called when an execution ended whose result is to be sent."""
        self.trace_due: Callable[[Driver], None] | None = None
        """Called when an execution ended; None where nobody traces."""
        self._running: set[Driver] = set()
        self._queue: deque[Driver] = deque()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._first_look: asyncio.Task[None]

    async def start(self) -> None:
        """Ready to accept when it returns; what was left behind is being taken over."""
        self.journal.start(await self.keeper.start())
        self.watchdog.start()
        guard_node_tasks(self.loop)
        self.commands.start()
        await self.policies.look()
        self.background(self.policies.follow())
        await self.places.load()
        self.background(self.places.follow())
        if self._hearing is not None:
            self.commands.listen(self._hearing)
            self.watches.listen(self._hearing)
            self.key_news.listen(self._hearing)
            self.places.listen(self._hearing)
            self._hearing.start()
        self.journal.told = self.watches.committed
        self._first_look = self.background(self._recover())

    async def settle(self, settle_s: float) -> None:
        """Returns when what was left behind is taken over and has ended, but after `settle_s` seconds at most."""
        try:
            async with asyncio.timeout(settle_s):
                await asyncio.shield(self._first_look)
                await self._end_of_running()
        except TimeoutError:
            return

    async def drain(self, drain_s: float) -> None:
        """Accepts nothing more and gives what runs `drain_s` seconds to end."""
        self.is_stopping = True
        try:
            async with asyncio.timeout(drain_s):
                await self._end_of_running()
        except TimeoutError:
            log.warning(
                "executions go on after the next start",
                extra={"action": "drain_ended", "count": len(self._running)},
            )

    async def _end_of_running(self) -> None:
        if self._running:
            self._idle.clear()
            await self._idle.wait()

    async def stop(self) -> None:
        """Lets go of what still runs: it goes on after the next start."""
        self.is_stopping = True
        for driver in list(self._live.values()):
            self.lost(driver)
        for task in self._tasks:
            task.cancel()
        await self.cache.stop()
        await self.journal.stop()
        await self.keeper.stop()
        await self.places.close()
        self.watchdog.stop()
        self.threads.close()

    def background(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs a coroutine to its end whatever its caller does; `stop` ends it."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def readiness(self) -> Readiness:
        return await readiness(self._database, self.keeper, self.is_stopping)

    # Drivers.

    def driver(self, execution_id: str, account: str) -> Driver | None:
        """The driver of a live execution of this process and account."""
        driver = self._live.get(execution_id)
        return driver if driver is not None and driver.account == account else None

    def driver_of_any(self, execution_id: str) -> Driver | None:
        """The driver of a live execution of this process, of whichever account."""
        return self._live.get(execution_id)

    def live(self) -> list[Driver]:
        return list(self._live.values())

    def drives(self, driver: Driver) -> bool:
        return self._live.get(driver.execution_id) is driver

    def add(self, driver: Driver) -> None:
        self._live[driver.execution_id] = driver
        if self.policies.accounts:
            self.policies.meet(driver)
        if self.budgets.stops:
            driver.is_special = True

    def _look_before_each_node(self) -> None:
        """Has what runs ask for its budget before it starts another node."""
        for driver in self._live.values():
            driver.is_special = True

    def ended(self, driver: Driver) -> None:
        """Called when the end of an execution is durable."""
        self._live.pop(driver.execution_id, None)
        self.give_place_back(driver)
        if self.places.limited and self.places.count(driver):
            self.places.left(driver)
        if driver.options is not None and driver.options.message.HasField("webhook"):
            self.webhook_due()
        if self.trace_due is not None:
            self.trace_due(driver)

    def lost(self, driver: Driver) -> None:
        """Lets go of an execution that this process cannot or may not go on with."""
        if self._live.pop(driver.execution_id, None) is not None:
            self.places.waiting.pop(driver.execution_id, None)
            self.give_place_back(driver)
            driver.abandon()

    # Places.

    @property
    def queued_count(self) -> int:
        return len(self._queue) + len(self.places.waiting)

    @property
    def live_count(self) -> int:
        return len(self._live)

    def take_place(self, driver: Driver) -> bool:
        """Whether the execution may run at once. If not it is queued and `start_queued` is called later."""
        if len(self._running) < limits.RUNNING_MAX:
            self._running.add(driver)
            return True
        self._queue.append(driver)
        return False

    def keep_place(self, driver: Driver, is_running: bool) -> None:
        """A place for an execution that runs already, even when there is none left; none for one that only waits."""
        if is_running:
            self._running.add(driver)
        elif driver in self._running:
            self.give_place_back(driver)

    def give_place_back(self, driver: Driver) -> None:
        if driver in self._running:
            self._running.discard(driver)
        elif driver in self._queue:
            self._queue.remove(driver)
        self.fill_places()
        if not self._running:
            self._idle.set()

    def fill_places(self) -> None:
        """Starts queued executions, first come first served, while there are places."""
        while self._queue and len(self._running) < limits.RUNNING_MAX and not self.is_stopping:
            following = self._queue[0]
            if not self.drives(following):
                # Its acceptance is on the way to the database: it starts when that is durable.
                break
            self._queue.popleft()
            self._running.add(following)
            following.start_queued()

    # The lease.

    def _lease_lost(self, lease: Lease) -> None:
        for driver in list(self._live.values()):
            self.lost(driver)
        self.journal.renew(lease)

    def _look_for_work(self) -> None:
        if not self.is_stopping:
            self.background(self._recover())

    async def _recover(self) -> None:
        try:
            await self.recovery.run()
            await self.commands.look()
        except Exception:
            log.exception("taking over failed; it is tried again", extra={"action": "recovery_failed"})


def _nobody_listens() -> None:
    return
