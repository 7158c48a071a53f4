"""One entry of an execution's log.

Events are tuples, not dataclasses: one is made for each node that completes, and a tuple takes a
quarter of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from penstock.engine.domain.failure import Failure
from penstock.engine.domain.policy import Ruling
from penstock.engine.domain.states import Decision, ExecutionStatus, Wait


class EventType(IntEnum):
    """Numbers as in penstock.v1.Event.Type."""

    EXECUTION_ACCEPTED = 1
    EXECUTION_RESUMED = 2
    EXECUTION_COMPLETED = 3
    EXECUTION_FAILED = 4
    EXECUTION_CANCELLED = 5
    EXECUTION_TIMED_OUT = 6
    NODE_STARTED = 7
    NODE_SUCCEEDED = 8
    NODE_FAILED = 9
    NODE_TIMED_OUT = 10
    NODE_CANCELLED = 11
    FRAME_EMITTED = 12
    EXECUTION_STARTED = 13
    EXECUTION_PAUSED = 14
    EXECUTION_WAITING_ON_GATE = 15
    EXECUTION_CONTINUED = 16
    EXECUTION_COMPENSATING = 17
    NODE_ATTEMPT_FAILED = 18
    NODE_WAITING = 19
    NODE_SKIPPED = 20
    PAUSE_DECIDED = 21
    SIGNAL_RECEIVED = 22
    ITEM_SUCCEEDED = 23
    ITEM_FAILED = 24
    NODE_COMPENSATED = 25
    COMPENSATION_FAILED = 26
    NODE_FELL_BACK = 27
    FRAMES_ROLLED_BACK = 28
    NODE_REPORTED = 29
    NODE_RECOVERED = 30
    POLICY_DECIDED = 31
    RETRY_REQUESTED = 33


TERMINAL_EVENTS = frozenset(
    {
        EventType.EXECUTION_COMPLETED,
        EventType.EXECUTION_FAILED,
        EventType.EXECUTION_CANCELLED,
        EventType.EXECUTION_TIMED_OUT,
    }
)
STATUS_EVENTS = {
    EventType.EXECUTION_PAUSED: ExecutionStatus.PAUSED,
    EventType.EXECUTION_WAITING_ON_GATE: ExecutionStatus.WAITING_ON_GATE,
    EventType.EXECUTION_CONTINUED: ExecutionStatus.RUNNING,
    EventType.EXECUTION_COMPENSATING: ExecutionStatus.COMPENSATING,
}
"""Events that move an execution from one status to another and do not end it."""
NODE_ENDS = frozenset(
    {EventType.NODE_SUCCEEDED, EventType.NODE_FAILED, EventType.NODE_TIMED_OUT, EventType.NODE_CANCELLED}
)
ATTEMPT_ENDS = NODE_ENDS | {EventType.NODE_ATTEMPT_FAILED, EventType.NODE_FELL_BACK}
"""Events that imply the start of their attempt when that has no event."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What few events say beside the rest. Members as the fields of penstock.v1.Event of the same name."""

    wait: Wait | None = None
    due_us: int = 0
    """When a wait ends by itself, unix time in microseconds; 0 when it does not."""
    item_count: int = -1
    child: str = ""
    signal: str = ""
    request_id: str = ""
    taken_signals: tuple[int, ...] = ()
    """Places among the signals that came in."""
    decision: Decision | None = None
    by: str = ""
    comment: str = ""
    is_cache_hit: bool = False
    is_fallback: bool = False
    is_provisional: bool = False
    is_compensation: bool = False
    ends_as: ExecutionStatus | None = None
    ruling: Ruling | None = None


class Event(NamedTuple):
    """What happened, and when (unix time in microseconds).

    An event that ends an attempt carries when the attempt started. If that start was not recorded
    by itself, the end takes two sequence numbers and the start is implied at `sequence - 1`: one
    row holds both (see `expand`).
    """

    sequence: int
    type: EventType
    time_us: int
    node: int = -1
    """Index of the node; -1 when the event is about the execution."""
    attempt: int = 0
    """Number of the attempt, from 1; for the end of an execution, how many were started in all."""
    started_us: int = 0
    """When the attempt that ends here started, where the end implies the start; other events may leave it 0."""
    payload: bytes | None = None
    """Output of a node or of an item, the message of a frame or of a signal, or what a node reported."""
    branch: int = -1
    """Index of the node that the output goes to; -1 when there is none, or several without a choice."""
    frame_index: int = -1
    """Index of a frame or of an item; number of frames for the end of a node that gave some; else -1."""
    failure: Failure | None = None
    reason: str | None = None
    """Why it was cancelled, or which process resumed it."""
    detail: Detail | None = None


def expand(events: Iterable[Event], after: int) -> Iterator[Event]:
    """The events with the implied starts put in. `after` is the sequence just before the first one."""
    for event in events:
        if event.sequence == after + 2 and event.type in ATTEMPT_ENDS:
            yield implied_start(event)
        yield event
        after = event.sequence


def implied_start(end: Event) -> Event:
    return Event(end.sequence - 1, EventType.NODE_STARTED, end.started_us, end.node, end.attempt)
