"""The cache of outputs: computed once, whoever asks at the same time, and again when who computes it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.runtime.running.cache import PROLONG_EVERY_S, OutputCache, Reservation
from penstock.engine.storage.postgres.cache import CacheRows
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.leases import Leases

ACCOUNT = "ada"
KEY, OTHER_KEY = bytes(32), bytes([1]) * 32
SECOND_US = 1_000_000
Make = Callable[[], OutputCache]


class Sleeps:
    """What a cache waits for: each wait lasts until the test ends it."""

    def __init__(self) -> None:
        self.pauses: asyncio.Queue[tuple[float, asyncio.Event]] = asyncio.Queue()

    async def __call__(self, seconds: float) -> None:
        event = asyncio.Event()
        await self.pauses.put((seconds, event))
        await event.wait()

    async def next(self, *, of: Callable[[float], bool]) -> tuple[float, asyncio.Event]:
        """The next wait of those that are asked for; the others go on waiting."""
        while True:
            seconds, event = await asyncio.wait_for(self.pauses.get(), 10)
            if of(seconds):
                return seconds, event


def is_look(seconds: float) -> bool:
    return seconds <= 1


def is_prolonging(seconds: float) -> bool:
    return seconds == PROLONG_EVERY_S


class Process:
    """One engine process: a lease and a cache."""

    def __init__(self, database: Database, lease_id: UUID) -> None:
        self.sleeps = Sleeps()
        self.lease_id = lease_id
        self.cache = OutputCache(CacheRows(database), lambda: self.lease_id, self.sleeps)

    async def ask(self, key: bytes = KEY, *, overwrite: bool = False) -> bytes | Reservation:
        return await self.cache.get_or_reserve(ACCOUNT, key, overwrite)

    async def reserve(self, key: bytes = KEY, *, overwrite: bool = False) -> Reservation:
        found = await self.ask(key, overwrite=overwrite)
        assert isinstance(found, Reservation)
        return found

    def ask_aside(self) -> asyncio.Task[bytes | Reservation]:
        return asyncio.create_task(self.ask())


@pytest.fixture
async def processes(database: Database) -> AsyncIterator[list[Process]]:
    leases = Leases(database)
    made = [Process(database, (await leases.acquire(f"i{n}", "test", 60)).lease_id) for n in range(2)]
    yield made
    for process in made:
        await process.cache.stop()


@pytest.fixture
def process(processes: list[Process]) -> Process:
    return processes[0]


@pytest.fixture
def other(processes: list[Process]) -> Process:
    return processes[1]


def test_key_tells_every_argument_from_every_other() -> None:
    key = OutputCache.key
    keys = {
        key("ada", b"node", "1", b"input"),
        key("bob", b"node", "1", b"input"),
        key("ada", b"nod", "e1", b"input"),
        key("ada", b"node", "2", b"input"),
        key("ada", b"node", "", b"1input"),
        key("ada", b"node", "1", b"other"),
        key("ada", b"node", "1", b""),
    }
    assert len(keys) == 7
    assert {len(each) for each in keys} == {32}
    assert key("ada", b"node", "1", b"input") in keys


async def test_output_is_there_once_it_was_filled(process: Process, other: Process) -> None:
    await (await process.reserve()).fill(b"output", None)
    assert (await process.ask(), await other.ask()) == (b"output", b"output")
    assert isinstance(await process.ask(OTHER_KEY), Reservation)


async def test_empty_output_is_one(process: Process) -> None:
    await (await process.reserve()).fill(b"", None)
    assert await process.ask() == b""


async def test_accounts_do_not_share(process: Process) -> None:
    await (await process.reserve()).fill(b"output", None)
    assert isinstance(await process.cache.get_or_reserve("bob", KEY, False), Reservation)


async def test_many_at_once_compute_once(process: Process) -> None:
    reservation = await process.reserve()
    waiting = [process.ask_aside() for _ in range(100)]
    await asyncio.sleep(0)
    await reservation.fill(b"output", None)
    assert await asyncio.gather(*waiting) == [b"output"] * 100
    assert process.sleeps.pauses.qsize() <= 1  # nobody looked again and again: at most the reservation is kept


async def test_after_a_release_one_of_those_who_wait_computes_it(process: Process) -> None:
    reservation = await process.reserve()
    waiting = [process.ask_aside() for _ in range(3)]
    await asyncio.sleep(0)
    await reservation.release()
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    (next_one,) = [task.result() for task in done]
    assert isinstance(next_one, Reservation)
    await next_one.fill(b"output", None)
    assert await asyncio.gather(*pending) == [b"output"] * 2


async def test_one_who_stops_waiting_does_not_stop_the_others(process: Process) -> None:
    reservation = await process.reserve()
    impatient, patient = process.ask_aside(), process.ask_aside()
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    await reservation.fill(b"output", None)
    assert await patient == b"output"


async def test_fill_and_release_count_once(process: Process) -> None:
    reservation = await process.reserve()
    await reservation.fill(b"output", None)
    await reservation.release()
    await reservation.fill(b"late", None)
    assert await process.ask() == b"output"
    reservation = await process.reserve(OTHER_KEY)
    await reservation.release()
    await reservation.fill(b"late", None)
    assert isinstance(await process.ask(OTHER_KEY), Reservation)


async def test_another_process_waits_longer_and_longer_and_gets_it(process: Process, other: Process) -> None:
    reservation = await process.reserve()
    waiting = other.ask_aside()
    pauses = []
    for _ in range(6):
        seconds, pause = await other.sleeps.next(of=is_look)
        pauses.append(seconds)
        pause.set()
    _, pause = await other.sleeps.next(of=is_look)
    await reservation.fill(b"output", None)
    pause.set()
    assert await waiting == b"output"
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1, 1]


async def test_another_process_computes_it_after_a_release(process: Process, other: Process) -> None:
    reservation = await process.reserve()
    waiting = other.ask_aside()
    _, pause = await other.sleeps.next(of=is_look)
    await reservation.release()
    pause.set()
    assert isinstance(await waiting, Reservation)


@pytest.mark.parametrize(
    "end",
    [
        "update cache_entries set expire_time = now() - interval '1 s'",
        "update leases set expire_time = 'infinity', epoch = epoch + 1 where instance = 'i0'",
        "delete from leases where instance = 'i0'",
    ],
    ids=["it ran out", "its lease was fenced", "its lease is forgotten"],
)
async def test_reservation_of_a_dead_process_is_taken_over(
    process: Process, other: Process, database: Database, end: str
) -> None:
    late = await process.reserve()
    waiting = other.ask_aside()
    _, pause = await other.sleeps.next(of=is_look)
    await database.execute(end)
    pause.set()
    found = await waiting
    assert isinstance(found, Reservation)
    # The one that was believed dead changes nothing by giving up.
    await late.release()
    third = OutputCache(CacheRows(database), lambda: other.lease_id, other.sleeps)
    asking = asyncio.create_task(third.get_or_reserve(ACCOUNT, KEY, False))
    _, pause = await other.sleeps.next(of=is_look)
    await found.fill(b"output", None)
    pause.set()
    assert await asking == b"output"


async def test_reservation_is_kept_while_it_is_computed(process: Process, database: Database) -> None:
    reservation = await process.reserve()
    await database.execute("update cache_entries set expire_time = now() + interval '1 s'")
    _, pause = await process.sleeps.next(of=is_prolonging)
    pause.set()
    _, pause = await process.sleeps.next(of=is_prolonging)
    left = await database.fetch_one("select expire_time > now() + interval '5 s' from cache_entries")
    assert left == (True,)
    await reservation.release()
    assert process.cache._prolonging is not None
    pause.set()
    await process.cache._prolonging  # which ends when nothing is reserved


async def test_output_goes_when_its_time_is_over(process: Process, database: Database) -> None:
    await (await process.reserve()).fill(b"output", 60 * SECOND_US)
    left = await database.fetch_one("select expire_time - create_time = interval '60 s' from cache_entries")
    assert (left, await process.ask()) == ((True,), b"output")
    await database.execute("update cache_entries set expire_time = now() - interval '1 s'")
    await (await process.reserve()).fill(b"newer", None)
    assert await process.ask() == b"newer"


async def test_overwrite_computes_it_anew_and_what_was_there_stands_meanwhile(process: Process, other: Process) -> None:
    await (await process.reserve()).fill(b"old", None)
    anew = await process.reserve(overwrite=True)
    assert (await process.ask(), await other.ask()) == (b"old", b"old")
    await anew.fill(b"new", None)
    assert (await process.ask(), await other.ask()) == (b"new", b"new")
    await (await process.reserve(overwrite=True)).release()
    assert await process.ask() == b"new"


async def test_others_wait_for_an_overwrite_that_comes_first(process: Process) -> None:
    anew = await process.reserve(overwrite=True)
    waiting = process.ask_aside()
    await asyncio.sleep(0)
    await anew.fill(b"new", None)
    assert await waiting == b"new"


async def test_overwrite_waits_for_nobody(process: Process, other: Process) -> None:
    first = await process.reserve()
    for one in (process, other):
        await (await one.reserve(overwrite=True)).release()
    second = await other.reserve(overwrite=True)
    await second.fill(b"second", None)
    await first.fill(b"first", None)
    assert (await process.ask(), await other.ask()) == (b"first", b"first")


async def test_expired_entries_go_in_lots(
    process: Process, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        await (await process.reserve(bytes([number]) * 32)).fill(b"old", SECOND_US)
    await database.execute("update cache_entries set expire_time = now() - interval '1 s'")
    await (await process.reserve(b"k" * 32)).fill(b"for ever", None)
    await process.reserve(b"r" * 32)
    monkeypatch.setattr(limits, "CACHE_SWEEP_LOT", 3)
    assert [await process.cache.sweep() for _ in range(3)] == [3, 2, 0]
    assert await database.fetch_one("select count(*)::int from cache_entries") == (2,)


async def test_without_its_store_everything_is_computed(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    for name in ("get", "reserve", "put", "release"):
        monkeypatch.setattr(CacheRows, name, fail)
    reservation = await process.reserve()
    waiting = process.ask_aside()
    await asyncio.sleep(0)
    await reservation.fill(b"output", None)
    assert await waiting == b"output"
    await (await process.reserve()).release()
    await (await process.reserve(overwrite=True)).fill(b"output", None)


async def test_one_who_is_cancelled_while_waiting_leaves_nothing_behind(process: Process, other: Process) -> None:
    reservation = await process.reserve()
    leader, follower = other.ask_aside(), other.ask_aside()
    await other.sleeps.next(of=is_look)
    leader.cancel()
    await asyncio.gather(leader, return_exceptions=True)
    _, pause = await other.sleeps.next(of=is_look)
    await reservation.fill(b"output", None)
    pause.set()
    assert await follower == b"output"
    assert other.cache._flights == {}
