"""Decides what follows from an occurrence: the only place that says how an execution moves.

Pure and total: for every status and occurrence there is a step or a named error. The caller commits
the step's events, folds them into the run, and only then acts (DESIGN, section 4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.engine.domain.frontier import reachable
from penstock.engine.domain.occurrence import (
    Accepted,
    CancelRequested,
    FramesEmitted,
    NodeCompleted,
    NodeFailed,
    NodeIsSlow,
    NodeTimedOut,
    Occurrence,
    PipelineCompleted,
    PlaceFound,
    TakenOver,
)
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus


class Step(NamedTuple):
    """What to commit, then what to do."""

    events: tuple[Event, ...]
    start: int = -1
    """Node to start after the commit; -1 for none."""
    is_end: bool = False
    """Whether the execution ends: stop what runs and tell who waits."""


NOTHING = Step(())


def decide(run: Run, occurrence: Occurrence, at_us: int) -> Step:
    """The step that follows from `occurrence` at `at_us` (unix time in microseconds).

    What comes too late (a completion after a cancel, news of a node that is no longer in flight)
    changes nothing. Raises Conflict with the status for a cancel after the end, and
    ValueError for what cannot be (a second acceptance).
    """
    if run.status is not ExecutionStatus.RUNNING:
        return _decide_outside_running(run, occurrence, at_us)
    kind = type(occurrence)
    if kind is NodeCompleted:
        return _complete_node(run, occurrence, at_us)  # type: ignore[arg-type]
    if kind is FramesEmitted:
        return _emit_frames(run, occurrence, at_us)  # type: ignore[arg-type]
    return _DECIDE[kind](run, occurrence, at_us)


def _decide_outside_running(run: Run, occurrence: Occurrence, at_us: int) -> Step:
    if isinstance(occurrence, Accepted):
        return _accept(run, occurrence, at_us)
    if run.sequence == 0:
        return NOTHING
    if isinstance(occurrence, CancelRequested):
        return _cancel(run, occurrence, at_us)
    if run.status is ExecutionStatus.QUEUED and isinstance(occurrence, PlaceFound):
        return Step((Event(run.sequence + 1, EventType.EXECUTION_STARTED, at_us),), start=run.node)
    return NOTHING


def _accept(run: Run, occurrence: Accepted, at_us: int) -> Step:
    if run.sequence:
        raise ValueError("an execution is accepted once")
    accepted = Event(1, EventType.EXECUTION_ACCEPTED, at_us)
    if not occurrence.has_place:
        return Step((accepted,))
    return Step((accepted, Event(2, EventType.EXECUTION_STARTED, at_us)), start=run.graph.entry)


def _is_late(run: Run, node: int) -> bool:
    return node != run.node


def _complete_node(run: Run, occurrence: NodeCompleted, at_us: int) -> Step:
    node = occurrence.node
    if _is_late(run, node) or node == run.graph.pipeline:
        return NOTHING
    end = Event(
        run.sequence + (1 if run.is_start_recorded else 2),
        EventType.NODE_SUCCEEDED,
        at_us,
        node,
        run.attempt,
        occurrence.started_us,
        occurrence.output,
        occurrence.branch,
    )
    if occurrence.branch >= 0:
        return Step((end,), start=occurrence.branch)
    if node != run.graph.terminal:
        failure = Failure(
            "NO_BRANCH_TAKEN",
            f"no edge of node {run.graph.names[node]} was taken: no `when` held and there is no `otherwise`",
            node=run.graph.names[node],
            attempt=run.attempt,
        )
        return _end(run, (end,), EventType.EXECUTION_FAILED, at_us, failure)
    if run.graph.mode is Mode.UNARY:
        return _end(run, (end,), EventType.EXECUTION_COMPLETED, at_us)
    # A pipeline flow whose branch went past its pipeline node: its one output is its one frame.
    frame = Event(
        end.sequence + 1, EventType.FRAME_EMITTED, at_us, node, payload=occurrence.output, frame_index=run.frame_count
    )
    return _end(run, (end, frame), EventType.EXECUTION_COMPLETED, at_us)


def _emit_frames(run: Run, occurrence: FramesEmitted, at_us: int) -> Step:
    if _is_late(run, occurrence.node) or occurrence.node != run.graph.pipeline:
        return NOTHING
    events = [] if run.is_start_recorded else [_start(run, occurrence.started_us)]
    for node in occurrence.through:
        if run.node_statuses[node] is NodeStatus.QUEUED:
            events.append(Event(run.sequence + len(events) + 1, EventType.NODE_STARTED, at_us, node, 1))
    if run.sequence + len(events) + len(occurrence.payloads) > limits.EVENTS_MAX:
        failure = Failure(
            "TOO_MANY_EVENTS",
            f"an execution has at most {limits.EVENTS_MAX} events, frames included",
            node=run.graph.names[occurrence.node],
            attempt=run.attempt,
        )
        return _fail_node(run, NodeFailed(occurrence.node, occurrence.started_us, failure), at_us)
    sequence = run.sequence + len(events)
    for index, payload in enumerate(occurrence.payloads):
        events.append(
            Event(
                sequence + index + 1,
                EventType.FRAME_EMITTED,
                at_us,
                run.graph.terminal,
                payload=payload,
                frame_index=run.frame_count + index,
            )
        )
    return Step(tuple(events))


def _start(run: Run, started_us: int) -> Event:
    return Event(run.sequence + 1, EventType.NODE_STARTED, started_us, run.node, run.attempt)


def _note_slow_node(run: Run, occurrence: NodeIsSlow, at_us: int) -> Step:
    if _is_late(run, occurrence.node) or run.is_start_recorded:
        return NOTHING
    return Step((_start(run, occurrence.started_us),))


def _complete_pipeline(run: Run, occurrence: PipelineCompleted, at_us: int) -> Step:
    """Ends the pipeline and, with it, every node behind that had a frame."""
    if _is_late(run, occurrence.node) or occurrence.node != run.graph.pipeline:
        return NOTHING
    pipeline = _node_end(run, run.sequence, run.node, EventType.NODE_SUCCEEDED, occurrence.started_us, at_us)
    ends = [pipeline._replace(frame_index=run.frame_count)]
    for node in _others_under_way(run):
        ends.append(_node_end(run, ends[-1].sequence, node, EventType.NODE_SUCCEEDED, 0, at_us))
    return _end(run, tuple(ends), EventType.EXECUTION_COMPLETED, at_us)


def _fail_node(run: Run, occurrence: NodeFailed | NodeTimedOut, at_us: int) -> Step:
    """Ends the node that failed, whatever else is under way, and the execution."""
    if not _is_in_flight(run, occurrence.node):
        return NOTHING
    timed_out = isinstance(occurrence, NodeTimedOut)
    others = [node for node in (run.node, *_others_under_way(run)) if node != occurrence.node]
    ends: list[Event] = []
    for node in others:
        after = ends[-1].sequence if ends else run.sequence
        ends.append(_node_end(run, after, node, EventType.NODE_CANCELLED, occurrence.started_us, at_us))
    failed = _node_end(
        run,
        ends[-1].sequence if ends else run.sequence,
        occurrence.node,
        EventType.NODE_TIMED_OUT if timed_out else EventType.NODE_FAILED,
        occurrence.started_us,
        at_us,
    )
    ends.append(failed._replace(failure=occurrence.failure))
    kind = EventType.EXECUTION_TIMED_OUT if timed_out else EventType.EXECUTION_FAILED
    return _end(run, tuple(ends), kind, at_us, occurrence.failure)


def _is_in_flight(run: Run, node: int) -> bool:
    """Whether it is the current node, or stands behind the pipeline that is."""
    if node == run.node:
        return True
    return run.node == run.graph.pipeline and node in reachable(run.graph, run.node)


def _cancel(run: Run, occurrence: CancelRequested, at_us: int) -> Step:
    if run.status.is_terminal:
        raise Conflict(
            f"the execution has ended: it is {run.status.name}",
            facts={"status": run.status.name},
        )
    ends: list[Event] = []
    for node in (run.node, *_others_under_way(run)):
        if run.node_statuses[node] is NodeStatus.RUNNING:
            after = ends[-1].sequence if ends else run.sequence
            # An attempt that was taken over and has no start yet starts and ends here.
            ends.append(_node_end(run, after, node, EventType.NODE_CANCELLED, at_us, at_us))
    return _end(run, tuple(ends), EventType.EXECUTION_CANCELLED, at_us, reason=occurrence.reason or None)


def _take_over(run: Run, occurrence: TakenOver, at_us: int) -> Step:
    if run.takeover_count >= limits.TAKEOVERS_MAX:
        name = run.graph.names[run.node]
        failure = Failure(
            "PROCESS_DIED",
            f"node {name} was started {run.takeover_count + 1} times and its process stopped each time",
            FailureKind.SYSTEM,
            FailureClass.INFRASTRUCTURE,
            node=name,
            attempt=run.attempt,
        )
        return _fail_node(run, NodeFailed(run.node, at_us, failure), at_us)
    return Step((Event(run.sequence + 1, EventType.EXECUTION_RESUMED, at_us, reason=occurrence.by),), start=run.node)


def _change_nothing(run: Run, occurrence: Occurrence, at_us: int) -> Step:
    return NOTHING


def _others_under_way(run: Run) -> list[int]:
    """Nodes behind a pipeline that had a frame, in order; none in a unary flow."""
    if run.graph.mode is Mode.UNARY:
        return []
    statuses = run.node_statuses
    return [node for node, status in enumerate(statuses) if status is NodeStatus.RUNNING and node != run.node]


def _node_end(run: Run, after: int, node: int, kind: EventType, started_us: int, at_us: int) -> Event:
    """The end of a node's attempt, next after the sequence `after`; it holds the start when that has no event."""
    if run.has_start(node):
        return Event(after + 1, kind, at_us, node, _attempt(run, node))
    return Event(after + 2, kind, at_us, node, _attempt(run, node), started_us)


def _attempt(run: Run, node: int) -> int:
    return run.attempt if node == run.node else 1


def _end(
    run: Run,
    ends: tuple[Event, ...],
    kind: EventType,
    at_us: int,
    failure: Failure | None = None,
    reason: str | None = None,
) -> Step:
    sequence, attempt_count = run.sequence, run.attempt_count
    for end in ends:
        attempt_count += end.sequence - sequence - 1
        sequence = end.sequence
    last = Event(sequence + 1, kind, at_us, attempt=attempt_count, failure=failure, reason=reason)
    return Step((*ends, last), is_end=True)


_DECIDE: dict[type, Callable[[Run, Any, int], Step]] = {
    NodeIsSlow: _note_slow_node,
    PipelineCompleted: _complete_pipeline,
    NodeFailed: _fail_node,
    NodeTimedOut: _fail_node,
    CancelRequested: _cancel,
    TakenOver: _take_over,
    PlaceFound: _change_nothing,
    Accepted: _accept,
}
