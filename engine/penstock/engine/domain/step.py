"""Decides what follows from an occurrence: the only place that says how an execution moves.

Pure and total: for every status and occurrence there is a step or a named error. The caller commits
the step's events, folds them into the run, and only then acts (DESIGN, section 4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from penstock.engine.domain import frame_steps, item_steps, node_steps, policy_steps, undo_steps, wait_steps
from penstock.engine.domain import occurrence as o
from penstock.engine.domain.draft import NOTHING, Draft, Step
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure, FailureClass
from penstock.engine.domain.occurrence import NodeCompleted
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus

__all__ = ["NOTHING", "Step", "decide"]

# Not looked up in the class each time: that takes as long as what is done with them.
_ACCEPTED, _STARTED = EventType.EXECUTION_ACCEPTED, EventType.EXECUTION_STARTED


def decide(run: Run, occurrence: o.Occurrence, at_us: int) -> Step:
    """The step that follows from `occurrence` at `at_us` (unix time in microseconds).

    What comes too late (a completion after a cancel, news of a node that is no longer in flight)
    changes nothing. Raises Conflict with the status for a cancel or a signal after the end and for a pause
    that is decided, and ValueError for what cannot be (a second acceptance).
    """
    kind = type(occurrence)
    if kind is NodeCompleted:
        return node_steps.complete(run, occurrence, at_us)  # type: ignore[arg-type]
    if kind is o.FramesEmitted:
        return frame_steps.emit(run, occurrence, at_us)  # type: ignore[arg-type]
    return _DECIDE[kind](run, occurrence, at_us)


def _accept(run: Run, occurrence: o.Accepted, at_us: int) -> Step:
    if run.sequence:
        raise ValueError("an execution is accepted once")
    accepted = Event(1, _ACCEPTED, at_us)
    if occurrence.recovered or occurrence.items:
        return _recover(run, occurrence, at_us)
    if not occurrence.has_place:
        return Step((accepted,))
    graph = run.graph
    if graph.immediate[graph.entry]:
        return Step((accepted, Event(2, _STARTED, at_us)), start=graph.entry)
    draft = Draft(run, at_us)
    draft.add(EventType.EXECUTION_ACCEPTED)
    return _start(draft)


def _recover(run: Run, occurrence: o.Accepted, at_us: int) -> Step:
    """Begins with what completed before: only the rest runs."""
    draft = Draft(run, at_us)
    draft.add(EventType.EXECUTION_ACCEPTED)
    draft.add(EventType.EXECUTION_STARTED)
    for each in occurrence.recovered:
        draft.add(EventType.NODE_RECOVERED, each.node, attempt=1, payload=each.output, branch=each.branch)
    for each in occurrence.recovered:
        draft.settled(each.node)
    if not occurrence.recovered:
        draft.arrived(run.graph.entry)
    for items in occurrence.items:
        if items.node in draft.run.flights:
            draft.start_attempt(items.node, at_us, Detail(item_count=items.item_count))
            for item, result in items.results:
                draft.add(EventType.ITEM_SUCCEEDED, items.node, attempt=1, payload=result, frame_index=item)
    return draft.step()


def _find_place(run: Run, occurrence: o.PlaceFound, at_us: int) -> Step:
    if run.status is not ExecutionStatus.QUEUED or run.sequence == 0:
        return NOTHING
    if run.graph.immediate[run.graph.entry]:
        return Step((Event(run.sequence + 1, EventType.EXECUTION_STARTED, at_us),), start=run.graph.entry)
    return _start(Draft(run, at_us))


def _start(draft: Draft) -> Step:
    draft.add(EventType.EXECUTION_STARTED)
    draft.arrived(draft.run.graph.entry)
    return draft.step()


def _take_over(run: Run, occurrence: o.TakenOver, at_us: int) -> Step:
    if run.status is ExecutionStatus.QUEUED or run.status.is_terminal:
        return NOTHING
    return node_steps.take_over(run, occurrence, at_us)


def _cancel(run: Run, occurrence: o.CancelRequested, at_us: int) -> Step:
    if run.sequence == 0:
        return NOTHING
    if run.status.is_terminal:
        raise Conflict(f"the execution has ended: it is {run.status.name}", facts={"status": run.status.name})
    if run.undoing is not None:
        raise Conflict(
            f"the execution is {run.status.name}: it ends as {run.undoing.ends_as.name} when that is done",
            facts={"status": run.status.name},
        )
    return Draft(run, at_us).end(ExecutionStatus.CANCELLED, reason=occurrence.reason or None)


def _pass_deadline(run: Run, occurrence: o.DeadlinePassed, at_us: int) -> Step:
    if run.sequence == 0 or run.status.is_terminal or run.undoing is not None:
        return NOTHING
    if run.ends_as is not None:
        return Draft(run, at_us).end(run.ends_as, run.failure)
    failure = Failure(
        "DEADLINE_EXCEEDED",
        f"the execution took longer than the {run.graph.deadline_us / 1e6:g} s that its flow allows",
        failure_class=FailureClass.TIMEOUT,
    )
    return Draft(run, at_us).end(ExecutionStatus.TIMED_OUT, failure)


_DECIDE: dict[type, Callable[[Run, Any, int], Step]] = {
    o.Accepted: _accept,
    o.PlaceFound: _find_place,
    o.TakenOver: _take_over,
    o.NodeStarted: node_steps.note_start,
    o.NodeFailed: node_steps.fail,
    o.NodeTimedOut: node_steps.fail,
    o.PipelineCompleted: frame_steps.complete,
    o.ItemsCompleted: item_steps.complete,
    o.ItemFailed: item_steps.fail,
    o.ChildChosen: wait_steps.choose_child,
    o.PauseDecided: wait_steps.decide_pause,
    o.PolicyDecided: policy_steps.decide,
    o.SignalAwaited: wait_steps.await_signal,
    o.SignalReceived: wait_steps.receive_signal,
    o.RetryRequested: wait_steps.hasten,
    o.Reported: wait_steps.report,
    o.Undone: undo_steps.undone,
    o.NotUndone: undo_steps.not_undone,
    o.DeadlinePassed: _pass_deadline,
    o.CancelRequested: _cancel,
}
