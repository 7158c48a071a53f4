"""One attempt of a node, and what its code may ask and tell while it runs: the `Host` of `penstock.sdk.context`."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from penstock.engine.domain.failure import Failure
from penstock.engine.domain.occurrence import SignalAwaited
from penstock.engine.nodes.authoring.reports import Report
from penstock.engine.nodes.authoring.secrets import UndeclaredSecret
from penstock.engine.nodes.authoring.signals import UndeclaredSignal
from penstock.engine.runtime.options import config_of
from penstock.engine.runtime.programs.binding import BoundNode, ReadValues
from penstock.engine.runtime.running.node_reports import encode_report
from penstock.engine.runtime.running.redaction import Read, redactor

if TYPE_CHECKING:
    from penstock.engine.runtime.running.attempts import Deadlines
    from penstock.engine.runtime.walker import Walker


class Attempt:
    """`owner` walks the branch that the node stands on. `item` is that of a map, else -1."""

    # Defaults of the class, not of the instance: one is made for each node, and few of them ever say more.
    deadlines: Deadlines | None = None
    interrupt: Callable[[Failure], None] | None = None
    """What to do in place of the usual when its time is up."""
    is_given_up = False
    secrets: Mapping[str, str] | None = None
    redact: Callable[[str], str] | None = None
    hidden: tuple[Read, ...] = ()
    """Give values of sensitive fields that the attempt was given."""
    taken_signals: list[int] | None = None

    def __init__(self, owner: Walker, node: BoundNode, number: int, started_us: int, item: int = -1) -> None:
        self.owner = owner
        self.node = node
        self.number = number
        self.started_us = started_us
        self.item = item

    # What the node's code calls; see penstock.engine.nodes.authoring.context.Host.

    def is_cancelled(self) -> bool:
        return self.is_given_up or self.owner.is_over

    def config(self) -> Mapping[str, Any]:
        return config_of(self.owner.driver)

    def secret(self, name: str) -> str:
        if self.secrets is None or name not in self.secrets:
            raise UndeclaredSecret(self.node.name, name)
        return self.secrets[name]

    def report(self, report: Report) -> None:
        content = encode_report(report, self.redact)
        runtime, driver = self.owner.driver.runtime, self.owner.driver
        if threading.get_ident() == runtime.thread_id:
            driver.report(self.node.index, self.started_us, content)
        elif not runtime.loop.is_closed():
            runtime.loop.call_soon_threadsafe(driver.report, self.node.index, self.started_us, content)

    def last_frame(self) -> Any | None:
        return self.owner.last_frame(self)

    def signal(self, name: str, type_: type, /) -> Awaitable[Any]:
        decode = self.node.signals.get(name)
        if decode is None:
            raise UndeclaredSignal(self.node.name, name)
        return self._signal(name, decode)

    async def _signal(self, name: str, decode: Callable[[bytes], Any]) -> Any:
        """The next signal of a name that no node has taken. The attempt's time stands still while it waits."""
        driver = self.owner.driver
        mailbox = driver.mailbox
        while True:
            seen = len(driver.run.signals or ())
            taken = mailbox.take(name)
            if taken is not None:
                place, payload = taken
                self.taken_signals = [*(self.taken_signals or ()), place]
                self.hide(self.node.sensitive_signals.get(name), payload)
                return decode(payload)
            news = mailbox.news()
            driver.runtime.attempts.end(self)
            try:
                await driver.submit(SignalAwaited(self.node.index, self.started_us, name, seen))
                await news
            finally:
                driver.runtime.attempts.begin(self)

    def hide(self, read: ReadValues | None, message: bytes) -> None:
        """Keeps the values that `read` finds in a message out of what the attempt says; None finds none."""
        if read is not None:
            self.hidden = (*self.hidden, partial(read, message))
            self.redact = redactor(self.secrets or {}, self.hidden)

    def give_signals_back(self) -> None:
        """Lets the next attempt, or another node, take what this one took: it failed."""
        if self.taken_signals:
            self.owner.driver.mailbox.give_back(self.taken_signals)
