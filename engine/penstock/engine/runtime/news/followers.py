"""Reads an execution's log from any sequence on, from the database and live, up to its end.

The one durable cursor: the same sequence resumes a server-sent event stream, a gRPC stream and a page
of events, in this process or another one, as long as the execution is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, TypeAlias

from penstock.engine.domain.errors import NotFound
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, expand
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.news.feed import Feed, Follower
from penstock.engine.runtime.news.watches import Watch
from penstock.engine.storage.records import ExecutionRow

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.runtime import Runtime

News: TypeAlias = "Callable[[float], Awaitable[None]]"

_PAGE = 500
_POLL_S_FIRST = 0.05
_POLL_S_MAX = 1.0


async def follow(
    runtime: Runtime, execution_id: str, account: str, after: int
) -> AsyncGenerator[Sequence[Event], None]:
    """Events after a sequence, implied starts included, in order, without gap or repeat, to the last one.

    Raises NotFound for an execution that the account does not have. Never ends before the execution.
    """
    with _elsewhere(runtime, execution_id) as news:
        async with aclosing(_follow(runtime, execution_id, account, after, news)) as log:
            async for events in log:
                yield events


async def _follow(
    runtime: Runtime, execution_id: str, account: str, after: int, news: News
) -> AsyncGenerator[Sequence[Event], None]:
    poll_s = _POLL_S_FIRST
    while True:
        driver = runtime.driver(execution_id, account)
        if driver is not None:
            async with aclosing(_follow_live(runtime, driver, after)) as live:
                async for events in live:
                    yield events
                    after = events[-1].sequence
            poll_s = _POLL_S_FIRST
        events = await stored_events(runtime, execution_id, account, after, _PAGE)
        if events:
            yield events
            after = events[-1].sequence
            poll_s = _POLL_S_FIRST
            if events[-1].type in TERMINAL_EVENTS:
                return
        elif await _has_ended(runtime, execution_id, account, after):
            return
        elif runtime.driver(execution_id, account) is None:
            # Another process drives it, or will.
            await news(poll_s)
            poll_s = min(poll_s * 2, _POLL_S_MAX)


@contextmanager
def _elsewhere(runtime: Runtime, execution_id: str) -> Iterator[News]:
    """What waits for news of an execution that another process drives, for some seconds at most."""
    watch: Watch | None = None

    async def news(timeout_s: float) -> None:
        nonlocal watch
        if watch is None:
            watch = runtime.watches.watch(execution_id)
        await watch.news(timeout_s)

    try:
        yield news
    finally:
        if watch is not None:
            watch.close()


async def follow_paced(
    runtime: Runtime, driver: Driver, feed: Feed, follower: Follower
) -> AsyncGenerator[Sequence[Event], None]:
    """Like `follow` for the caller that began the execution, whose pipeline waits for this follower."""
    try:
        async with aclosing(_read_feed(runtime, driver, feed, follower)) as news:
            async for events in news:
                yield events
    finally:
        feed.unfollow(follower)


async def _follow_live(runtime: Runtime, driver: Driver, after: int) -> AsyncGenerator[Sequence[Event], None]:
    """Up to the end, or to where this process lets go of the execution."""
    feed = driver.open_feed()
    async with aclosing(follow_paced(runtime, driver, feed, feed.follow(after))) as news:
        async for events in news:
            yield events


async def _read_feed(
    runtime: Runtime, driver: Driver, feed: Feed, follower: Follower
) -> AsyncGenerator[Sequence[Event], None]:
    """What a follower has not seen yet, then live. It counts as passed on when the next is asked for."""
    after = follower.sequence
    while True:
        newest = feed.after(after)
        if newest is None:
            # Behind the tail: what is missing is durable, so it is in the database.
            first = await _row_events(runtime, driver, after) if after < 2 else ()
            newest = [*first, *(await runtime.executions.events(driver.execution_id, after, _PAGE))[0]]
        if newest:
            events = list(expand(newest, after))
            yield events
            after = newest[-1].sequence
            feed.advance(follower, after)
        elif feed.is_ended or feed.is_closed:
            return
        else:
            await feed.news(after)


async def _row_events(runtime: Runtime, driver: Driver, after: int) -> Sequence[Event]:
    row = await runtime.executions.get(driver.execution_id, driver.account)
    return [] if row is None else [event for event in row.first_events() if event.sequence > after]


async def stored_events(runtime: Runtime, execution_id: str, account: str, after: int, count_max: int) -> list[Event]:
    """At most about `count_max` events after a sequence as they stand in the database. Raises NotFound."""
    row = await get_row(runtime, execution_id, account)
    stored, is_all = await runtime.executions.events(execution_id, after, count_max)
    return _whole_log(row, stored, is_all, after)


async def stored_heads(runtime: Runtime, execution_id: str, account: str, after: int, count_max: int) -> list[Event]:
    """Like `stored_events`, without payloads but those of reports."""
    row = await get_row(runtime, execution_id, account)
    stored, is_all = await runtime.executions.event_heads(execution_id, after, count_max)
    return _whole_log(row, stored, is_all, after)


def _whole_log(row: ExecutionRow, stored: Sequence[Event], is_all: bool, after: int) -> list[Event]:
    """Stored events with those that the execution's row holds."""
    first = [event for event in row.first_events() if event.sequence > after]
    events = list(expand([*first, *stored], after))
    if is_all:
        # The row may have been read before an event that is in `stored`; never after the end.
        end = row.last_event()
        if end is not None and end.sequence > after:
            events.append(end)
    return events


async def get_row(runtime: Runtime, execution_id: str, account: str) -> ExecutionRow:
    """Raises NotFound, for an execution of another account too."""
    row = await runtime.executions.get(execution_id, account)
    if row is None:
        raise NotFound(f"there is no execution {execution_id}")
    return row


async def _has_ended(runtime: Runtime, execution_id: str, account: str, after: int) -> bool:
    """Whether there is nothing after a sequence and never will be: it may have ended since the log was read."""
    row = await get_row(runtime, execution_id, account)
    return row.complete_us is not None and row.last_sequence <= after


async def wait_for_end(
    runtime: Runtime, execution_id: str, account: str, timeout_s: float, *, or_pause: bool = False
) -> None:
    """Returns when the execution has ended, or with `or_pause` is paused, or the time is up. Raises NotFound."""
    with _elsewhere(runtime, execution_id) as news:
        await _wait_for_end(runtime, execution_id, account, timeout_s, or_pause, news)


async def _wait_for_end(
    runtime: Runtime, execution_id: str, account: str, timeout_s: float, or_pause: bool, news: News
) -> None:
    deadline = runtime.loop.time() + timeout_s
    poll_s = _POLL_S_FIRST
    while (left_s := deadline - runtime.loop.time()) > 0:
        driver = runtime.driver(execution_id, account)
        if driver is not None:
            await wait_for_driver(runtime, driver, left_s, or_pause=or_pause)
            if driver.run.status.is_terminal or (or_pause and driver.run.status is ExecutionStatus.PAUSED):
                return
            continue
        row = await get_row(runtime, execution_id, account)
        if row.complete_us is not None or (or_pause and row.status is ExecutionStatus.PAUSED):
            return
        await news(min(poll_s, left_s))
        poll_s = min(poll_s * 2, _POLL_S_MAX)


async def wait_for_driver(runtime: Runtime, driver: Driver, timeout_s: float, *, or_pause: bool = False) -> None:
    """Returns when the execution has ended, or with `or_pause` is paused, when this process has let go of it, or when
    the time is up."""
    if or_pause and driver.run.status is ExecutionStatus.PAUSED:
        return
    rested = driver.rested()
    timer = runtime.loop.call_later(timeout_s, rested.cancel)
    try:
        while True:
            await rested
            if or_pause or driver.run.status.is_terminal:
                return
            # It is paused, and the caller waits on.
            timer.cancel()
            left_s = timer.when() - runtime.loop.time()
            rested = driver.rested()
            timer = runtime.loop.call_later(left_s, rested.cancel)
    except asyncio.CancelledError:
        # The timer, or the caller went away: only the latter goes on up.
        driver.forget(rested)
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
    finally:
        timer.cancel()
