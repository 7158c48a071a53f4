"""Events -> run. Resume, replay and the views of an execution are this one function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import NODE_ENDS, Event, EventType
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus


def fold(graph: Graph, events: Iterable[Event]) -> Run:
    """The run that these events, in order from the first one, lead to."""
    run = Run(graph)
    for event in events:
        apply(run, event)
    return run


def apply(run: Run, event: Event) -> None:
    """Moves the run on by one event. The event's sequence must be the next one, or the one after an implied start."""
    skip = event.sequence - run.sequence
    if skip != 1 and not (skip == 2 and event.type in NODE_ENDS and not run.has_start(event.node)):
        raise ValueError(f"event {event.sequence} does not follow event {run.sequence}")
    run.sequence = event.sequence
    if skip == 2 or event.type is EventType.NODE_STARTED:
        run.attempt_count += 1
    _APPLY[event.type](run, event)


def _accepted(run: Run, event: Event) -> None:
    run.node = run.graph.entry


def _started(run: Run, event: Event) -> None:
    run.status = ExecutionStatus.RUNNING


def _resumed(run: Run, event: Event) -> None:
    run.takeover_count += 1
    if run.is_start_recorded:
        run.attempt += 1
        run.is_start_recorded = False


def _node_started(run: Run, event: Event) -> None:
    run.node_statuses[event.node] = NodeStatus.RUNNING
    if event.node == run.node:
        run.is_start_recorded = True


def _node_succeeded(run: Run, event: Event) -> None:
    run.node_statuses[event.node] = NodeStatus.SUCCEEDED
    if event.node != run.node:
        return
    run.checkpoint = event
    run.takeover_count = 0
    run.node = event.branch
    run.attempt = 1
    run.is_start_recorded = False


def _node_ended(status: NodeStatus) -> Callable[[Run, Event], None]:
    def ended(run: Run, event: Event) -> None:
        run.node_statuses[event.node] = status

    return ended


def _frame_emitted(run: Run, event: Event) -> None:
    run.frame_count = event.frame_index + 1
    run.takeover_count = 0


def _execution_ended(status: ExecutionStatus) -> Callable[[Run, Event], None]:
    def ended(run: Run, event: Event) -> None:
        run.status = status
        run.failure = event.failure
        run.end_us = event.time_us
        run.node = -1

    return ended


_APPLY: MappingProxyType[EventType, Callable[[Run, Event], None]] = MappingProxyType(
    {
        EventType.EXECUTION_ACCEPTED: _accepted,
        EventType.EXECUTION_STARTED: _started,
        EventType.EXECUTION_RESUMED: _resumed,
        EventType.EXECUTION_COMPLETED: _execution_ended(ExecutionStatus.COMPLETED),
        EventType.EXECUTION_FAILED: _execution_ended(ExecutionStatus.FAILED),
        EventType.EXECUTION_CANCELLED: _execution_ended(ExecutionStatus.CANCELLED),
        EventType.EXECUTION_TIMED_OUT: _execution_ended(ExecutionStatus.TIMED_OUT),
        EventType.NODE_STARTED: _node_started,
        EventType.NODE_SUCCEEDED: _node_succeeded,
        EventType.NODE_FAILED: _node_ended(NodeStatus.FAILED),
        EventType.NODE_TIMED_OUT: _node_ended(NodeStatus.TIMED_OUT),
        EventType.NODE_CANCELLED: _node_ended(NodeStatus.CANCELLED),
        EventType.FRAME_EMITTED: _frame_emitted,
    }
)
