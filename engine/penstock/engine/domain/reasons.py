"""Why an execution that has not ended is not further: a reason for each node in flight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from penstock.engine.domain import frontier
from penstock.engine.domain.artifact import Work
from penstock.engine.domain.event import Event
from penstock.engine.domain.fold import apply
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.run import Flight, Run, Tries
from penstock.engine.domain.states import ExecutionStatus, Wait


class Reason(IntEnum):
    """Numbers as in penstock.v1.Explanation.Reason."""

    QUEUED = 1
    RUNNING_NODE = 2
    RETRY_SCHEDULED = 3
    WAITING_FOR_DECISION = 4
    GATE_MISSING_BRANCHES = 5
    SLEEPING = 6
    WAITING_FOR_CHILD = 7
    WAITING_FOR_SIGNAL = 8
    RUNNING_ITEMS = 9
    COMPENSATING = 10
    LEASE_LOST = 11
    TAKING_OVER = 12
    ENDED = 13


_OF_WAIT = {
    Wait.RETRY: Reason.RETRY_SCHEDULED,
    Wait.GATE: Reason.GATE_MISSING_BRANCHES,
    Wait.PAUSE: Reason.WAITING_FOR_DECISION,
    Wait.SLEEP: Reason.SLEEPING,
    Wait.FLOW: Reason.WAITING_FOR_CHILD,
    Wait.SIGNAL: Reason.WAITING_FOR_SIGNAL,
    Wait.APPROVAL: Reason.WAITING_FOR_DECISION,
}
NEEDS_PROCESS = frozenset({Reason.RUNNING_NODE, Reason.RUNNING_ITEMS, Reason.COMPENSATING})
"""What goes on in a process and stops when that is gone."""
_FOREMOST = (
    Reason.QUEUED,
    Reason.COMPENSATING,
    Reason.RUNNING_NODE,
    Reason.RUNNING_ITEMS,
    Reason.RETRY_SCHEDULED,
    Reason.WAITING_FOR_CHILD,
    Reason.WAITING_FOR_SIGNAL,
    Reason.SLEEPING,
    Reason.WAITING_FOR_DECISION,
    Reason.GATE_MISSING_BRANCHES,
)
"""What moves comes before what only waits: an execution is as far as its most active branch."""
_ONE_ATTEMPT = RetryPolicy()


@dataclass(frozen=True, slots=True)
class Cause:
    """What one node in flight waits for. `node` is -1 when it is about the whole execution. Times are microseconds."""

    node: int
    reason: Reason
    since_us: int = 0
    """0 when that is not known."""
    due_us: int = 0
    """When a wait ends by itself; 0 when it does not."""
    attempt: int = 0
    """The one that runs or follows; 0 for none."""
    attempts_max: int = 0
    """Number of the last one that may follow if every one fails as the one before did."""
    arrived: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    is_undoing: bool = False


def causes(run: Run, now_us: int, since: Mapping[int, int]) -> list[Cause]:
    """At least one for an execution that has not ended. `since` says since when nodes stand as they do."""
    if run.status is ExecutionStatus.QUEUED:
        return [Cause(-1, Reason.QUEUED, run.create_us)]
    found = [_cause(run, node, flight, now_us, since.get(node, 0)) for node, flight in sorted(run.flights.items())]
    # Between two commits nothing may be in flight: its process has to take the next step.
    return found or [Cause(-1, Reason.RUNNING_NODE)]


def foremost(found: Iterable[Cause]) -> Cause:
    """The one that has the most to do with where the execution stands."""
    return min(found, key=lambda cause: _FOREMOST.index(cause.reason))


def _cause(run: Run, node: int, flight: Flight, now_us: int, since_us: int) -> Cause:
    is_undoing, reason, due_us = run.undoing is not None, _reason(run, node, flight, now_us), flight.due_us
    if flight.wait is Wait.RETRY and reason is not Reason.RETRY_SCHEDULED:
        since_us, due_us = flight.due_us, 0
    has_attempts = reason is Reason.RETRY_SCHEDULED or flight.wait in (None, Wait.RETRY, Wait.SIGNAL)
    return Cause(
        node,
        reason,
        since_us,
        due_us,
        flight.attempt if has_attempts else 0,
        _attempts_max(run, node, flight) if has_attempts else 0,
        tuple(frontier.sources(run, node)) if flight.wait is Wait.GATE else (),
        _missing(run, node) if flight.wait is Wait.GATE else (),
        is_undoing,
    )


def _reason(run: Run, node: int, flight: Flight, now_us: int) -> Reason:
    # The start of a next attempt gets no event of its own unless it takes long.
    if flight.wait is not None and not (flight.wait is Wait.RETRY and flight.due_us <= now_us):
        return _OF_WAIT[flight.wait]
    if run.undoing is not None:
        return Reason.COMPENSATING
    is_map = run.graph.rules[node].work is Work.MAP and not flight.is_fallback
    return Reason.RUNNING_ITEMS if is_map else Reason.RUNNING_NODE


def _missing(run: Run, gate: int) -> tuple[int, ...]:
    return tuple(source for source in run.graph.predecessors[gate] if frontier.is_open(run, source))


def _attempts_max(run: Run, node: int, flight: Flight) -> int:
    policy = run.retry_policy(node) or _ONE_ATTEMPT
    tries = flight.tries or Tries()
    is_system = tries.system > 0 and tries.user == 0
    left = policy.max_system_attempts - tries.system if is_system else policy.max_attempts - tries.user
    return flight.attempt + max(0, left - 1)


class DatedRun:
    """Folds a log, and notes since when each node in flight stands as it does."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.since: dict[int, int] = {}
        """Unix time in microseconds by node. Nodes that are in flight no more stay in it."""
        self._known: dict[int, tuple[int, Wait | None, bool, bool]] = {}

    def apply(self, event: Event) -> None:
        apply(self.run, event)
        flights = self.run.flights
        known = {node: (f.attempt, f.wait, f.is_start_recorded, f.is_fallback) for node, f in flights.items()}
        for node, stands in known.items():
            if self._known.get(node) != stands:
                self.since[node] = event.time_us
        self._known = known
