"""Processes tell each other of commits that somebody watches, and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest

from penstock.engine.domain.event import Event, EventType
from penstock.engine.runtime.news import watches as module
from penstock.engine.runtime.news.hearing import Hearing
from penstock.engine.runtime.news.watches import EVERYTHING, Watches
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.notices import Notice, in_lots
from tests.runtime.memory import Chain, MemoryStore, begin, make_runtime, nothing, turn


class Hub:
    """Stands in for the notifications of a database: whoever listens hears all."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self._listeners: list[asyncio.Queue[Notice]] = []

    async def send(self, channel: str, texts: Iterable[str]) -> None:
        for text in texts:
            self.sent.append((channel, text))
            for listener in self._listeners:
                listener.put_nowait(Notice(channel, text))

    async def heard(self, channels: Iterable[str]) -> AsyncIterator[Notice]:
        queue: asyncio.Queue[Notice] = asyncio.Queue()
        self._listeners.append(queue)
        yield Notice("", "")
        while True:
            yield await queue.get()

    def interrupt(self) -> None:
        """The connections broke and were made again."""
        for listener in self._listeners:
            listener.put_nowait(Notice("", ""))


class Process:
    """A runtime that hears the hub."""

    def __init__(self, hub: Hub) -> None:
        self.runtime: Runtime = make_runtime(MemoryStore())
        notices: Any = hub
        self.runtime.watches = self.watches = Watches(self.runtime, notices)
        hearing = Hearing(self.runtime, notices)
        self.watches.listen(hearing)
        hearing.start()
        self.runtime.journal.told = self.watches.committed


@pytest.fixture(autouse=True)
def no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GAP_S", 0)


@pytest.fixture
async def hub() -> Hub:
    return Hub()


@pytest.fixture
async def process(hub: Hub) -> AsyncIterator[Callable[[], Process]]:
    made: list[Process] = []

    def make() -> Process:
        made.append(Process(hub))
        return made[-1]

    yield make
    for each in made:
        await each.runtime.stop()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)


class Gate:
    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.program = Chain(nothing, self._wait, nothing)

    async def _wait(self, message: bytes) -> bytes:
        await self.opened.wait()
        return message


async def test_nothing_is_sent_while_nobody_watches(hub: Hub, process: Callable[[], Process]) -> None:
    one, _ = process(), process()
    await turn()
    driver = await begin(one.runtime, Chain(nothing, nothing))
    await driver.rested()
    await turn()
    assert hub.sent == []


async def test_who_watches_hears_of_each_commit(hub: Hub, process: Callable[[], Process]) -> None:
    one, two = process(), process()
    await turn()
    gate = Gate()
    driver = await begin(one.runtime, gate.program)
    other = await begin(one.runtime, Gate().program)
    watch = two.watches.watch(driver.execution_id)
    # The first news is the answer: something may have been committed before the process knew.
    assert await watch.news(60)
    await turn()
    while await watch.news(0):
        pass
    gate.opened.set()
    assert await watch.news(60)
    await driver.rested()
    await turn()
    assert not any(other.execution_id in text for _, text in hub.sent)
    watch.close()


async def test_who_goes_on_with_an_execution_tells_of_it_too(hub: Hub, process: Callable[[], Process]) -> None:
    one, two = process(), process()
    await turn()
    gate = Gate()
    driver = await begin(one.runtime, gate.program)
    one.runtime.lost(driver)
    watch = two.watches.watch(driver.execution_id)
    await turn()
    assert not await watch.news(0)
    one.runtime.add(driver)
    driver.feed = None
    one.watches.driven(driver)
    await turn()
    driver.open_feed().publish([_event(driver)], False)
    assert await watch.news(60)
    watch.close()


def _event(driver: Any) -> Event:
    return Event(driver.run.sequence + 1, EventType.EXECUTION_RESUMED, 1)


async def test_everything_is_told_of_to_those_who_watch_everything(hub: Hub, process: Callable[[], Process]) -> None:
    one, two = process(), process()
    await turn()
    watch, mine = two.watches.watch(EVERYTHING), one.watches.watch(EVERYTHING)
    await turn()
    while await watch.news(0) or await mine.news(0):
        pass
    driver = await begin(one.runtime, Chain(nothing))
    await driver.rested()
    assert await watch.news(60)
    assert await mine.news(60)
    watch.close()
    mine.close()


async def test_interest_ends_by_itself(
    hub: Hub, process: Callable[[], Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LIFE_S", 0.0)
    one, two = process(), process()
    await turn()
    gate = Gate()
    driver = await begin(one.runtime, gate.program)
    watches = [two.watches.watch(driver.execution_id), two.watches.watch(EVERYTHING)]
    await turn()
    for watch in watches:
        watch.close()
    sent = len(hub.sent)
    gate.opened.set()
    await driver.rested()
    await turn()
    assert len(hub.sent) == sent


async def test_after_a_connection_broke_all_is_looked_at_and_asked_for_again(
    hub: Hub, process: Callable[[], Process]
) -> None:
    one, two = process(), process()
    await turn()
    watch = two.watches.watch("a" * 32)
    await turn()
    asked = [text for channel, text in hub.sent if channel == "penstock_watch"]
    hub.interrupt()
    assert await watch.news(60)
    await turn()
    assert [text for channel, text in hub.sent if channel == "penstock_watch"] == asked * 2
    assert one.watches._wanted.keys() == {"a" * 32}
    watch.close()


async def test_many_names_are_several_notifications() -> None:
    names = [f"{number:032x}" for number in range(1000)]
    texts = list(in_lots("me", names))
    assert all(len(text.encode()) < 8000 for text in texts)
    assert [name for text in texts for name in text.split()[1:]] == names
    assert all(text.startswith("me ") for text in texts)
    assert list(in_lots("me", [])) == []
