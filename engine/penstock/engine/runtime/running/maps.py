"""Runs a map: a function once per item of a repeated field, a bounded number of items at a time.

Each item is its own checkpoint. Items that end while one commit is under way go into the next one together.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from penstock.engine.domain import limits
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.occurrence import ItemFailed, ItemsCompleted, NodeStarted
from penstock.engine.domain.run import Items
from penstock.engine.domain.step import Step
from penstock.engine.nodes.authoring import PolicyError, UserError
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.failures import failure_of
from penstock.engine.runtime.running.node_runner import call_node, encoded, too_large

if TYPE_CHECKING:
    from penstock.engine.runtime.walker import Walker

_Done = tuple[int, int, int, bytes]
_UNCOMMITTED_MAX = 1_000
"""Results that wait for their commit before the items wait too."""


async def run_map(walker: Walker, attempt: Attempt, message: bytes, run_input: bytes) -> bytes:
    """The output of the map when its last item is durable. Its items are in one of the two. Raises LeaseLost."""
    driver, node = walker.driver, attempt.node
    inputs = driver.program.items(node.index, message, run_input)
    if len(inputs) > limits.MAP_ITEMS_MAX:
        raise UserError(
            f"{node.name} has {len(inputs):,} items; the limit is {limits.MAP_ITEMS_MAX:,}", code="TOO_MANY_ITEMS"
        )
    # Its items have their timeouts; the map itself has none.
    driver.runtime.attempts.end(attempt)
    await driver.submit(NodeStarted(node.index, attempt.started_us, len(inputs)))
    items = driver.run.flights[node.index].items
    assert items is not None
    await _Map(walker, attempt, inputs, items).run()
    return driver.program.collect(node.index, items.results)


class _Map:
    """The items of one map that are not done yet, and the tasks that run them."""

    def __init__(self, walker: Walker, attempt: Attempt, inputs: Sequence[bytes], items: Items) -> None:
        self._walker = walker
        self._driver = walker.driver
        self._runtime = walker.driver.runtime
        self._attempt = attempt
        self._node = attempt.node
        self._inputs = inputs
        self._items = items
        self._concurrency = self._driver.program.artifact.plan.nodes[self._node.index].map.max_concurrency
        self._ready: deque[int] = deque()
        self._waiting: dict[int, tuple[int, asyncio.TimerHandle]] = {}
        """When the next attempt of an item is due, and what starts it then."""
        self._news: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: list[_Done] = []
        self._size = sum(len(result) for result in items.results.values())
        self._commit: asyncio.Future[Step] | None = None
        self._is_send_due = False
        self._room = asyncio.Event()
        self._end: asyncio.Future[None] = self._runtime.loop.create_future()

    async def run(self) -> None:
        """Returns when every item is durable or given up. Raises LeaseLost."""
        for item in range(len(self._inputs)):
            if item not in self._items.results and item not in self._items.failures:
                self._queue(item)
        self._room.set()
        try:
            self._fill()
            self._look_for_end()
            await self._end
        finally:
            for _, handle in self._waiting.values():
                handle.cancel()
            if self._news is not None:
                self._news.cancel()
            for task in self._tasks:
                task.cancel()

    def _queue(self, item: int) -> None:
        """Has an item run: at once, or when the wait after its last attempt is over."""
        tries = self._items.tries.get(item)
        delay_us = 0 if tries is None else tries.due_us - self._runtime.clock.now_us()
        if tries is not None and delay_us > 0:
            handle = self._runtime.loop.call_later(delay_us / 1e6, self._requeue, item)
            self._waiting[item] = tries.due_us, handle
            self._listen()
        else:
            self._ready.append(item)

    def _requeue(self, item: int) -> None:
        del self._waiting[item]
        self._queue(item)
        self._fill()

    def _listen(self) -> None:
        """Looks again at what waits when something was decided about the execution."""
        if self._news is None:
            self._news = self._driver.mailbox.news()
            self._news.add_done_callback(self._look_at_waits)

    def _look_at_waits(self, news: asyncio.Future[None]) -> None:
        self._news = None
        if news.cancelled() or self._end.done():
            return
        for item, (due_us, handle) in list(self._waiting.items()):
            tries = self._items.tries.get(item)
            if tries is not None and tries.due_us < due_us:
                # Somebody asked for its next attempt at once.
                handle.cancel()
                self._requeue(item)
        if self._waiting:
            self._listen()

    def _fill(self) -> None:
        """Makes a task for each place that is free, but no more than there are items."""
        for _ in range(min(self._concurrency - len(self._tasks), len(self._ready))):
            task = self._runtime.loop.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._worked)

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)
        elif not self._end.done():
            self._fill()
            self._look_for_end()

    def _fail(self, error: BaseException) -> None:
        if not self._end.done():
            self._end.set_exception(error)

    def _look_for_end(self) -> None:
        is_busy = self._tasks or self._ready or self._waiting or self._done or self._commit is not None
        if not is_busy and not self._end.done():
            self._end.set_result(None)

    async def _work(self) -> None:
        """Runs items one after the other while there are some: a trivial one costs no task of its own."""
        task = asyncio.current_task()
        assert task is not None
        while self._ready and not self._end.done():
            if self._runtime.budgets.stops:
                await self._require_budget()
            item = self._ready.popleft()
            tries = self._items.tries.get(item)
            number = 1 if tries is None else tries.count + 1
            attempt = Attempt(self._walker, self._node, number, self._runtime.clock.now_us(), item)
            attempt.secrets, attempt.hidden = self._attempt.secrets, self._attempt.hidden
            attempt.redact = self._attempt.redact
            attempt.interrupt = partial(self._interrupt, attempt, task)
            self._runtime.attempts.begin(attempt)
            try:
                output = encoded(self._node, await call_node(self._driver, attempt, self._inputs[item]))
            except BaseException as error:  # a node may raise anything, SystemExit included
                if attempt.is_given_up or self._walker.is_over or self._end.done():
                    return
                await self._item_failed(attempt, failure_of(error, self._node.name, number, attempt.redact))
            else:
                if attempt.is_given_up:
                    return
                self._put((item, number, attempt.started_us, output))
            finally:
                self._runtime.attempts.end(attempt)
            await self._room.wait()

    async def _require_budget(self) -> None:
        """Raises PolicyError when no more items may start; those that ended are on record first."""
        try:
            self._runtime.budgets.require_running(self._driver.account, self._driver.program.artifact.flow)
        except PolicyError:
            await self._record_done()
            raise

    def _put(self, done: _Done) -> None:
        self._size += len(done[-1])
        if self._size > limits.PAYLOAD_BYTES_MAX:
            # No message holds all of them: nobody needs the rest.
            self._fail(too_large(self._node, self._size))
            return
        self._done.append(done)
        if len(self._done) >= _UNCOMMITTED_MAX:
            self._room.clear()
        if self._commit is None and not self._is_send_due:
            # At the end of this turn of the loop, so that all that end in it are committed together.
            self._is_send_due = True
            self._runtime.loop.call_soon(self._send)

    def _send(self) -> None:
        self._is_send_due = False
        if self._done and self._commit is None:
            done, self._done = self._done, []
            self._commit = self._driver.submit(ItemsCompleted(self._node.index, tuple(done)))
            self._commit.add_done_callback(self._sent)

    def _sent(self, commit: asyncio.Future[Step]) -> None:
        self._commit = None
        if commit.cancelled():
            return
        if (error := commit.exception()) is not None:
            self._fail(error)
            return
        self._room.set()
        self._send()
        self._look_for_end()

    def _interrupt(self, attempt: Attempt, task: asyncio.Task[None], failure: Failure) -> None:
        """Gives an item up that takes longer than its timeout; another task takes the place of its own."""
        self._tasks.discard(task)
        self._runtime.attempts.end(attempt)
        report = self._runtime.loop.create_task(self._item_failed(attempt, failure))
        self._tasks.add(report)
        report.add_done_callback(self._worked)
        task.cancel()

    async def _record_done(self) -> None:
        """Returns when all that ended is on record."""
        while self._done or self._commit is not None:
            self._send()
            if self._commit is not None:
                await asyncio.wait([self._commit])

    async def _item_failed(self, attempt: Attempt, failure: Failure) -> None:
        """Has an item tried again when its policy says so. The map may end by it."""
        # Before it: it may be what ends the map.
        await self._record_done()
        occurrence = ItemFailed(self._node.index, attempt.item, attempt.started_us, failure, random.random())
        await self._driver.submit(occurrence)
        if attempt.item in self._items.tries:
            self._queue(attempt.item)
