"""Events of one node -> its attempts, and what else they say of it."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.engine.domain.event import NODE_ENDS, Detail, Event, EventType
from penstock.engine.rpc.messages import duration, set_error, timestamp
from penstock.wire.gen.node_execution_pb2 import Attempt

_NO_DETAIL = Detail()
_ENDS = {
    EventType.NODE_SUCCEEDED: Attempt.SUCCEEDED,
    EventType.NODE_FAILED: Attempt.FAILED,
    EventType.NODE_TIMED_OUT: Attempt.FAILED,
    EventType.NODE_CANCELLED: Attempt.ABORTED,
    EventType.NODE_ATTEMPT_FAILED: Attempt.RETRYABLE_FAILED,
    EventType.NODE_FELL_BACK: Attempt.FAILED,
    EventType.NODE_COMPENSATED: Attempt.SUCCEEDED,
    EventType.COMPENSATION_FAILED: Attempt.FAILED,
    EventType.ITEM_SUCCEEDED: Attempt.SUCCEEDED,
    EventType.ITEM_FAILED: Attempt.FAILED,
}


class Story:
    """Changed by `tell` alone, with the events of one node in order, starts put in and those of items left out."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.attempts: list[tuple[int, Attempt]] = []
        """Each with the sequence at which it came on record. One without an end that is not the last was aborted."""
        self.begin_us = 0
        """When its first attempt or its wait began; 0 before."""
        self.end: Event | None = None
        self.not_undone: Event | None = None
        self.child = ""
        self.item_count = -1
        self.is_cache_hit = False
        self.is_fallback = False

    @property
    def attempt_count(self) -> int:
        return sum(not attempt.compensation for _, attempt in self.attempts)

    def tell(self, event: Event) -> None:
        detail = event.detail or _NO_DETAIL
        if event.type in (EventType.NODE_STARTED, EventType.NODE_WAITING):
            self.begin_us = self.begin_us or event.time_us
        if event.type is EventType.NODE_STARTED:
            self._begin(event)
            self.item_count = max(self.item_count, detail.item_count)
        elif event.type is EventType.NODE_WAITING:
            self.child = detail.child or self.child
        elif event.type is EventType.COMPENSATION_FAILED or detail.is_compensation:
            self.attempts.append((event.sequence, whole_attempt(self.node, event)))
        elif event.type in _ENDS:
            self._end(event)
        if event.type in NODE_ENDS:
            self.end = event
            self.is_cache_hit = detail.is_cache_hit
        elif event.type is EventType.COMPENSATION_FAILED:
            self.not_undone = event
        elif event.type is EventType.NODE_FELL_BACK:
            self.is_fallback = True

    def _begin(self, event: Event) -> None:
        last = self._last()
        if last is not None and last.status == Attempt.RUNNING:
            last.status = Attempt.ABORTED
        attempt = Attempt(
            node=self.node, attempt=event.attempt, status=Attempt.RUNNING, start_time=timestamp(event.time_us)
        )
        if self.is_fallback:
            attempt.fallback = True
        self.attempts.append((event.sequence, attempt))

    def _end(self, event: Event) -> None:
        attempt = self._last()
        if attempt is None:
            return  # it waited for something else and had no attempt
        if attempt.status == Attempt.RUNNING:
            _end_attempt(attempt, event)
        elif event.type is EventType.NODE_CANCELLED:
            attempt.ClearField("due_time")

    def _last(self) -> Attempt | None:
        return self.attempts[-1][1] if self.attempts else None


def stories(names: Iterable[str], events: Iterable[Event]) -> list[Story]:
    """One for each node, by index."""
    told = [Story(name) for name in names]
    for event in events:
        if event.node >= 0:
            told[event.node].tell(event)
    return told


def whole_attempt(node: str, event: Event) -> Attempt:
    """An attempt whose one event is its end: of an item of a map, or to undo a node."""
    attempt = Attempt(node=node, attempt=event.attempt, start_time=timestamp(event.started_us or event.time_us))
    if event.frame_index >= 0:
        attempt.item = event.frame_index
    if event.type is EventType.COMPENSATION_FAILED or (event.detail is not None and event.detail.is_compensation):
        attempt.compensation = True
    _end_attempt(attempt, event)
    return attempt


def _end_attempt(attempt: Attempt, event: Event) -> None:
    attempt.status = _ENDS[event.type]
    attempt.complete_time.CopyFrom(timestamp(event.time_us))
    attempt.duration.CopyFrom(duration(attempt.start_time.ToMicroseconds(), event.time_us))
    if event.failure is not None:
        set_error(attempt, event.failure)
    if event.type is EventType.NODE_ATTEMPT_FAILED and event.detail is not None and event.detail.due_us:
        attempt.due_time.CopyFrom(timestamp(event.detail.due_us))
