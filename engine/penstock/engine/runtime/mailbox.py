"""The signals of one execution, as the nodes that are running take them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


class Mailbox:
    """Which signals are taken: by completed nodes the log says, by those that still run this."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._taken: set[int] = set()
        self._news: asyncio.Future[None] | None = None

    def take(self, name: str) -> tuple[int, bytes] | None:
        """The place and the content of the first signal of a name that nobody has taken."""
        run = self._driver.run
        for place, signal in enumerate(run.signals or ()):
            if signal.name == name and place not in run.taken_signals and place not in self._taken:
                self._taken.add(place)
                return place, signal.payload
        return None

    def give_back(self, places: Iterable[int]) -> None:
        """Lets others take what an attempt took that failed."""
        self._taken.difference_update(places)
        self.tell()

    def news(self) -> asyncio.Future[None]:
        """Done when there may be something new to take."""
        if self._news is None or self._news.done():
            self._news = self._driver.runtime.loop.create_future()
        return asyncio.shield(self._news)

    def tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
