"""An execution's log -> how long its nodes, their attempts and their waits took."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.engine.domain.event import ATTEMPT_ENDS, NODE_ENDS, Detail, Event, EventType
from penstock.engine.domain.fold import apply
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, Wait
from penstock.engine.rpc.messages import duration, timestamp
from penstock.engine.storage.postgres.views import Head
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.timeline_pb2 import Span

_NO_DETAIL = Detail()
_STATES = {
    EventType.NODE_SUCCEEDED: Span.DONE,
    EventType.NODE_FAILED: Span.FAILED,
    EventType.NODE_TIMED_OUT: Span.FAILED,
    EventType.NODE_CANCELLED: Span.ABORTED,
    EventType.NODE_ATTEMPT_FAILED: Span.FAILED,
    EventType.NODE_FELL_BACK: Span.FAILED,
    EventType.NODE_COMPENSATED: Span.DONE,
    EventType.COMPENSATION_FAILED: Span.FAILED,
    # It gave its output, which waits for a person's approval.
    EventType.NODE_WAITING: Span.DONE,
}
_OF_EXECUTION = {ExecutionStatus.COMPLETED: Span.DONE, ExecutionStatus.CANCELLED: Span.ABORTED}


class Chronicle:
    """Folds a log and keeps a span for whatever begins. `tell` each event in order, then `close`."""

    def __init__(self, run: Run, row: ExecutionRow) -> None:
        self.run = run
        self.spans: list[Span] = [_of_execution(row)]
        self._ready: dict[int, tuple[tuple[int, bool], int]] = {}
        """Of each node in flight its attempt, which of a gate begins when it passes, and when that could have begun."""
        self._nodes: dict[int, Span] = {}
        self._attempts: dict[int, Span] = {}
        self._waits: dict[int, tuple[Wait, Span]] = {}
        self._run_us: dict[int, int] = {}

    def tell(self, event: Event, implies_start: bool) -> None:
        """`event` without the sequences that views leave out; its own place in the log is in it."""
        if implies_start:
            self._start(event, event.sequence - 1, event.started_us or event.time_us)
        apply(self.run, event._replace(sequence=self.run.sequence + 1 + implies_start))
        if event.node >= 0:
            self._tell(event)
        if event.type is EventType.EXECUTION_RESUMED:
            self._abort_attempts(event)
        self._look(event)

    def _tell(self, event: Event) -> None:
        detail = event.detail or _NO_DETAIL
        is_undo = detail.is_compensation or event.type is EventType.COMPENSATION_FAILED
        if event.type is EventType.NODE_STARTED:
            self._start(event, event.sequence, event.time_us)
        elif is_undo and event.type in _STATES:
            self._undo(event)
        elif event.type is EventType.NODE_WAITING:
            if detail.wait is Wait.APPROVAL:
                self._end_attempt(event)
            self._wait(event, detail)
        elif event.type in ATTEMPT_ENDS:
            self._end_attempt(event)
            if event.type is EventType.NODE_ATTEMPT_FAILED:
                self._wait(event, Detail(Wait.RETRY, detail.due_us))
        elif event.type is EventType.RETRY_REQUESTED:
            self._ready.pop(event.node, None)
        if event.type in NODE_ENDS:
            self._end_node(event)

    def _start(self, event: Event, sequence: int, start_us: int) -> None:
        node = event.node
        self._end_wait(node, start_us, Wait.RETRY)
        ready_us = self._ready_us(node)
        self._node(node, sequence, ready_us, start_us)
        span = self._add(Span.ATTEMPT, node, sequence, ready_us, start_us)
        span.attempt = event.attempt or 1
        flight = self.run.flights.get(node)
        if flight is not None and flight.is_fallback:
            span.fallback = True
        self._attempts[node] = span

    def _ready_us(self, node: int) -> int:
        """0 when that is not known: the node stands behind a pipeline."""
        return self._ready[node][1] if node in self._ready else 0

    def _end_attempt(self, event: Event) -> None:
        span = self._attempts.pop(event.node, None)
        if span is not None:
            self._end(span, event.time_us, _STATES[event.type])
            run_us = event.time_us - span.start_time.ToMicroseconds()
            span.run_time.CopyFrom(duration(0, run_us))
            self._run_us[event.node] = self._run_us.get(event.node, 0) + max(0, run_us)

    def _abort_attempts(self, event: Event) -> None:
        """Those that were under way when their process stopped."""
        for node in list(self._attempts):
            flight = self.run.flights.get(node)
            if flight is not None and not flight.is_start_recorded:
                self._end(self._attempts.pop(node), event.time_us, Span.ABORTED)

    def _undo(self, event: Event) -> None:
        start_us = event.started_us or event.time_us
        ready_us = self._ready_us(event.node)
        self._end_wait(event.node, start_us, Wait.RETRY)
        span = self._add(Span.ATTEMPT, event.node, event.sequence, ready_us, start_us)
        span.attempt, span.compensation = event.attempt or 1, True
        self._end(span, event.time_us, _STATES[event.type])
        span.run_time.CopyFrom(duration(start_us, event.time_us))
        if event.type is EventType.NODE_ATTEMPT_FAILED:
            self._wait(event, Detail(Wait.RETRY, (event.detail or _NO_DETAIL).due_us))

    def _wait(self, event: Event, detail: Detail) -> None:
        node = event.node
        # Its attempt failed while it waited for something else.
        self._end_wait(node, event.time_us, None, Span.ABORTED)
        self._node(node, event.sequence, event.time_us, event.time_us)
        span = self._add(Span.WAIT, node, event.sequence, 0, event.time_us)
        assert detail.wait is not None
        span.wait = detail.wait.name  # type: ignore[assignment]
        if detail.due_us:
            span.due_time.CopyFrom(timestamp(detail.due_us))
        if detail.child:
            span.child_execution_id = detail.child
        self._waits[node] = detail.wait, span

    def _end_wait(self, node: int, time_us: int, only: Wait | None = None, state: Span.State = Span.DONE) -> None:
        wait, span = self._waits.get(node, (None, None))
        if span is not None and (only is None or wait is only):
            del self._waits[node]
            self._end(span, time_us, state)

    def _node(self, node: int, sequence: int, ready_us: int, start_us: int) -> None:
        if node not in self._nodes:
            self._nodes[node] = self._add(Span.NODE, node, sequence, ready_us, start_us)

    def _end_node(self, event: Event) -> None:
        state = _STATES[event.type]
        self._end_wait(event.node, event.time_us, None, state if state == Span.ABORTED else Span.DONE)
        span = self._nodes.get(event.node)
        if span is not None and span.state == Span.OPEN:
            self._end(span, event.time_us, state)
            span.run_time.CopyFrom(duration(0, self._run_us.get(event.node, 0)))

    def _look(self, event: Event) -> None:
        """Notes what came into flight, and ends waits that are over."""
        flights = self.run.flights
        for node in [node for node, (wait, _) in self._waits.items() if wait is not Wait.RETRY]:
            flight = flights.get(node)
            if flight is None or flight.wait is not self._waits[node][0]:
                self._end_wait(node, event.time_us)
        for node in [node for node in self._ready if node not in flights]:
            del self._ready[node]
        for node, flight in flights.items():
            known = self._ready.get(node)
            attempt = flight.attempt, flight.wait is Wait.GATE
            if known is None or known[0] != attempt:
                is_late = flight.wait is Wait.RETRY and flight.due_us
                self._ready[node] = attempt, flight.due_us if is_late else event.time_us
        if event.type is EventType.EXECUTION_COMPENSATING or self.run.status.is_terminal:
            for node in list(self._waits):
                self._end_wait(node, event.time_us, None, Span.ABORTED)

    def in_flight(self, now_us: int) -> list[Span]:
        """Attempts that are under way by what is known, and whose start is not on record."""
        spans = []
        for node, flight in sorted(self.run.flights.items()):
            is_due = flight.wait is Wait.RETRY and flight.due_us <= now_us
            if flight.is_start_recorded or not (flight.wait is None or is_due):
                continue
            ready_us = self._ready_us(node)
            span = Span(type=Span.ATTEMPT, node=self.run.graph.names[node], attempt=flight.attempt, state=Span.OPEN)
            span.ready_time.CopyFrom(timestamp(ready_us))
            span.start_time.CopyFrom(timestamp(ready_us))
            if flight.is_fallback:
                span.fallback = True
            if self.run.undoing is not None:
                span.compensation = True
            spans.append(span)
        return spans

    def _add(self, kind: Span.Type, node: int, sequence: int, ready_us: int, start_us: int) -> Span:
        name = self.run.graph.names[node]
        span = Span(type=kind, node=name, state=Span.OPEN, sequence=sequence, start_time=timestamp(start_us))
        if ready_us:
            span.ready_time.CopyFrom(timestamp(ready_us))
            span.queue_time.CopyFrom(duration(ready_us, start_us))
        self.spans.append(span)
        return span

    def _end(self, span: Span, time_us: int, state: Span.State) -> None:
        span.state = state
        span.end_time.CopyFrom(timestamp(max(time_us, span.start_time.ToMicroseconds())))


def chronicle(run: Run, row: ExecutionRow, heads: Sequence[Head]) -> Chronicle:
    told = Chronicle(run, row)
    for event, implies_start in heads:
        told.tell(event, implies_start)
    return told


def _of_execution(row: ExecutionRow) -> Span:
    span = Span(type=Span.EXECUTION, state=Span.OPEN, ready_time=timestamp(row.create_us), sequence=1)
    if row.start_us is not None:
        span.start_time.CopyFrom(timestamp(row.start_us))
        span.queue_time.CopyFrom(duration(row.create_us, row.start_us))
    if row.complete_us is not None:
        span.state = _OF_EXECUTION.get(row.status, Span.FAILED)
        span.end_time.CopyFrom(timestamp(row.complete_us))
        if row.start_us is not None:
            span.run_time.CopyFrom(duration(row.start_us, row.complete_us))
    return span
