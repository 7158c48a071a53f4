"""What follows when a pipeline gives frames or comes to its end."""

from __future__ import annotations

from penstock.engine.domain import limits, node_steps
from penstock.engine.domain.draft import NOTHING, Draft, Step
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.occurrence import FramesEmitted, PipelineCompleted
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus, Wait

_PROVISIONAL = Detail(is_provisional=True)


def emit(run: Run, occurrence: FramesEmitted, at_us: int) -> Step:
    node, graph = occurrence.node, run.graph
    flight = run.flights.get(node)
    if flight is None or flight.wait not in (None, Wait.SIGNAL) or node != graph.pipeline:
        return NOTHING
    events: list[Event] = []
    if not flight.is_start_recorded:
        events.append(Event(run.sequence + 1, EventType.NODE_STARTED, occurrence.started_us, node, flight.attempt))
    for behind in occurrence.through:
        if run.node_statuses[behind] is NodeStatus.QUEUED:
            events.append(Event(run.sequence + len(events) + 1, EventType.NODE_STARTED, at_us, behind, 1))
    if run.sequence + len(events) + len(occurrence.payloads) > limits.EVENTS_MAX:
        return node_steps.too_many_events(run, node, occurrence.started_us, at_us)
    sequence = run.sequence + len(events)
    provisional = occurrence.provisional
    for index, payload in enumerate(occurrence.payloads):
        events.append(
            Event(
                sequence + index + 1,
                EventType.FRAME_EMITTED,
                at_us,
                graph.terminal,
                payload=payload,
                frame_index=run.frame_count + index,
                detail=_PROVISIONAL if provisional and provisional[index] else None,
            )
        )
    return Step(tuple(events))


def complete(run: Run, occurrence: PipelineCompleted, at_us: int) -> Step:
    """Ends the pipeline and, with it, every node behind that had a frame."""
    node = occurrence.node
    flight = run.flights.get(node)
    # It may wait for a signal while the last node behind it that takes its stream has what it needs.
    if flight is None or flight.wait not in (None, Wait.SIGNAL) or node != run.graph.pipeline:
        return NOTHING
    draft = Draft(run, at_us)
    draft.end_attempt(EventType.NODE_SUCCEEDED, node, occurrence.started_us, frame_index=run.frame_count)
    for behind, status in enumerate(draft.run.node_statuses):
        if status is NodeStatus.RUNNING:
            draft.end_attempt(EventType.NODE_SUCCEEDED, behind, at_us)
    return draft.end(ExecutionStatus.COMPLETED)
