"""What follows when policies decided about a node, and when a person decided what a policy has them approve."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.engine.domain import limits
from penstock.engine.domain.draft import NOTHING, Draft, Step
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure, FailureClass, shorten
from penstock.engine.domain.node_steps import end_failed, go_on, too_many_events
from penstock.engine.domain.occurrence import NodeCompleted, NodeFailed, NodeTimedOut, PauseDecided, PolicyDecided
from penstock.engine.domain.policy import Action, Point, Ruling
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import Decision, Wait

_RUNS = (None, Wait.SIGNAL, Wait.FLOW)
"""Waits of nodes that may be about to give their output."""


def decide(run: Run, occurrence: PolicyDecided, at_us: int) -> Step:
    """Records what was decided along with what follows: the node goes on, fails, or waits for a person."""
    node, rulings = occurrence.node, occurrence.rulings
    flight = run.flights.get(node)
    if flight is None or run.undoing is not None or flight.wait not in _RUNS:
        return NOTHING
    if occurrence.completed is not None and node == run.graph.pipeline:
        return NOTHING
    if run.sequence + len(rulings) > limits.EVENTS_MAX:
        return too_many_events(run, node, occurrence.started_us, at_us)
    if occurrence.frames_of >= 0:
        return Step(tuple(_events(run, occurrence.frames_of, flight.attempt, rulings, at_us)))
    last, completed = rulings[-1], occurrence.completed
    if completed is None and not last.stops:
        return Step(tuple(_events(run, node, flight.attempt, rulings, at_us)))
    draft = Draft(run, at_us)
    if completed is not None:
        draft.start_attempt(node, occurrence.started_us)
    for ruling in rulings[:-1] if last.stops else rulings:
        _add(draft, node, ruling)
    if last.stops:
        return _stop(draft, occurrence, last)
    assert completed is not None
    _succeed(draft, completed)
    return go_on(draft, node)


def _events(run: Run, node: int, attempt: int, rulings: Iterable[Ruling], at_us: int) -> Iterable[Event]:
    for sequence, ruling in enumerate(rulings, run.sequence + 1):
        yield Event(sequence, EventType.POLICY_DECIDED, at_us, node, attempt, detail=Detail(ruling=ruling))


def _add(draft: Draft, node: int, ruling: Ruling) -> None:
    attempt = draft.run.flights[node].attempt
    draft.add(EventType.POLICY_DECIDED, node, attempt=attempt, detail=Detail(ruling=ruling))


def _stop(draft: Draft, occurrence: PolicyDecided, ruling: Ruling) -> Step:
    run, node, completed = draft.run, occurrence.node, occurrence.completed
    name, attempt = run.graph.names[node], run.flights[node].attempt
    if ruling.action is Action.BLOCK:
        _add(draft, node, ruling)
        failure = _failure("POLICY_BLOCKED", f"node {name} was blocked by {ruling.name}", ruling.reason, name, attempt)
        end_failed(draft, node, NodeFailed(node, occurrence.started_us, failure))
        return draft.step()
    detail = Detail(ruling=ruling)
    if completed is not None:
        detail = Detail(ruling=ruling, is_cache_hit=completed.is_cache_hit, taken_signals=completed.taken_signals)
    # What is to be approved is on record before anybody is asked: a node whose output waits never runs again.
    draft.add(EventType.POLICY_DECIDED, node, attempt=attempt, payload=occurrence.message, detail=detail)
    draft.add(EventType.NODE_WAITING, node, attempt=attempt, detail=Detail(Wait.APPROVAL, occurrence.due_us))
    return draft.step()


def _succeed(draft: Draft, completed: NodeCompleted) -> None:
    flight = draft.run.flights[completed.node]
    detail = None
    if completed.is_cache_hit or completed.taken_signals or flight.is_fallback:
        detail = Detail(
            is_cache_hit=completed.is_cache_hit,
            taken_signals=completed.taken_signals,
            is_fallback=flight.is_fallback,
        )
    draft.end_attempt(
        EventType.NODE_SUCCEEDED,
        completed.node,
        completed.started_us,
        payload=completed.output,
        branch=completed.branch,
        detail=detail,
    )


def decide_approval(run: Run, occurrence: PauseDecided, at_us: int) -> Step:
    """Lets a node go on that waits for a person, or ends it."""
    node, decision = occurrence.node, occurrence.decision
    guard, flight = (run.guards or {})[node], run.flights[node]
    ruling = guard.awaited
    assert ruling is not None
    draft = Draft(run, at_us)
    detail = Detail(decision=decision, by=occurrence.by, comment=occurrence.comment, request_id=occurrence.request_id)
    draft.add(EventType.PAUSE_DECIDED, node, attempt=flight.attempt, detail=detail)
    if decision in (Decision.APPROVED, Decision.RESUMED):
        if ruling.point is Point.BEFORE:
            return draft.step()
        held = NodeCompleted(node, at_us, guard.held or b"", occurrence.branch, guard.is_cache_hit, guard.taken_signals)
        _succeed(draft, held)
        return go_on(draft, node)
    name = run.graph.names[node]
    if decision is Decision.REJECTED:
        how = "was rejected" if occurrence.by else "was rejected because nobody decided it in time"
        what = f"node {name}, which {ruling.name} has a person approve, {how}"
        failure = _failure("REJECTED", what, occurrence.comment, name, flight.attempt)
        end_failed(draft, node, NodeFailed(node, at_us, failure))
    else:
        what = f"nobody decided in time about node {name}, which {ruling.name} has a person approve"
        failure = _failure("APPROVAL_EXPIRED", what, "", name, flight.attempt, FailureClass.TIMEOUT)
        end_failed(draft, node, NodeTimedOut(node, at_us, failure))
    return draft.step()


def _failure(
    code: str, what: str, why: str, node: str, attempt: int, failure_class: FailureClass = FailureClass.POLICY
) -> Failure:
    """None of them is tried again: no attempt would change what was decided."""
    message = shorten(f"{what}: {why}" if why else what)
    return Failure(code, message, failure_class=failure_class, node=node, attempt=attempt)
