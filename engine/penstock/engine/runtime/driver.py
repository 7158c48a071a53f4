"""Drives one execution: runs a node, decides, commits, acts, until the end (DESIGN, section 4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from penstock.engine.domain.errors import LeaseLost, PenstockError
from penstock.engine.domain.event import Event
from penstock.engine.domain.fold import apply
from penstock.engine.domain.occurrence import (
    CancelRequested,
    NodeCompleted,
    NodeFailed,
    NodeIsSlow,
    NodeTimedOut,
    Occurrence,
    PlaceFound,
    TakenOver,
)
from penstock.engine.domain.run import Run
from penstock.engine.domain.step import Step, decide
from penstock.engine.runtime.attempts import Attempt
from penstock.engine.runtime.failures import failure_of, refused_failure, timeout_failure
from penstock.engine.runtime.feed import Feed
from penstock.engine.runtime.node_runner import call_node, encoded
from penstock.engine.runtime.pipeline import run_pipeline
from penstock.engine.runtime.program import BoundNode, Program
from penstock.engine.runtime.waiters import Waiters, ignore_outcome

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)


class Driver:
    """One live execution in this process. Used from the event loop's thread alone.

    Occurrences are decided one after the other, each when the step before it is durable. What
    follows a commit happens in the journal's callback, so that no caller who goes away can leave
    the run behind its log.
    """

    __slots__ = (
        "_inbox",
        "_is_abandoned",
        "_is_committing",
        "_is_refused",
        "_waiters",
        "account",
        "attempt",
        "execution_id",
        "feed",
        "input",
        "key",
        "program",
        "run",
        "runtime",
        "task",
    )

    def __init__(self, runtime: Runtime, execution_id: str, account: str, program: Program, run_input: bytes) -> None:
        self.runtime = runtime
        self.execution_id = execution_id
        self.key = bytes.fromhex(execution_id)
        self.account = account
        self.program = program
        self.input = run_input
        self.run = Run(program.graph)
        self.feed: Feed | None = None
        self.attempt: Attempt | None = None
        self.task: asyncio.Task[None] | None = None
        self._is_committing = False
        self._is_refused = False
        self._is_abandoned = False
        # A list: it is nearly always empty, and an empty deque takes ten times the memory.
        self._inbox: list[tuple[Occurrence, asyncio.Future[Step]]] = []
        self._waiters = Waiters()

    def begin(self, accepted: tuple[Event, ...]) -> None:
        """Goes on from its committed acceptance: at once, or when a place is found."""
        self._apply(accepted)
        if len(accepted) > 1:
            self._start_task(self._drive(self.run.node, self.input))

    def start_queued(self) -> None:
        """Goes on now that there is a place."""
        self._start_task(self._drive_queued())

    def take_over(self, process: str) -> None:
        """Goes on with an execution that another process drove; `run` is what its events fold to."""
        self._start_task(self._drive_resumed(process))

    async def cancel(self, reason: str) -> None:
        """Ends the execution and returns when that is durable. Raises Conflict when it has ended."""
        await self.submit(CancelRequested(reason))

    def ended(self) -> asyncio.Future[None]:
        """A future that is done when the end is durable, cancelled when this process lets go of the execution."""
        waiter = self.runtime.loop.create_future()
        if self.run.status.is_terminal:
            waiter.set_result(None)
        elif self._is_abandoned:
            waiter.cancel()
        else:
            self._waiters.add(waiter)
        return waiter

    def forget(self, waiter: asyncio.Future[None]) -> None:
        """Takes back what `ended` gave to somebody who does not wait any more."""
        self._waiters.forget(waiter)

    def open_feed(self) -> Feed:
        if self.feed is None:
            self.feed = Feed(self.run.sequence)
        return self.feed

    def abandon(self) -> None:
        """Lets go without a record: whoever takes the execution over goes on from its log.

        From now on nothing is decided here: another process may be ahead, and this one may hold a new lease
        that does not fence what was begun under the old one.
        """
        self._is_abandoned = True
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()
        while self._inbox:
            _, answer = self._inbox.pop(0)
            self._refuse(answer)
        self._waiters.give_up()
        if self.feed is not None:
            self.feed.close()

    def submit(self, occurrence: Occurrence) -> asyncio.Future[Step]:
        """The step that follows, when it is durable. The future fails with Conflict or LeaseLost."""
        answer: asyncio.Future[Step] = self.runtime.loop.create_future()
        if self._is_abandoned:
            self._refuse(answer)
        elif self._is_committing:
            self._inbox.append((occurrence, answer))
        else:
            self._decide(occurrence, answer)
        return answer

    def _refuse(self, answer: asyncio.Future[Step]) -> None:
        if not answer.done():
            answer.set_exception(LeaseLost(f"execution {self.execution_id} is not driven by this process any more"))

    def _decide(self, occurrence: Occurrence, answer: asyncio.Future[Step]) -> None:
        try:
            step = decide(self.run, occurrence, self.runtime.clock.now_us())
        except PenstockError as error:
            answer.set_exception(error)
            return
        if not step.events:
            answer.set_result(step)
            return
        self._is_committing = True
        self.runtime.journal.commit(self.key, step.events, partial(self._committed, step, answer))

    def _committed(self, step: Step, answer: asyncio.Future[Step], error: Exception | None) -> None:
        self._is_committing = False
        if error is not None:
            self._not_committed(error, answer)
            return
        self._apply(step.events)
        if step.is_end:
            self._end()
        if not answer.done():
            answer.set_result(step)
        while self._inbox and not self._is_committing:
            occurrence, waiting = self._inbox.pop(0)
            if not waiting.cancelled():
                self._decide(occurrence, waiting)

    def _not_committed(self, error: Exception, answer: asyncio.Future[Step]) -> None:
        """Fails the execution when the database refuses what a node gave; else, and the second time, lets go of it."""
        if not isinstance(error, LeaseLost) and not self._is_refused and self.run.node >= 0:
            self._is_refused = True
            failure = refused_failure(error, self.run.graph.names[self.run.node], self.run.attempt)
            self._decide(NodeFailed(self.run.node, self.runtime.clock.now_us(), failure), answer)
            return
        if not answer.done():
            answer.set_exception(error)
        self.runtime.lost(self)

    def _apply(self, events: tuple[Event, ...]) -> None:
        for event in events:
            apply(self.run, event)
        if self.feed is not None:
            self.feed.publish(events, self.run.status.is_terminal)

    def _end(self) -> None:
        self._waiters.wake()
        self.runtime.ended(self)
        if self.attempt is not None and self.task is not None:
            # A node is in flight: the end came from outside.
            self.task.cancel()

    def _start_task(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.task = self.runtime.loop.create_task(coroutine)

    async def _drive_queued(self) -> None:
        try:
            step = await self.submit(PlaceFound())
        except LeaseLost:
            return
        await self._drive(step.start, self.input)

    async def _drive_resumed(self, process: str) -> None:
        try:
            node = (await self.submit(TakenOver(process))).start
            checkpoint = self.run.checkpoint
            message = self.input
            if checkpoint is not None and node >= 0:
                source = checkpoint.node
                try:
                    message = self.program.hand_on(source, node, checkpoint.payload or b"", self.input)
                except Exception as error:
                    failure = failure_of(error, self.program.nodes[source].name, checkpoint.attempt)
                    await self.submit(NodeFailed(node, self.runtime.clock.now_us(), failure))
                    return
        except LeaseLost:
            return
        await self._drive(node, message)

    async def _drive(self, node: int, message: bytes) -> None:
        """Runs one node after the other, each to its commit."""
        try:
            while node >= 0 and not self.run.status.is_terminal:
                bound = self.program.nodes[node]
                if bound.is_pipeline:
                    await run_pipeline(self, bound, message)
                    return
                attempt = self.start_attempt(bound)
                occurrence: Occurrence
                try:
                    output = encoded(bound, await call_node(self, attempt, message))
                    branch, message = self.program.route(node, output, self.input)
                    occurrence = NodeCompleted(node, attempt.started_us, output, branch)
                except BaseException as error:  # a node may raise anything, SystemExit included
                    if self.is_over:
                        return
                    occurrence = self.failed(attempt, error)
                finally:
                    self.end_attempt(attempt)
                node = (await self.submit(occurrence)).start
        except (LeaseLost, asyncio.CancelledError):
            # Another process goes on, or the end is on record.
            return
        except Exception:
            log.exception(
                "an execution cannot go on here; it is taken up again after the next start",
                extra={"action": "driver_broke", "execution": self.execution_id},
            )
            self.runtime.lost(self)

    @property
    def is_over(self) -> bool:
        """Whether this process has nothing more to do for the execution: what a node still says does not count."""
        return self.run.status.is_terminal or not self.runtime.drives(self)

    def start_attempt(self, bound: BoundNode) -> Attempt:
        attempt = Attempt(self, bound, self.runtime.clock.now_us())
        self.attempt = attempt
        self.runtime.attempts.begin(attempt)
        return attempt

    def end_attempt(self, attempt: Attempt, outer: Attempt | None = None) -> None:
        """`outer` is the pipeline's attempt when a node behind it ended."""
        self.runtime.attempts.end(attempt)
        self.attempt = outer

    def failed(self, attempt: Attempt, error: BaseException) -> NodeFailed:
        failure = failure_of(error, attempt.node.name, self._number(attempt))
        return NodeFailed(attempt.node.index, attempt.started_us, failure)

    def _number(self, attempt: Attempt) -> int:
        return self.run.attempt if attempt.node.index == self.run.node else 1

    def note_slow(self, attempt: Attempt) -> None:
        """Has the start of an attempt recorded, for those who look; nobody waits for it."""
        self.submit(NodeIsSlow(attempt.node.index, attempt.started_us)).add_done_callback(ignore_outcome)

    def time_out(self, attempt: Attempt) -> None:
        failure = timeout_failure(attempt.node.name, self._number(attempt), attempt.node.timeout_us / 1e6)
        occurrence = NodeTimedOut(attempt.node.index, attempt.started_us, failure)
        self.submit(occurrence).add_done_callback(ignore_outcome)
