"""Walks one branch of an execution: a node after the other, each to its commit (DESIGN, section 4)."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Any

from penstock.engine.domain.errors import LeaseLost
from penstock.engine.domain.occurrence import (
    NodeCompleted,
    NodeFailed,
    NodeStarted,
    NodeTimedOut,
    NotUndone,
    Occurrence,
)
from penstock.engine.runtime.options import code_of
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.failures import failure_of, timeout_failure
from penstock.engine.runtime.running.node_runner import call_node, encoded
from penstock.engine.runtime.running.perform import perform
from penstock.engine.runtime.waiters import ignore_outcome

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver

log = logging.getLogger(__name__)


class Walker:
    """`node` is the node that it stands at, -1 when it has none, and `number` that of the node's attempt."""

    __slots__ = ("attempt", "driver", "is_dropped", "node", "number", "task")

    def __init__(self, driver: Driver, node: int, number: int) -> None:
        self.driver = driver
        self.node = node
        self.number = number
        self.attempt: Attempt | None = None
        self.is_dropped = False
        self.task: asyncio.Task[None] | None = None

    def go(self, message: bytes | None = None) -> None:
        """Begins. `message` is what the node gets; None when the run says."""
        self.task = self.driver.runtime.loop.create_task(self._walk(message))

    def drop(self) -> None:
        """Stops it where it stands: what its node still says does not count."""
        self.is_dropped = True
        if self.attempt is not None:
            self.attempt.is_given_up = True
            self.attempt.give_signals_back()
            self.driver.runtime.attempts.end(self.attempt)
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to do here: what a node still says does not count."""
        return self.is_dropped or self.driver.is_over

    async def _walk(self, message: bytes | None) -> None:
        driver = self.driver
        program, run_input = driver.program, driver.input
        clock, attempts = driver.runtime.clock, driver.runtime.attempts
        try:
            while self.node >= 0:
                node = self.node
                bound = program.nodes[node]
                following: bytes | None = None
                occurrence: Occurrence
                if bound.is_plain and not driver.is_special:
                    # As in `begin_attempt` and `end_attempt`, without the calls: every plain node goes through here.
                    attempt = self.attempt = Attempt(self, bound, self.number, clock.now_us())
                    attempts.begin(attempt)
                    try:
                        if message is None:
                            message = program.message(node, driver.run, run_input)
                        output = encoded(bound, await call_node(driver, attempt, message))
                        branch, following = program.route(node, output, run_input)
                        occurrence = NodeCompleted(node, attempt.started_us, output, branch)
                    except BaseException as error:  # a node may raise anything, SystemExit included
                        if self.is_dropped:
                            return
                        occurrence = self.failed(attempt, error)
                    finally:
                        attempts.end(attempt)
                        self.attempt = None
                else:
                    occurrence, following = await perform(self, code_of(driver, node), message)
                if self.is_dropped:
                    return
                message = following
                step = await driver.submit(occurrence, self)
                if step.start >= 0:
                    self.node, self.number = step.start, 1
                elif step.is_general:
                    # The driver has said where to go on; what that node gets follows from the run.
                    message = None
                else:
                    return
        except (LeaseLost, asyncio.CancelledError):
            # Another process goes on, or the end is on record.
            return
        except Exception:
            log.exception(
                "an execution cannot go on here; it is taken up again after the next start",
                extra={"action": "driver_broke", "execution": driver.execution_id},
            )
            driver.runtime.lost(driver)
        finally:
            # The task's context holds the node's, that holds the attempt, and that this: a circle nobody would free.
            self.task = None

    def begin_attempt(self, bound: BoundNode) -> Attempt:
        attempt = Attempt(self, bound, self.number, self.driver.runtime.clock.now_us())
        self.attempt = attempt
        self.driver.runtime.attempts.begin(attempt)
        return attempt

    def end_attempt(self, attempt: Attempt) -> None:
        self.driver.runtime.attempts.end(attempt)
        self.attempt = None

    def failed(self, attempt: Attempt, error: BaseException) -> NodeFailed:
        attempt.give_signals_back()
        failure = failure_of(error, attempt.node.name, attempt.number, attempt.redact)
        return NodeFailed(attempt.node.index, attempt.started_us, failure, random.random())

    def note_slow(self, attempt: Attempt) -> None:
        """Has the start of an attempt recorded, for those who look; nobody waits for it."""
        if attempt.item < 0 and self.driver.run.undoing is None:
            self.driver.submit(NodeStarted(attempt.node.index, attempt.started_us)).add_done_callback(ignore_outcome)

    def time_out(self, attempt: Attempt) -> None:
        """Gives an attempt up that took longer than its timeout."""
        if self.is_dropped or attempt.is_given_up:
            return
        attempt.is_given_up = True
        node = attempt.node
        failure = timeout_failure(node.name, attempt.number, node.timeout_us / 1e6)
        if attempt.interrupt is not None:
            attempt.interrupt(failure)
            return
        self.is_dropped = True
        kind = NodeTimedOut if self.driver.run.undoing is None else NotUndone
        occurrence = kind(node.index, attempt.started_us, failure, random.random())
        self.driver.submit(occurrence, self).add_done_callback(ignore_outcome)

    def last_frame(self, attempt: Attempt) -> Any | None:
        """None: of all nodes only the one that gives the frames of its flow can go on from one (see StreamHost)."""
        return None
