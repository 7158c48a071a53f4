"""Followers read an execution's log from any sequence to its end, whoever drives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.errors import NotFound
from penstock.engine.domain.event import Event, EventType
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.journal import Entry
from tests.runtime.memory import ACCOUNT, Chain, MemoryStore, begin, turn

KINDS = [
    EventType.EXECUTION_ACCEPTED,
    EventType.EXECUTION_STARTED,
    EventType.NODE_STARTED,
    EventType.NODE_SUCCEEDED,
    EventType.NODE_STARTED,
    EventType.NODE_SUCCEEDED,
    EventType.EXECUTION_COMPLETED,
]
"""The log of a chain of two nodes."""


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Followers ask the store again at once."""
    monkeypatch.setattr(followers, "_POLL_S_FIRST", 0)
    monkeypatch.setattr(followers, "_POLL_S_MAX", 0)


class Gates:
    """Two nodes; the second goes on when the test says so."""

    def __init__(self) -> None:
        self.second = asyncio.Event()
        self.program = Chain(self._quick, self._slow)

    async def _quick(self, message: bytes) -> bytes:
        return message + b"1"

    async def _slow(self, message: bytes) -> bytes:
        await self.second.wait()
        return message + b"2"


async def log_of(events: AsyncIterator[object]) -> list[Event]:
    return [event async for batch in events for event in batch]  # type: ignore[attr-defined]


async def follow(runtime: Runtime, execution_id: str, after: int = 0) -> list[Event]:
    async with aclosing(followers.follow(runtime, execution_id, ACCOUNT, after)) as events:
        return await log_of(events)


async def finished(runtime: Runtime) -> tuple[str, list[Event]]:
    """An execution that has ended, and its log."""
    gates = Gates()
    driver = await begin(runtime, gates.program)
    gates.second.set()
    await driver.rested()
    return driver.execution_id, await follow(runtime, driver.execution_id)


def seen(events: list[Event]) -> list[tuple[int, EventType]]:
    return [(event.sequence, event.type) for event in events]


async def test_log_of_an_ended_execution_is_whole(runtime: Runtime) -> None:
    _, log = await finished(runtime)
    assert seen(log) == list(enumerate(KINDS, 1))


async def test_live_log_is_the_one_that_is_stored(runtime: Runtime) -> None:
    gates = Gates()
    driver = await begin(runtime, gates.program)
    following = [asyncio.create_task(follow(runtime, driver.execution_id, after)) for after in range(8)]
    await turn()
    gates.second.set()
    logs = await asyncio.gather(*following)
    stored = [await follow(runtime, driver.execution_id, after) for after in range(8)]
    assert logs == stored
    assert [seen(log) for log in logs] == [list(enumerate(KINDS, 1))[after:] for after in range(8)]


async def test_follower_behind_the_tail_reads_the_store(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EVENTS_TAIL", 1)
    monkeypatch.setattr(followers, "_PAGE", 1)
    gates = Gates()
    driver = await begin(runtime, gates.program)
    following = followers.follow(runtime, driver.execution_id, ACCOUNT, 0)
    first = list(await anext(following))
    gates.second.set()
    await driver.rested()
    rest = await log_of(following)
    assert seen([*first, *rest]) == list(enumerate(KINDS, 1))


async def test_unknown_execution_and_that_of_another_account_are_not_found(runtime: Runtime) -> None:
    execution_id, _ = await finished(runtime)
    for wrong_id, account in (("0" * 32, ACCOUNT), (execution_id, "somebody else")):
        with pytest.raises(NotFound, match=f"there is no execution {wrong_id}"):
            await log_of(followers.follow(runtime, wrong_id, account, 0))
        with pytest.raises(NotFound):
            await followers.wait_for_end(runtime, wrong_id, account, 1)


async def lost(runtime: Runtime) -> Driver:
    """The driver, let go of, of an execution whose second node was under way."""
    driver: Driver = await begin(runtime, Gates().program)
    await turn()
    runtime.lost(driver)
    return driver


def other_process_writes(memory: MemoryStore, driver: Driver, *events: Event) -> None:
    memory.put(Entry(driver.key, events, None, None))


RESUMED = Event(5, EventType.EXECUTION_RESUMED, 1, reason="other")
SECOND = Event(7, EventType.NODE_SUCCEEDED, 3, 1, 1, 2, b"12")
COMPLETED = Event(8, EventType.EXECUTION_COMPLETED, 4, attempt=2)
TAKEN_OVER = [
    *KINDS[:4],
    EventType.EXECUTION_RESUMED,
    EventType.NODE_STARTED,
    EventType.NODE_SUCCEEDED,
    EventType.EXECUTION_COMPLETED,
]


async def test_follower_goes_on_when_another_process_takes_the_execution_over(
    runtime: Runtime, memory: MemoryStore
) -> None:
    gates = Gates()
    driver = await begin(runtime, gates.program)
    following = asyncio.create_task(follow(runtime, driver.execution_id))
    await turn()
    runtime.lost(driver)
    await turn()
    other_process_writes(memory, driver, RESUMED)
    await turn()
    other_process_writes(memory, driver, SECOND, COMPLETED)
    assert seen(await following) == list(enumerate(TAKEN_OVER, 1))


async def test_end_that_is_written_between_two_reads_is_not_missed(runtime: Runtime, memory: MemoryStore) -> None:
    driver = await lost(runtime)
    following = followers.follow(runtime, driver.execution_id, ACCOUNT, 4)
    # The log is read, then it ends, then the follower looks whether it has ended.
    memory.after_events = lambda: other_process_writes(memory, driver, RESUMED, SECOND, COMPLETED)
    assert seen(await log_of(following)) == list(enumerate(TAKEN_OVER, 1))[4:]


async def test_follower_ends_at_once_when_nothing_is_left_to_read(runtime: Runtime) -> None:
    execution_id, log = await finished(runtime)
    for after in (len(log), len(log) + 100):
        assert await follow(runtime, execution_id, after) == []


async def test_wait_ends_with_the_execution(runtime: Runtime) -> None:
    gates = Gates()
    driver = await begin(runtime, gates.program)
    waiting = asyncio.create_task(followers.wait_for_end(runtime, driver.execution_id, ACCOUNT, 60))
    await turn()
    assert not waiting.done()
    gates.second.set()
    await waiting
    await followers.wait_for_end(runtime, driver.execution_id, ACCOUNT, 60)
    assert driver.run.status.is_terminal


async def test_wait_goes_on_when_another_process_takes_the_execution_over(
    runtime: Runtime, memory: MemoryStore
) -> None:
    driver = await begin(runtime, Gates().program)
    waiting = asyncio.create_task(followers.wait_for_end(runtime, driver.execution_id, ACCOUNT, 60))
    await turn()
    runtime.lost(driver)
    await turn()
    assert not waiting.done()
    other_process_writes(memory, driver, RESUMED, SECOND, COMPLETED)
    await waiting


async def test_wait_ends_when_its_time_is_up_and_leaves_nothing_behind(runtime: Runtime) -> None:
    driver = await begin(runtime, Gates().program)
    await followers.wait_for_end(runtime, driver.execution_id, ACCOUNT, 0.001)
    assert (driver.run.status.is_terminal, driver._waiters._futures) == (False, [])


async def test_caller_who_goes_away_while_it_waits_is_let_go_and_forgotten(runtime: Runtime) -> None:
    driver = await begin(runtime, Gates().program)
    waiting = asyncio.create_task(followers.wait_for_end(runtime, driver.execution_id, ACCOUNT, 60))
    await turn()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (driver._waiters._futures, runtime.drives(driver)) == ([], True)
