"""One entry of an execution's log.

Events are tuples, not dataclasses: one is made for each node that completes, and a tuple takes a
quarter of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from penstock.engine.domain.failure import Failure


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


TERMINAL_EVENTS = frozenset(
    {
        EventType.EXECUTION_COMPLETED,
        EventType.EXECUTION_FAILED,
        EventType.EXECUTION_CANCELLED,
        EventType.EXECUTION_TIMED_OUT,
    }
)
NODE_ENDS = frozenset(
    {EventType.NODE_SUCCEEDED, EventType.NODE_FAILED, EventType.NODE_TIMED_OUT, EventType.NODE_CANCELLED}
)


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
    """Output of a node, or the message of a frame."""
    branch: int = -1
    """Index of the node that the output goes to; -1 when there is none."""
    frame_index: int = -1
    """Index of a frame; number of frames for the end of a node that gave some; else -1."""
    failure: Failure | None = None
    reason: str | None = None
    """Why it was cancelled, or which process resumed it."""


def expand(events: Iterable[Event], after: int) -> Iterator[Event]:
    """The events with the implied starts put in. `after` is the sequence just before the first one."""
    for event in events:
        if event.sequence == after + 2 and event.type in NODE_ENDS:
            yield implied_start(event)
        yield event
        after = event.sequence


def implied_start(end: Event) -> Event:
    return Event(end.sequence - 1, EventType.NODE_STARTED, end.started_us, end.node, end.attempt)
