"""Group commit: makes the events of all executions durable, many in one transaction.

While one transaction is under way the next group fills; there is no timer, so a lone event is
committed at once and groups form by themselves under load.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from penstock.engine.domain import limits
from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.domain.event import Event
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.journal_counts import JournalCounts
from penstock.engine.storage.records import Acceptance, Lease, SearchValue

log = logging.getLogger(__name__)

_RETRY_DELAY_S_FIRST = 0.05
_RETRY_DELAY_S_MAX = 2.0
_STOP_S_MAX = 5.0
"""How long `stop` waits for a database that does not answer. What is lost then was acknowledged to nobody."""
_HALVED_MIN = 16
"""A group of so many entries that were handed in while nothing was being written is written as two."""
_LOST = "another process has taken over this process's executions"


Committed = Callable[[Exception | None], None]
"""Called once, with None when the events are durable and with the error when they are not."""


class Entry(NamedTuple):
    """What one step wants committed, and who is told (None: nobody waits for it)."""

    execution_id: bytes
    events: Sequence[Event]
    acceptance: Acceptance | None
    committed: Committed | None
    values: Sequence[SearchValue] = ()
    """What it is to be found by; nothing for most."""
    data_key: DataKey | None = None
    """Seals what flows; None for most."""


class GroupWriter(Protocol):
    """Commits groups of entries."""

    async def write(self, entries: Sequence[Entry], lease: Lease, *, again: bool = False) -> None:
        """All entries in one transaction, or none.

        `again` says that they were written before and StoreUnavailable was raised: they may be there already.

        Raises LeaseLost when the lease is not held any more, StoreUnavailable when the database
        cannot be reached (whether the group was committed is then unknown), and anything else when
        an entry cannot be stored.
        """
        ...


class Journal:
    """Owns the groups. Used from the event loop's thread alone."""

    def __init__(self, writer: GroupWriter) -> None:
        self._writer = writer
        self.told: Callable[[], None] | None = None
        """Called after each commit, when its owners have acted on it."""
        self._lease: Lease | None = None
        self._groups: deque[list[Entry]] = deque([[]])
        self._row_count = 0
        self._byte_count = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting_since_s = 0.0
        """Since when the first entry of the group that fills has waited, in the loop's time."""
        self.counts = JournalCounts()

    def start(self, lease: Lease) -> None:
        self._lease = lease
        self._task = self._loop.create_task(self._run(), name="journal")

    def renew(self, lease: Lease) -> None:
        """From now on entries are committed under this lease; the one before was lost.

        What was handed in until now was decided under the lost lease, and another process may have gone on
        with those executions since: it fails with LeaseLost.
        """
        lost, self._groups = self._groups, deque([[]])
        self._row_count = self._byte_count = 0
        self._wake.clear()
        self._lease = lease
        for group in lost:
            _tell(group, LeaseLost(_LOST))

    async def stop(self) -> None:
        """Commits what was handed in, unless the database does not answer, then stops."""
        if self._task is None:
            return
        # A marker behind what is there: when it is told, so was everything before it.
        written: asyncio.Future[None] = self._loop.create_future()
        self.commit(b"", (), partial(_resolve, written))
        await asyncio.wait([written, self._task], timeout=_STOP_S_MAX, return_when=asyncio.FIRST_COMPLETED)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def commit(
        self,
        execution_id: bytes,
        events: Sequence[Event],
        committed: Committed | None = None,
        acceptance: Acceptance | None = None,
        values: Sequence[SearchValue] = (),
        data_key: DataKey | None = None,
    ) -> None:
        """Has the events committed with the next group, then calls `committed`, which must not raise.

        Its error is LeaseLost when this process may not drive the execution any more: then nothing of
        the step may be acted on.
        """
        byte_count = 0 if acceptance is None else len(acceptance.input)
        for event in events:
            if event.payload is not None:
                byte_count += len(event.payload)
        self._row_count += len(events)
        self._byte_count += byte_count
        if self._row_count > limits.GROUP_RECORDS_MAX or self._byte_count > limits.GROUP_BYTES_MAX:
            self._groups.append([])
            self._row_count = len(events)
            self._byte_count = byte_count
        self._groups[-1].append(Entry(execution_id, events, acceptance, committed, values, data_key))
        if not self._wake.is_set():
            self._wake.set()
            self._waiting_since_s = self._loop.time()

    async def _run(self) -> None:
        while True:
            was_idle = not self._wake.is_set()
            await self._wake.wait()
            group, since_s = self._groups.popleft(), self._waiting_since_s
            if was_idle and len(group) >= _HALVED_MIN and not self._groups:
                # All who are busy came at once. As one group they would come at once for ever, and this process and
                # the database would take turns; as two each works while the other does.
                half = len(group) // 2
                self._groups.append(group[half:])
                del group[half:]
            elif not self._groups:
                self._groups.append([])
                self._row_count = self._byte_count = 0
                self._wake.clear()
            assert self._lease is not None
            await self._write(group, self._lease, since_s)

    async def _write(self, group: list[Entry], lease: Lease, since_s: float, *, again: bool = False) -> None:
        """`since_s` is when the first entry came, in the loop's time."""
        delay_s = _RETRY_DELAY_S_FIRST
        while True:
            begin_s = self._loop.time()
            try:
                await self._writer.write(group, lease, again=again)
            except StoreUnavailable as error:
                again = True
                self.counts.retry_count += 1
                log.warning(
                    "the database does not answer; trying again",
                    extra={"action": "journal_retry", "delay_s": delay_s, "error": str(error)},
                )
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, _RETRY_DELAY_S_MAX)
            except LeaseLost as error:
                _tell(group, error)
                return
            except Exception as error:
                if len(group) == 1:
                    self.counts.refused_count += 1
                    log.exception("an entry cannot be stored", extra={"action": "journal_entry_refused"})
                    _tell(group, error)
                    return
                # One entry that the database refuses must not take the others with it.
                for entry in group:
                    await self._write([entry], lease, since_s, again=again)
                return
            else:
                now_s = self._loop.time()
                self.counts.add(len(group), now_s - begin_s, now_s - since_s)
                # Whoever took the lease over while the answer was on its way may drive these executions by now.
                _tell(group, None if lease is self._lease else LeaseLost(_LOST))
                if self.told is not None:
                    self.told()
                return


def _resolve(written: asyncio.Future[None], error: Exception | None) -> None:
    written.set_result(None)


def _tell(group: list[Entry], error: Exception | None) -> None:
    for entry in group:
        if entry.committed is not None:
            try:
                entry.committed(error)
            except Exception:
                # One execution that cannot go on must not stop the journal for all the others.
                log.exception("an owner broke when it was told", extra={"action": "journal_owner_broke"})
