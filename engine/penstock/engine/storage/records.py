"""What goes into the store and comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one process to drive executions. `epoch` fences it: see `postgres/leases.py`."""

    lease_id: UUID
    epoch: int


class Parent(NamedTuple):
    """The execution, as 16 bytes, and the index of its node whose sub-flow another execution is."""

    execution_id: bytes
    node: int


class SearchValue(NamedTuple):
    """The value of a searchable field: as text, or as a number in decimal form."""

    account: str
    path: str
    text: str | None
    number: str | None


class Acceptance(NamedTuple):
    """What is fixed about an execution when it is accepted. `execution_id` is 16 bytes, `labels` a JSON object.

    `options` is a penstock.v1.ExecutionOptions, None when it has none.
    """

    execution_id: bytes
    account: str
    flow: str
    graph_id: str
    version: int
    mode: Mode
    labels: bytes
    input: bytes
    options: bytes | None = None
    parent: Parent | None = None
    has_webhook: bool = False
    """Whether its result is to be sent somewhere."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Makes an invocation safe to repeat. `fingerprint` is equal for equal requests."""

    request_id: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """One execution as stored. Times are unix time in microseconds; None means not yet."""

    execution_id: str
    account: str
    flow: str
    graph_id: str
    version: int
    mode: Mode
    status: ExecutionStatus
    lease_id: UUID
    create_us: int
    start_us: int | None
    complete_us: int | None
    last_sequence: int
    attempt_count: int
    failure: Failure | None
    cancel_reason: str | None
    labels: Mapping[str, str]
    options: bytes | None = None
    parent: Parent | None = None

    def first_events(self) -> tuple[Event, ...]:
        """The events that the row holds in place of rows of their own, at the beginning of the log."""
        accepted = Event(1, EventType.EXECUTION_ACCEPTED, self.create_us)
        if self.start_us is None:
            return (accepted,)
        return (accepted, Event(2, EventType.EXECUTION_STARTED, self.start_us))

    def last_event(self) -> Event | None:
        """The event that ended it; None while it has not ended."""
        if self.complete_us is None:
            return None
        return Event(
            self.last_sequence,
            _END_EVENT[self.status],
            self.complete_us,
            attempt=self.attempt_count,
            failure=self.failure,
            reason=self.cancel_reason,
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an execution is by its event rows."""

    last_sequence: int
    update_us: int
    attempt_count: int


_END_EVENT = {
    ExecutionStatus.COMPLETED: EventType.EXECUTION_COMPLETED,
    ExecutionStatus.FAILED: EventType.EXECUTION_FAILED,
    ExecutionStatus.CANCELLED: EventType.EXECUTION_CANCELLED,
    ExecutionStatus.TIMED_OUT: EventType.EXECUTION_TIMED_OUT,
}
END_STATUS = {event: status for status, event in _END_EVENT.items()}
