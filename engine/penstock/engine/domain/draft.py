"""A step in the making: what it would do to the run, seen while its events are chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from penstock.engine.domain import frontier
from penstock.engine.domain.artifact import Mode, Work
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.fold import apply
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus, Wait


class Step(NamedTuple):
    """What to commit, then what to do."""

    events: tuple[Event, ...]
    start: int = -1
    """The one node that starts after the commit; -1 when `is_general`, or for none."""
    is_end: bool = False
    """Whether the execution ends: stop what runs and tell who waits."""
    is_general: bool = False
    """Whether several nodes may start, wait or stop: what is in flight afterwards says which."""


NOTHING = Step(())

END_EVENTS = {
    ExecutionStatus.COMPLETED: EventType.EXECUTION_COMPLETED,
    ExecutionStatus.FAILED: EventType.EXECUTION_FAILED,
    ExecutionStatus.CANCELLED: EventType.EXECUTION_CANCELLED,
    ExecutionStatus.TIMED_OUT: EventType.EXECUTION_TIMED_OUT,
}
_STATUS_EVENTS = {
    ExecutionStatus.RUNNING: EventType.EXECUTION_CONTINUED,
    ExecutionStatus.PAUSED: EventType.EXECUTION_PAUSED,
    ExecutionStatus.WAITING_ON_GATE: EventType.EXECUTION_WAITING_ON_GATE,
}
_WAITS = {Work.PAUSE: Wait.PAUSE, Work.SLEEP: Wait.SLEEP}


class Draft:
    """Holds a copy of the run; each event is applied to it as it is added."""

    def __init__(self, run: Run, at_us: int) -> None:
        self.run = run.copied()
        self.at_us = at_us
        self._before = run
        self._events: list[Event] = []

    def add(self, kind: EventType, node: int = -1, **members: Any) -> None:
        self._add(Event(self.run.sequence + 1, kind, self.at_us, node, **members))

    def end_attempt(self, kind: EventType, node: int, started_us: int, **members: Any) -> None:
        """Ends the current attempt of a node; the event holds the start when that has none of its own."""
        flight = self.run.flights.get(node)
        attempt = 1 if flight is None else flight.attempt
        if self.run.has_start(node):
            self.add(kind, node, attempt=attempt, **members)
        else:
            self._add(Event(self.run.sequence + 2, kind, self.at_us, node, attempt, started_us=started_us, **members))

    def start_attempt(self, node: int, started_us: int, detail: Detail | None = None) -> None:
        """Records the start of the current attempt unless it is on record."""
        if not self.run.has_start(node):
            attempt = self.run.flights[node].attempt
            self._add(Event(self.run.sequence + 1, EventType.NODE_STARTED, started_us, node, attempt, detail=detail))

    def _add(self, event: Event) -> None:
        apply(self.run, event)
        self._events.append(event)

    def settled(self, node: int) -> None:
        """Has the nodes behind one that succeeded, failed or was passed over wait, pass or be passed over."""
        ahead = [node]
        while ahead:
            here = ahead.pop()
            for target in self.run.graph.successors[here]:
                if frontier.is_passed_over(self.run, target):
                    self.add(EventType.NODE_SKIPPED, target)
                    ahead.append(target)
                elif frontier.is_open(self.run, target) and frontier.is_taken(self.run, here, target):
                    self.arrived(target)

    def arrived(self, node: int) -> None:
        """Has a node that a message came to wait, where it waits before it does anything."""
        rules = self.run.graph.rules[node]
        flight = self.run.flights.get(node)
        if rules.work in _WAITS:
            due_us = self.at_us + rules.wait_us if rules.wait_us else 0
            self.add(EventType.NODE_WAITING, node, attempt=1, detail=Detail(_WAITS[rules.work], due_us))
        elif rules.work is Work.GATE:
            if flight is None and self.run.node_statuses[node] is NodeStatus.QUEUED:
                self.add(EventType.NODE_WAITING, node, attempt=1, detail=Detail(Wait.GATE))
            elif flight is not None and flight.wait is None:
                self._stop_useless()

    def _stop_useless(self) -> None:
        """Stops the branches that the gates which passed do not wait for any more."""
        useless = frontier.useless(self.run)
        self._cancel_all(node for node in useless if node in self.run.flights)
        for node in useless:
            if self.run.node_statuses[node] is NodeStatus.QUEUED:
                self.add(EventType.NODE_SKIPPED, node)

    def _cancel_all(self, nodes: Iterable[int]) -> None:
        """Those that wait go first, so that no gate passes because of the rest."""
        flights = self.run.flights
        waiting = {node for node in flights if flights[node].wait is not None}
        for node in sorted(nodes, key=lambda each: (each not in waiting, each)):
            self._cancel(node)

    def _cancel(self, node: int) -> None:
        flight = self.run.flights.get(node)
        if flight is not None and flight.wait is None and node not in self._before.flights:
            # It would have started after this step.
            self.add(EventType.NODE_SKIPPED, node)
        elif flight is not None and flight.wait is not None:
            attempt = flight.attempt - (flight.wait is Wait.RETRY)
            self.add(EventType.NODE_CANCELLED, node, attempt=attempt)
        else:
            self.end_attempt(EventType.NODE_CANCELLED, node, self.at_us)

    def end(self, status: ExecutionStatus, failure: Failure | None = None, reason: str | None = None) -> Step:
        """The step that stops what is in flight and ends the execution, or has its completed nodes undone first."""
        run = self.run
        behind = [node for node, each in enumerate(run.node_statuses) if each is NodeStatus.RUNNING]
        self._cancel_all({*run.flights, *behind})
        undoes = status is not ExecutionStatus.COMPLETED and (
            status is not ExecutionStatus.CANCELLED or run.graph.compensate_on_cancel
        )
        if undoes and run.completed:
            detail = Detail(ends_as=status)
            self.add(EventType.EXECUTION_COMPENSATING, failure=failure, reason=reason, detail=detail)
            return Step(tuple(self._events), is_general=True)
        return self.close(status, failure, reason)

    def close(self, status: ExecutionStatus, failure: Failure | None, reason: str | None = None) -> Step:
        """The step that ends the execution, in which nothing is in flight."""
        self.add(END_EVENTS[status], attempt=self.run.attempt_count, failure=failure, reason=reason)
        return Step(tuple(self._events), is_end=True)

    @property
    def is_lost(self) -> bool:
        """Whether a failure ends the execution now: branches that still run may come to their end before."""
        run = self.run
        return run.ends_as is not None and not (run.graph.finish_branches and frontier.is_moving(run))

    def step(self) -> Step:
        """The step, with the change of status that follows from it."""
        run = self.run
        if run.undoing is not None:
            if not run.flights:
                return self.close(run.undoing.ends_as, run.undoing.failure, run.undoing.reason)
            return Step(tuple(self._events), is_general=True)
        if self.is_lost and run.ends_as is not None:
            return self.end(run.ends_as, run.failure)
        if run.node_statuses[run.graph.terminal] is NodeStatus.SUCCEEDED and run.graph.mode is Mode.UNARY:
            return self.end(ExecutionStatus.COMPLETED)
        status = frontier.status_of(run)
        if status is not run.status:
            self.add(_STATUS_EVENTS[status])
        return Step(tuple(self._events), is_general=True)
