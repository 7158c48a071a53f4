"""Lets a process that watches an execution of another one hear of each commit.

Whoever watches says so to all processes. The one that drives the execution then tells of its commits, as long as
somebody watches. What nobody watches costs nothing, and what is told is only that there is something to read: who
does not hear it finds it a moment later by looking.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.storage.postgres.notices import Notices, in_lots

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.news.hearing import Hearing
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

EVERYTHING = "*"
"""Stands for all executions where one would be named."""
_WATCH, _NEWS = "penstock_watch", "penstock_news"
_LIFE_S = 30.0
"""How long a process tells of what another one watches and does not ask for again."""
_RENEW_S = 10.0
_GAP_S = 0.005
"""Between two notifications: what is committed meanwhile is told by one."""
_WANTED_MAX = 100_000
"""Executions that others watch and one process knows of; those beyond it are found by looking. Each is 150 bytes."""


class Watch:
    """One reader of an execution, or of everything. Close it."""

    def __init__(self, watches: Watches, key: str) -> None:
        self._watches = watches
        self.key = key
        self._news = asyncio.Event()

    async def news(self, timeout_s: float) -> bool:
        """Returns when there may be something to read, at the latest when the time is up. Whether somebody told."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def tell(self) -> None:
        self._news.set()

    def close(self) -> None:
        self._watches.forget(self)


class Watches:
    """What this process watches, and what others watch of it. Used from the event loop's thread alone."""

    def __init__(self, runtime: Runtime, notices: Notices | None) -> None:
        """`notices` None stands for a process that is alone."""
        self._runtime = runtime
        self._notices = notices
        self._name = uuid4().hex
        self._watched: dict[str, set[Watch]] = {}
        self._wanted: dict[str, float] = {}
        """When the interest of others ends, by execution."""
        self._forget_at = 0.0
        self._relayed: set[str] = set()
        self._is_local = False
        """Whether somebody here watches everything."""
        self._everything_until = 0.0
        self._to_ask: dict[str, None] = {}
        self._to_tell: dict[str, None] = {}
        self._senders: set[str] = set()
        """Channels on which something is being sent."""
        self._renewing: asyncio.Task[None] | None = None

    def listen(self, hearing: Hearing) -> None:
        hearing.on(_WATCH, self._asked)
        hearing.on(_NEWS, self._told)

    # What this process watches.

    def watch(self, key: str) -> Watch:
        """`key` is an execution that another process drives, or EVERYTHING."""
        watch = Watch(self, key)
        self._watched.setdefault(key, set()).add(watch)
        self._is_local = EVERYTHING in self._watched
        self._ask([key])
        if self._renewing is None:
            self._renewing = self._runtime.background(self._renew())
        return watch

    def forget(self, watch: Watch) -> None:
        watches = self._watched.get(watch.key, set())
        watches.discard(watch)
        if not watches:
            self._watched.pop(watch.key, None)
        self._is_local = EVERYTHING in self._watched
        if not self._watched and self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None

    def _told(self, text: str) -> None:
        """Others committed something; "" when this process has not heard for a while."""
        if not text:
            self._ask(self._watched)
            for watches in self._watched.values():
                _tell(watches)
            return
        name, *keys = text.split(" ")
        if name != self._name:
            for key in keys:
                _tell(self._watched.get(key, ()))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            self._ask(self._watched)

    # What others watch.

    def committed(self) -> None:
        """Called after each commit of this process."""
        if self._is_local:
            _tell(self._watched.get(EVERYTHING, ()))
        if self._everything_until:
            if self._everything_until > self._runtime.loop.time():
                self._tell(EVERYTHING)
            else:
                self._everything_until = 0.0

    def driven(self, driver: Driver) -> None:
        """Called when this process goes on with an execution of another one."""
        if driver.execution_id in self._wanted:
            self._relay(driver)

    def _asked(self, text: str) -> None:
        """Others watch something."""
        name, *keys = text.split(" ")
        if not keys or name == self._name:
            return
        until = self._runtime.loop.time() + _LIFE_S
        self._forget_the_old(until)
        for key in keys:
            if key == EVERYTHING:
                self._everything_until = until
                self._tell(key)
            elif key in self._wanted or len(self._wanted) < _WANTED_MAX:
                self._wanted[key] = until
                self._find(key)

    def _find(self, execution_id: str) -> None:
        driver = self._runtime.driver_of_any(execution_id)
        if driver is None:
            return
        # Something may have been committed after the other process read and before it was heard.
        self._tell(execution_id)
        self._relay(driver)

    def _relay(self, driver: Driver) -> None:
        if driver.execution_id not in self._relayed:
            self._relayed.add(driver.execution_id)
            self._runtime.background(self._tell_of(driver))

    async def _tell_of(self, driver: Driver) -> None:
        key, feed, loop = driver.execution_id, driver.open_feed(), self._runtime.loop
        try:
            while not (feed.is_ended or feed.is_closed) and (until := self._wanted.get(key, 0.0)) > loop.time():
                sequence = feed.sequence
                try:
                    async with asyncio.timeout_at(until):
                        await feed.news(sequence)
                except TimeoutError:
                    continue
                self._tell(key)
        finally:
            self._relayed.discard(key)
        if feed.is_ended or self._wanted.get(key, 0.0) <= loop.time():
            self._wanted.pop(key, None)

    def _forget_the_old(self, next_s: float) -> None:
        """Once in a while: `next_s` is when to do so again."""
        now = self._runtime.loop.time()
        if now >= self._forget_at:
            self._forget_at = next_s
            self._wanted = {key: until for key, until in self._wanted.items() if until > now}

    # Sending.

    def _ask(self, keys: Iterable[str]) -> None:
        self._to_ask.update(dict.fromkeys(keys))
        self._send(_WATCH)

    def _tell(self, key: str) -> None:
        self._to_tell[key] = None
        self._send(_NEWS)

    def _send(self, channel: str) -> None:
        if self._notices is not None and channel not in self._senders:
            self._senders.add(channel)
            self._runtime.background(self._send_all(self._notices, channel))

    async def _send_all(self, notices: Notices, channel: str) -> None:
        pending = self._to_ask if channel == _WATCH else self._to_tell
        try:
            while pending:
                texts = list(in_lots(self._name, pending))
                pending.clear()
                try:
                    await notices.send(channel, texts)
                except StoreUnavailable as error:
                    log.debug("others are not told", extra={"action": "notice_lost", "error": str(error)})
                await asyncio.sleep(_GAP_S)
        finally:
            self._senders.discard(channel)


def _tell(watches: Iterable[Watch]) -> None:
    for watch in watches:
        watch.tell()
