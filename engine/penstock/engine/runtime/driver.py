"""Drives one execution: decides, commits, acts, until the end (DESIGN, section 4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import LeaseLost, PenstockError
from penstock.engine.domain.event import Event
from penstock.engine.domain.fold import apply
from penstock.engine.domain.occurrence import (
    CancelRequested,
    NodeFailed,
    Occurrence,
    PlaceFound,
    TakenOver,
)
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.domain.step import Step, decide
from penstock.engine.runtime import crew
from penstock.engine.runtime.mailbox import Mailbox
from penstock.engine.runtime.news.feed import Feed
from penstock.engine.runtime.options import Options
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.programs.searching import output_values
from penstock.engine.runtime.running.failures import refused_failure
from penstock.engine.runtime.running.node_reports import Reports
from penstock.engine.runtime.timers import DEADLINE, Timers
from penstock.engine.runtime.waiters import Waiters, ignore_outcome
from penstock.engine.runtime.walker import Walker
from penstock.engine.storage.records import Parent, SearchValue

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
        "_mailbox",
        "_reports",
        "_waiters",
        "account",
        "execution_id",
        "feed",
        "input",
        "is_special",
        "key",
        "options",
        "parent",
        "program",
        "run",
        "runtime",
        "timers",
        "walkers",
    )

    def __init__(
        self,
        runtime: Runtime,
        execution_id: str,
        account: str,
        program: Program,
        run_input: bytes,
        options: Options | None = None,
    ) -> None:
        """`options` None stands for an execution that was accepted with an input alone."""
        self.runtime = runtime
        self.execution_id = execution_id
        self.key = bytes.fromhex(execution_id)
        self.account = account
        self.program = program
        self.input = run_input
        self.options = options
        self.parent: Parent | None = None
        self.run = Run(program.graph)
        self.is_special = False
        """Whether nodes run otherwise than planned: by what the config changes, or to be undone."""
        if options is not None:
            self.run.retries = options.retries(program)
            self.is_special = bool(options.message.nodes)
        self.feed: Feed | None = None
        self.walkers: list[Walker] = []
        self.timers: Timers | None = None
        self._is_committing = False
        self._is_refused = False
        self._is_abandoned = False
        # A list: it is nearly always empty, and an empty deque takes ten times the memory.
        self._inbox: list[tuple[Occurrence, asyncio.Future[Step], Walker | None]] = []
        self._waiters = Waiters()
        self._reports: Reports | None = None
        self._mailbox: Mailbox | None = None

    def begin(self, step: Step) -> None:
        """Goes on from its committed acceptance: at once, or when a place is found."""
        self.program.tally.accept(step.events, self.run)
        self._apply(step.events)
        if self.program.graph.deadline_us:
            self.arm(DEADLINE, self.run.create_us + self.program.graph.deadline_us)
        if step.start >= 0:
            crew.walk(self, step.start, self.input)
        elif step.is_general:
            self._act(None)

    def start_queued(self) -> None:
        """Goes on now that there is a place."""
        self.submit(PlaceFound()).add_done_callback(ignore_outcome)

    def take_over(self, run: Run, process: str) -> None:
        """Goes on with an execution that another process drove; `run` is what its events fold to."""
        self.run = run
        if run.guards is not None:
            # What policies decided is followed, whether or not they are there still.
            self.is_special = True
        if self.program.graph.deadline_us:
            self.arm(DEADLINE, self.run.create_us + self.program.graph.deadline_us)
        if run.status is not ExecutionStatus.QUEUED:
            self.submit(TakenOver(process)).add_done_callback(self._taken_over)

    def _taken_over(self, answer: asyncio.Future[Step]) -> None:
        ignore_outcome(answer)
        if not answer.cancelled() and answer.exception() is None and not answer.result().events:
            # Nothing ran: it waits on.
            self._act(None)

    async def cancel(self, reason: str) -> None:
        """Ends the execution, or has it undone, and returns when that is durable. Raises Conflict when it has ended."""
        await self.submit(CancelRequested(reason))

    @property
    def mailbox(self) -> Mailbox:
        if self._mailbox is None:
            self._mailbox = Mailbox(self)
        return self._mailbox

    def rested(self) -> asyncio.Future[None]:
        """A future that is done when the end or a pause is durable, cancelled when this process lets go of it."""
        waiter = self.runtime.loop.create_future()
        if self.run.status.is_terminal:
            waiter.set_result(None)
        elif self._is_abandoned:
            waiter.cancel()
        else:
            self._waiters.add(waiter)
        return waiter

    def forget(self, waiter: asyncio.Future[None]) -> None:
        """Takes back what `rested` gave to somebody who does not wait any more."""
        self._waiters.forget(waiter)

    def open_feed(self) -> Feed:
        if self.feed is None:
            self.feed = Feed(self.run.sequence)
        return self.feed

    @property
    def is_abandoned(self) -> bool:
        return self._is_abandoned

    def abandon(self) -> None:
        """Lets go without a record: whoever takes the execution over goes on from its log.

        From now on nothing is decided here: another process may be ahead, and this one may hold a new lease
        that does not fence what was begun under the old one.
        """
        self._is_abandoned = True
        crew.stop(self, None)
        while self._inbox:
            _, answer, _ = self._inbox.pop(0)
            self._refuse(answer)
        self._waiters.give_up()
        if self.feed is not None:
            self.feed.close()

    def submit(self, occurrence: Occurrence, walker: Walker | None = None) -> asyncio.Future[Step]:
        """The step that follows, when it is durable. The future fails with Conflict or LeaseLost.

        `walker` is the one whose node ended by this.
        """
        answer: asyncio.Future[Step] = self.runtime.loop.create_future()
        if self._reports is not None:
            self._reports.keep()
        if self._is_abandoned:
            self._refuse(answer)
        elif self._is_committing:
            self._inbox.append((occurrence, answer, walker))
        else:
            self._decide(occurrence, answer, walker)
        return answer

    def _refuse(self, answer: asyncio.Future[Step]) -> None:
        if not answer.done():
            answer.set_exception(LeaseLost(f"execution {self.execution_id} is not driven by this process any more"))

    def _decide(self, occurrence: Occurrence, answer: asyncio.Future[Step], walker: Walker | None) -> None:
        try:
            step = decide(self.run, occurrence, self.runtime.clock.now_us())
        except PenstockError as error:
            answer.set_exception(error)
            return
        if not step.events:
            answer.set_result(step)
            return
        self._is_committing = True
        values: Sequence[SearchValue] = ()
        if step.is_end and self.program.searched_output is not None:
            values = output_values(self.program, self.account, step.events)
        self.runtime.journal.commit(
            self.key, step.events, partial(self._committed, step, answer, walker), None, values, self.program.data_key
        )

    def _committed(
        self, step: Step, answer: asyncio.Future[Step], walker: Walker | None, error: Exception | None
    ) -> None:
        self._is_committing = False
        if error is not None:
            self._not_committed(error, answer, walker)
            return
        self.program.tally.add(step.events, self.run)
        self._apply(step.events)
        if step.is_end:
            self._end(walker)
        elif step.is_general:
            self._act(walker)
        elif step.start >= 0 and walker is None:
            crew.walk(self, step.start)
        if not answer.done():
            answer.set_result(step)
        while self._inbox and not self._is_committing:
            occurrence, waiting, its_walker = self._inbox.pop(0)
            if not waiting.cancelled():
                self._decide(occurrence, waiting, its_walker)

    def _not_committed(self, error: Exception, answer: asyncio.Future[Step], walker: Walker | None) -> None:
        """Fails the execution when the database refuses what a node gave; else, and the second time, lets go of it."""
        if not isinstance(error, LeaseLost) and not self._is_refused and self.run.flights:
            self._is_refused = True
            node = (
                walker.node if walker is not None and walker.node in self.run.flights else next(iter(self.run.flights))
            )
            failure = refused_failure(error, self.run.graph.names[node], self.run.flights[node].attempt)
            self._decide(NodeFailed(node, self.runtime.clock.now_us(), failure), answer, walker)
            return
        if not answer.done():
            answer.set_exception(error)
        self.runtime.lost(self)

    def _apply(self, events: tuple[Event, ...]) -> None:
        for event in events:
            apply(self.run, event)
        if self.feed is not None:
            self.feed.publish(events, self.run.status.is_terminal)

    def arm(self, node: int, due_us: int) -> None:
        """Has what is due at a node done at its time."""
        if self.timers is None:
            self.timers = Timers(self)
        self.timers.arm(node, due_us)

    def _end(self, done: Walker | None) -> None:
        crew.stop(self, done)
        self._waiters.wake()
        self.runtime.ended(self)

    def _act(self, done: Walker | None) -> None:
        """Has what is in flight now looked after; `done` is the walker whose node ended."""
        if self.run.undoing is not None:
            self.is_special = True
        crew.look_after(self, done)
        if self.run.status is ExecutionStatus.PAUSED:
            self._waiters.wake()
        if self._mailbox is not None:
            self._mailbox.tell()

    @property
    def is_over(self) -> bool:
        """Whether this process has nothing more to do for the execution: what a node still says does not count."""
        return self.run.status.is_terminal or not self.runtime.drives(self)

    def report(self, node: int, started_us: int, content: bytes) -> None:
        """Has something that a node told kept: with the next step, or by itself when there is none soon."""
        if self._reports is None:
            self._reports = Reports(self)
        self._reports.add(node, started_us, content)
