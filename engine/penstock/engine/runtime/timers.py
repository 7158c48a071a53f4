"""What ends the waits of one execution: sleeps, pauses, waits for another attempt, and its deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from typing import TYPE_CHECKING

from penstock.engine.domain import limits
from penstock.engine.domain.failure import shorten
from penstock.engine.domain.occurrence import DeadlinePassed, NodeCompleted, NodeFailed, NodeStarted
from penstock.engine.domain.states import Decision, Wait
from penstock.engine.runtime import crew, steering
from penstock.engine.runtime.running.failures import failure_of
from penstock.engine.runtime.waiters import ignore_outcome
from penstock.wire.expressions import EvaluationError

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver

DEADLINE = -1
"""Stands for a node: the execution's own."""
_LONGEST_S = 3600.0
"""A longer wait looks at the clock once an hour: the machine's time may have been set."""


class Timers:
    """At most one timer a node. The times are in the log; what is here is set again from it after a restart."""

    __slots__ = ("_driver", "_handles")

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._handles: dict[int, tuple[int, asyncio.TimerHandle]] = {}

    def arm(self, node: int, due_us: int) -> None:
        """Does what is due at a node at its time; once, however often it is armed. Another time takes its place."""
        armed = self._handles.get(node)
        if armed is None or armed[0] != due_us:
            if armed is not None:
                armed[1].cancel()
            runtime = self._driver.runtime
            delay_s = min(max(0.0, (due_us - runtime.clock.now_us()) / 1e6), _LONGEST_S)
            self._handles[node] = due_us, runtime.loop.call_later(delay_s, self._ring, node, due_us)

    def keep(self, nodes: Container[int]) -> None:
        """Forgets the timers of all other nodes."""
        for node in [node for node in self._handles if node != DEADLINE and node not in nodes]:
            self._handles.pop(node)[1].cancel()

    def cancel(self) -> None:
        for _, handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def _ring(self, node: int, due_us: int) -> None:
        del self._handles[node]
        driver = self._driver
        if driver.runtime.clock.now_us() < due_us:
            self.arm(node, due_us)
        elif node == DEADLINE:
            driver.submit(DeadlinePassed()).add_done_callback(ignore_outcome)
        else:
            self._end_wait(node, due_us)

    def _end_wait(self, node: int, due_us: int) -> None:
        driver = self._driver
        flight = driver.run.flights.get(node)
        if flight is None or flight.due_us != due_us:
            return
        if flight.wait is Wait.RETRY:
            if driver.run.undoing is None:
                started = NodeStarted(node, driver.runtime.clock.now_us())
                driver.submit(started).add_done_callback(ignore_outcome)
            crew.retry(driver, node)
        elif flight.wait is Wait.SLEEP:
            self._wake(node, due_us)
        elif flight.wait in (Wait.PAUSE, Wait.APPROVAL):
            driver.runtime.background(self._expire(node)).add_done_callback(ignore_outcome)

    async def _expire(self, node: int) -> None:
        """Does with a pause what its flow says of one that nobody decided, or its policy of an approval."""
        driver = self._driver
        guard = (driver.run.guards or {}).get(node)
        awaited = None if guard is None else guard.awaited
        on_timeout = driver.run.graph.rules[node].on_timeout if awaited is None else awaited.on_timeout
        try:
            await steering.decide_pause(driver, node, on_timeout or Decision.EXPIRED)
        except EvaluationError as error:
            comment = shorten(f"it cannot be approved: {error}", limits.FAILURE_MESSAGE_LENGTH_MAX // 2)
            await steering.decide_pause(driver, node, Decision.EXPIRED, comment=comment)

    def _wake(self, node: int, due_us: int) -> None:
        """Ends a sleep: its output is its input."""
        driver, program = self._driver, self._driver.program
        occurrence: NodeCompleted | NodeFailed
        try:
            message = program.message(node, driver.run, driver.input)
            branch, _ = program.route(node, message, driver.input)
            occurrence = NodeCompleted(node, due_us, message, branch)
        except Exception as error:
            failure = failure_of(error, program.graph.names[node], 1)
            occurrence = NodeFailed(node, due_us, failure)
        driver.submit(occurrence).add_done_callback(ignore_outcome)
