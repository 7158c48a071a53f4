"""Writes the audit log: all records that wait for it in one transaction an account, in their order."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from penstock.engine.domain.audit import Record
from penstock.engine.domain.errors import StoreUnavailable

log = logging.getLogger(__name__)

_PAUSE_S = 0.25
"""How long records wait for others when nobody waits for them."""
_WAITING_MAX = 10_000
"""Records that wait; whoever brings more waits with them. Some megabytes."""
_LOT = 1_000
_RETRY_S = 0.5
_STOP_S_MAX = 5.0


class Rows(Protocol):
    async def add(self, account: str, records: list[Record]) -> None: ...


class AuditWriter:
    """Used from the event loop's thread alone, from `start` to `stop`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, list[Record]] = {}
        self._count = 0
        self._urgent = asyncio.Event()
        self._any = asyncio.Event()
        self._written: asyncio.Future[None] = self._loop.create_future()
        self._writing: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = self._loop.create_task(self._run(), name="audit")

    async def settled(self) -> None:
        """Returns when everything that was brought before is durable."""
        if self._count:
            self._urgent.set()
            await asyncio.shield(self._written)
        elif self._writing is not None:
            await asyncio.shield(self._writing)

    async def stop(self) -> None:
        """Writes what waits, unless the database does not answer."""
        if self._task is None:
            return
        settled = self._loop.create_task(self.settled())
        await asyncio.wait([settled, self._task], timeout=_STOP_S_MAX, return_when=asyncio.FIRST_COMPLETED)
        settled.cancel()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def put(self, account: str, record: Record) -> None:
        """Returns when the record is durable, however long the database is away."""
        written = self._add(account, record)
        self._urgent.set()
        await asyncio.shield(written)

    async def note(self, account: str, record: Record) -> None:
        """Has the record written within a moment; waits only when very many are."""
        written = self._add(account, record)
        if self._count >= _WAITING_MAX:
            self._urgent.set()
            await asyncio.shield(written)

    def _add(self, account: str, record: Record) -> asyncio.Future[None]:
        self._waiting.setdefault(account, []).append(record)
        self._count += 1
        self._any.set()
        return self._written

    async def _run(self) -> None:
        while True:
            await self._any.wait()
            if not self._urgent.is_set():
                try:
                    async with asyncio.timeout(_PAUSE_S):
                        await self._urgent.wait()
                except TimeoutError:
                    pass
            waiting, self._waiting = self._waiting, {}
            written, self._written = self._written, self._loop.create_future()
            self._writing = written
            self._count = 0
            self._any.clear()
            self._urgent.clear()
            for account, records in waiting.items():
                for first in range(0, len(records), _LOT):
                    await self._write(account, records[first : first + _LOT])
            self._writing = None
            written.set_result(None)

    async def _write(self, account: str, records: list[Record]) -> None:
        has_complained = False
        while True:
            try:
                await self._rows.add(account, records)
                return
            except StoreUnavailable:
                if not has_complained:
                    has_complained = True
                    log.warning(
                        "the audit log cannot be written; trying again",
                        extra={"action": "audit_retry", "count": len(records)},
                    )
                await asyncio.sleep(_RETRY_S)
