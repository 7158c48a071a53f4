"""A started journal on a real Postgres, and what its tests need beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from penstock.engine.domain.event import Event
from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.engine.storage.journal import Entry, Journal
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.group_writer import PostgresGroupWriter
from penstock.engine.storage.postgres.leases import Leases
from penstock.engine.storage.records import Lease
from tests.storage.samples import key, opened

FAILURE = Failure(
    "CARD_DECLINED",
    "the card was declined: „Zoë“",
    FailureKind.SYSTEM,
    FailureClass.PROVIDER,
    retryable=True,
    node="charge",
    attempt=2,
    traceback="Traceback\n  …",
)

LIFE_S = 3600
_EVENTS_MAX = 1_000_000


class CountingWriter:
    """Passes groups on, remembers how many entries each had, and lets a test step in around each."""

    def __init__(self, url: str) -> None:
        self.inner = PostgresGroupWriter(url)
        self.sizes: list[int] = []
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.before: Callable[[], None] = _nothing
        self.after: Callable[[], None] = _nothing

    async def write(self, entries: Sequence[Entry], lease: Lease, *, again: bool = False) -> None:
        self.entered.set()
        await self.gate.wait()
        self.before()
        await self.inner.write(entries, lease, again=again)
        self.after()
        self.sizes.append(len(entries))


def _nothing() -> None:
    pass


@dataclass(slots=True)
class Desk:
    """One engine process, as far as the store sees it. `told` has what each entry's owner was told, in order."""

    url: str
    journal: Journal
    writer: CountingWriter
    lease: Lease
    database: Database
    executions: Executions
    told: list[tuple[bytes, Exception | None]] = field(default_factory=list)

    def hand_in(self, entry: Entry) -> asyncio.Future[None]:
        """Done when the entry is durable, or with its error."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        told = partial(self._tell, entry.execution_id, done)
        self.journal.commit(entry.execution_id, entry.events, told, entry.acceptance)
        return done

    def _tell(self, execution_id: bytes, done: asyncio.Future[None], error: Exception | None) -> None:
        self.told.append((execution_id, error))
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    async def commit(self, *entries: Entry) -> None:
        await asyncio.gather(*(self.hand_in(entry) for entry in entries))

    async def events(self, number: int) -> list[Event]:
        return (await self.executions.events(key(number).hex(), 0, _EVENTS_MAX))[0]

    async def ids(self) -> set[bytes]:
        """Of all executions."""
        return {found[0].bytes for found in await self.database.fetch_all("select execution_id from executions")}

    async def fence(self) -> Lease:
        """Does what another process does that takes this one for dead. Gives its lease."""
        leases = Leases(self.database)
        other = await leases.acquire("other", "other", LIFE_S)
        await leases.renew(self.lease, -1)
        await leases.fence_the_dead("", other)
        return other


@asynccontextmanager
async def desk_on(url: str) -> AsyncIterator[Desk]:
    """A desk on a migrated database."""
    async with opened(url) as database:
        lease = await Leases(database).acquire("one", "one", LIFE_S)
        writer = CountingWriter(url)
        journal = Journal(writer)
        journal.start(lease)
        try:
            yield Desk(url, journal, writer, lease, database, Executions(database))
        finally:
            await journal.stop()
            await writer.inner.close()


def entry(number: int, *events: Event) -> Entry:
    """Events of one step of an execution that was accepted before."""
    return Entry(key(number), events, None, None)
