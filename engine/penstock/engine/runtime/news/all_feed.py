"""Follows the events of all executions of an account, in the order of their commits, from any place on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import InvalidArgument, Overloaded
from penstock.engine.runtime.news.watches import EVERYTHING, Watch
from penstock.engine.storage.postgres.commit_order import BEGINNING, Choice, CommitOrder, Page, Place, Recorded

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

OLDEST = "oldest"
"""Stands for the place before everything that is kept."""
READERS_MAX = 100
"""Those who follow at once in one process: each reads by itself, up to 100 times a second while much happens."""
_CURSOR = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{32})-([0-9]{1,10})")
_PAGE = 500
_SPAN_FIRST, _SPAN_MAX = 16, 1 << 40
"""Transactions that one read goes over: each may hold thousands of events, or none."""
_READ_S_MIN, _READ_S_MAX = 0.02, 0.1
"""A read that takes less goes over more transactions the next time, one that takes longer over fewer."""
_GAP_S = 0.01
"""Between two reads, so that many commits are one read. It is part of how late an event is."""
_POLL_S = 1.0
"""How long nothing is read that no process told of."""
_OPEN_S_FIRST = 0.01
"""How soon to look again for what was told of and is behind a transaction that is still under way."""
_BOOKMARK_S = 10.0
"""Silence after which a reader is told how far it has come."""
_SUMMARIZE_S = 1.0


class CursorError(InvalidArgument):
    """The cursor does not say where to go on."""

    reason = "INVALID_CURSOR"


@dataclass(frozen=True, slots=True)
class Batch:
    """Events, and the place behind them. Without events it only says how far all is read."""

    recorded: Sequence[Recorded]
    place: Place


class AllFeed:
    """What all readers of one process share."""

    def __init__(self, runtime: Runtime, order: CommitOrder) -> None:
        self._runtime = runtime
        self._order = order
        self._reader_count = 0
        self._summarize_at = 0.0

    async def follow(self, choice: Choice, after: Place | None) -> AsyncGenerator[Batch, None]:
        """Never ends. The first batch has no events: it says where reading begins. `after` None means now.

        Raises CursorError for a place that is not there any more, Overloaded.
        """
        if self._reader_count >= READERS_MAX:
            raise Overloaded(f"{READERS_MAX} readers follow all executions in this process already")
        self._reader_count += 1
        watch = self._runtime.watches.watch(EVERYTHING)
        try:
            async with aclosing(self._read(choice, after or await self._order.now(), watch)) as batches:
                async for batch in batches:
                    yield batch
        finally:
            watch.close()
            self._reader_count -= 1

    async def _read(self, choice: Choice, place: Place, watch: Watch) -> AsyncGenerator[Batch, None]:
        loop = self._runtime.loop
        span, was_told, wanted, open_s = _SPAN_FIRST, True, 0, _OPEN_S_FIRST
        is_known = place != BEGINNING
        given_at = 0.0
        while True:
            begun_s = loop.time()
            page = await self._order.page(choice, place, span, _PAGE)
            took_s = loop.time() - begun_s
            if is_known:
                _check(place, page)
            if not given_at:
                yield Batch((), place)
                given_at = loop.time()
            is_full = len(page.recorded) == _PAGE
            place = page.recorded[-1].place if is_full else max(place, Place(page.upto, BEGINNING.execution_id, 0))
            if page.recorded or loop.time() - given_at >= _BOOKMARK_S:
                yield Batch(page.recorded, place)
                given_at = loop.time()
            if took_s > _READ_S_MAX:
                span = max(1, span // 2)
            elif took_s < _READ_S_MIN:
                span = min(span * 2, _SPAN_MAX)
            if is_full or page.upto < page.complete:
                continue
            is_known = True
            if was_told:
                wanted, open_s = page.begun, _OPEN_S_FIRST
                self._summarize()
            is_open = page.complete < wanted
            await asyncio.sleep(_GAP_S)
            was_told = await watch.news(open_s if is_open else _POLL_S)
            open_s = min(open_s * 2, _POLL_S)

    def _summarize(self) -> None:
        now = self._runtime.loop.time()
        if now >= self._summarize_at:
            self._summarize_at = now + _SUMMARIZE_S
            self._runtime.background(self._order.summarize())


def _check(place: Place, page: Page) -> None:
    """Raises CursorError when something behind the place is gone, or was never there."""
    if place.xid < page.removed:
        raise CursorError(
            f"cursor: expected one that is not older than what is kept, got {write_cursor(place)!r}: executions that"
            f" ended behind it were removed; {OLDEST!r} begins with what there still is",
            field="cursor",
            reason="CURSOR_EXPIRED",
        )
    if place.xid > page.begun:
        raise CursorError(
            f"cursor: expected one of this server, got {write_cursor(place)!r}, which is ahead of it", field="cursor"
        )


def write_cursor(place: Place) -> str:
    return f"{place.xid:x}-{place.execution_id}-{place.sequence}"


def read_cursor(text: str) -> Place | None:
    """None for "", which means now. Raises CursorError."""
    if not text:
        return None
    if text == OLDEST:
        return BEGINNING
    found = _CURSOR.fullmatch(text)
    if found is None or int(found[1], 16) >= 1 << 62:
        raise CursorError(
            f"cursor: expected the cursor of an answer, {OLDEST!r} or nothing, got {text[:80]!r}", field="cursor"
        )
    return Place(int(found[1], 16), found[2], int(found[3]))
