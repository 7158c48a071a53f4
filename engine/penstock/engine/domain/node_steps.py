"""What follows when a node starts late, gives its output or fails."""

from __future__ import annotations

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Mode, Work
from penstock.engine.domain.draft import NOTHING, Draft, Step
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.engine.domain.frontier import reachable
from penstock.engine.domain.occurrence import NodeCompleted, NodeFailed, NodeStarted, NodeTimedOut, TakenOver
from penstock.engine.domain.run import Flight, Run, Tries
from penstock.engine.domain.states import ExecutionStatus, Wait

# Not looked up in the class each time: that takes as long as what is done with them.
_SUCCEEDED, _COMPLETED = EventType.NODE_SUCCEEDED, EventType.EXECUTION_COMPLETED
_RUNS = (None, Wait.SIGNAL, Wait.SLEEP, Wait.FLOW)
"""Waits of nodes that can come to their end by themselves."""


def complete(run: Run, occurrence: NodeCompleted, at_us: int) -> Step:
    node, graph, flights = occurrence.node, run.graph, run.flights
    flight = flights.get(node)
    if flight is None or run.undoing is not None or node == graph.pipeline:
        return NOTHING
    if flight.wait is not None and flight.wait not in _RUNS:
        return NOTHING
    straight = graph.straight[node]
    if len(flights) == 1 and (straight >= 0 or (node == graph.last and run.ends_as is None)):
        # Nothing else is touched: no copy of the run is needed to see what follows.
        is_plain = not (occurrence.is_cache_hit or occurrence.taken_signals or flight.is_fallback)
        end = Event(
            run.sequence + (1 if flight.is_start_recorded else 2),
            _SUCCEEDED,
            at_us,
            node,
            flight.attempt,
            occurrence.started_us,
            occurrence.output,
            occurrence.branch,
            -1,
            None,
            None,
            None if is_plain else _detail(occurrence, flight),
        )
        if straight >= 0:
            return Step((end,), straight)
        attempt_count = run.attempt_count + end.sequence - run.sequence - 1
        last = Event(end.sequence + 1, _COMPLETED, at_us, attempt=attempt_count)
        return Step((end, last), is_end=True)
    draft = Draft(run, at_us)
    draft.end_attempt(
        EventType.NODE_SUCCEEDED,
        node,
        occurrence.started_us,
        payload=occurrence.output,
        branch=occurrence.branch,
        detail=_detail(occurrence, flight),
    )
    return go_on(draft, node)


def go_on(draft: Draft, node: int) -> Step:
    """The rest of a step in which a node gave its output."""
    run, graph = draft.run, draft.run.graph
    checkpoint = run.outputs[node]
    assert checkpoint is not None
    if node == graph.terminal:
        if graph.mode is Mode.PIPELINE:
            # Its branch went past the pipeline: its one output is the one frame.
            draft.add(EventType.FRAME_EMITTED, node, payload=checkpoint.payload, frame_index=run.frame_count)
            return draft.end(ExecutionStatus.COMPLETED)
        return draft.step()
    if graph.taken(node, checkpoint.branch):
        draft.settled(node)
    return draft.step()


def _detail(occurrence: NodeCompleted, flight: Flight) -> Detail | None:
    if not occurrence.is_cache_hit and not occurrence.taken_signals and not flight.is_fallback:
        return None
    return Detail(
        is_cache_hit=occurrence.is_cache_hit,
        taken_signals=occurrence.taken_signals,
        is_fallback=flight.is_fallback,
    )


def note_start(run: Run, occurrence: NodeStarted, at_us: int) -> Step:
    flight = run.flights.get(occurrence.node)
    if flight is None or flight.is_start_recorded or run.undoing is not None:
        return NOTHING
    rules = run.graph.rules[occurrence.node]
    if rules.work is Work.MAP and occurrence.item_count < 0 and not flight.is_fallback:
        return NOTHING  # It starts when its items are known.
    detail = None
    if occurrence.item_count >= 0 or flight.is_fallback:
        detail = Detail(item_count=occurrence.item_count, is_fallback=flight.is_fallback)
    if len(run.flights) == 1 and flight.wait is None:
        start = Event(
            run.sequence + 1,
            EventType.NODE_STARTED,
            occurrence.started_us,
            occurrence.node,
            flight.attempt,
            detail=detail,
        )
        return Step((start,))
    draft = Draft(run, at_us)
    draft.start_attempt(occurrence.node, occurrence.started_us, detail)
    return draft.step()


def fail(run: Run, occurrence: NodeFailed | NodeTimedOut, at_us: int) -> Step:
    """Has the node tried again, or its fallback in its place, or ends it."""
    node = occurrence.node
    if run.undoing is not None:
        return NOTHING
    if node not in run.flights and is_behind_pipeline(run, node):
        return _fail_behind(run, occurrence, at_us)
    flight = run.flights.get(node)
    if flight is None or flight.wait not in _RUNS:
        return NOTHING
    draft = Draft(run, at_us)
    try_again_or_end(draft, node, occurrence)
    return draft.step()


def try_again_or_end(draft: Draft, node: int, occurrence: NodeFailed | NodeTimedOut) -> None:
    if not _tried_again(draft, node, occurrence):
        end_failed(draft, node, occurrence)


def _tried_again(draft: Draft, node: int, occurrence: NodeFailed | NodeTimedOut) -> bool:
    """Whether another attempt follows, or the fallback."""
    run, failure = draft.run, occurrence.failure
    flight = run.flights[node]
    # The policy of a map is that of its items.
    is_map = run.graph.rules[node].work is Work.MAP and not flight.is_fallback
    policy = None if is_map else run.retry_policy(node)
    tries = flight.tries or Tries()
    if policy is not None and policy.allows(failure, tries.user, tries.system):
        due_us = draft.at_us + policy.wait_us(tries.count + 1, occurrence.chance)
        detail = Detail(Wait.RETRY, due_us, is_fallback=flight.is_fallback)
        draft.end_attempt(EventType.NODE_ATTEMPT_FAILED, node, occurrence.started_us, failure=failure, detail=detail)
        if node == run.graph.pipeline and run.provisional_from >= 0:
            draft.add(EventType.FRAMES_ROLLED_BACK, node, frame_index=run.provisional_from)
        return True
    if run.graph.rules[node].fallback is not None and not flight.is_fallback:
        draft.end_attempt(EventType.NODE_FELL_BACK, node, occurrence.started_us, failure=failure)
        return True
    return False


def end_failed(draft: Draft, node: int, occurrence: NodeFailed | NodeTimedOut) -> None:
    """Ends a node that failed for good, and settles what stands behind it."""
    kind = EventType.NODE_TIMED_OUT if isinstance(occurrence, NodeTimedOut) else EventType.NODE_FAILED
    is_in_flight = node in draft.run.flights
    draft.end_attempt(kind, node, occurrence.started_us, failure=occurrence.failure)
    if is_in_flight and draft.run.ends_as is None:
        draft.settled(node)


def is_behind_pipeline(run: Run, node: int) -> bool:
    """Whether frames go through a node now."""
    pipeline = run.graph.pipeline
    flight = run.flights.get(pipeline)
    is_running = flight is not None and flight.wait in (None, Wait.SIGNAL)
    return is_running and node != pipeline and node in reachable(run.graph, pipeline)


def _fail_behind(run: Run, occurrence: NodeFailed | NodeTimedOut, at_us: int) -> Step:
    """A node behind a pipeline failed on a frame: the pipeline is tried again, or everything ends."""
    draft = Draft(run, at_us)
    if not _tried_again(draft, run.graph.pipeline, occurrence):
        end_failed(draft, occurrence.node, occurrence)
        return draft.end(draft.run.ends_as or ExecutionStatus.FAILED, occurrence.failure)
    return draft.step()


def take_over(run: Run, occurrence: TakenOver, at_us: int) -> Step:
    """Has what ran run again; an execution that only waits goes on waiting without an event."""
    running = [node for node, flight in run.flights.items() if flight.wait in (None, Wait.SIGNAL)]
    if not running:
        return NOTHING
    draft = Draft(run, at_us)
    suspects = [node for node in running if run.flights[node].wait is None]
    if suspects and run.takeover_count >= limits.TAKEOVERS_MAX:
        _give_up(draft, suspects[0])
        if draft.is_lost or not draft.run.flights:
            return draft.step()
    draft.add(EventType.EXECUTION_RESUMED, reason=occurrence.by)
    if run.provisional_from >= 0 and run.graph.pipeline in running:
        draft.add(EventType.FRAMES_ROLLED_BACK, run.graph.pipeline, frame_index=run.provisional_from)
    return draft.step()


def _give_up(draft: Draft, node: int) -> None:
    """Ends a node that took its process down each time, or what was to undo it."""
    run = draft.run
    name, flight = run.graph.names[node], run.flights[node]
    failure = Failure(
        "PROCESS_DIED",
        f"node {name} was started {run.takeover_count + 1} times and its process stopped each time",
        FailureKind.SYSTEM,
        FailureClass.INFRASTRUCTURE,
        node=name,
        attempt=flight.attempt,
    )
    if run.undoing is None:
        end_failed(draft, node, NodeFailed(node, draft.at_us, failure))
    else:
        detail = Detail(is_compensation=True)
        draft.add(EventType.COMPENSATION_FAILED, node, attempt=flight.attempt, failure=failure, detail=detail)


def too_many_events(run: Run, node: int, started_us: int, at_us: int) -> Step:
    """The step that ends a node whose next events would go beyond the limit."""
    failure = Failure(
        "TOO_MANY_EVENTS",
        f"an execution has at most {limits.EVENTS_MAX} events, frames and items included",
        node=run.graph.names[node],
        attempt=run.flights[node].attempt,
    )
    draft = Draft(run, at_us)
    end_failed(draft, node, NodeFailed(node, started_us, failure))
    return draft.step()
