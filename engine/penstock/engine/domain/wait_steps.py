"""What follows when a node waits for somebody or something, and when that comes."""

from __future__ import annotations

from penstock.engine.domain import limits, policy_steps
from penstock.engine.domain.draft import NOTHING, Draft, Step
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure, FailureClass, shorten
from penstock.engine.domain.node_steps import end_failed, go_on, is_behind_pipeline
from penstock.engine.domain.occurrence import (
    ChildChosen,
    NodeFailed,
    NodeTimedOut,
    PauseDecided,
    Reported,
    RetryRequested,
    SignalAwaited,
    SignalReceived,
)
from penstock.engine.domain.run import Flight, Run
from penstock.engine.domain.states import Decision, ExecutionStatus, Wait


def choose_child(run: Run, occurrence: ChildChosen, at_us: int) -> Step:
    """Records which execution runs the sub-flow before that is accepted."""
    flight = run.flights.get(occurrence.node)
    if flight is None or flight.wait is not None or run.undoing is not None:
        return NOTHING
    draft = Draft(run, at_us)
    draft.start_attempt(occurrence.node, at_us)
    draft.add(
        EventType.NODE_WAITING,
        occurrence.node,
        attempt=flight.attempt,
        detail=Detail(Wait.FLOW, child=occurrence.child),
    )
    return draft.step()


def decide_pause(run: Run, occurrence: PauseDecided, at_us: int) -> Step:
    node, decision = occurrence.node, occurrence.decision
    flight = run.flights.get(node)
    if flight is not None and flight.wait is Wait.APPROVAL:
        return policy_steps.decide_approval(run, occurrence, at_us)
    if flight is None or flight.wait is not Wait.PAUSE:
        return _decided_before(run, occurrence)
    draft = Draft(run, at_us)
    goes_on = decision in (Decision.APPROVED, Decision.RESUMED)
    detail = Detail(decision=decision, by=occurrence.by, comment=occurrence.comment, request_id=occurrence.request_id)
    draft.add(EventType.PAUSE_DECIDED, node, attempt=1, detail=detail)
    if goes_on:
        draft.end_attempt(EventType.NODE_SUCCEEDED, node, at_us, payload=occurrence.value, branch=occurrence.branch)
        return go_on(draft, node)
    name = run.graph.names[node]
    if decision is Decision.REJECTED:
        why = f": {occurrence.comment}" if occurrence.comment else ""
        how = "was rejected" if occurrence.by else "was rejected because nobody decided it in time"
        failure = Failure("REJECTED", shorten(f"pause {name} {how}{why}"), failure_class=FailureClass.POLICY, node=name)
        end_failed(draft, node, NodeFailed(node, at_us, failure))
    else:
        failure = Failure(
            "PAUSE_EXPIRED", f"nobody decided pause {name} in time", failure_class=FailureClass.TIMEOUT, node=name
        )
        end_failed(draft, node, NodeTimedOut(node, at_us, failure))
    return draft.step()


def _decided_before(run: Run, occurrence: PauseDecided) -> Step:
    """Nothing for the same request again. Raises Conflict with the decision that stands."""
    name, status = run.graph.names[occurrence.node], run.status.name
    stands = (run.decisions or {}).get(occurrence.node)
    if stands is None or stands.decision is None:
        raise Conflict(
            f"pause {name} is not open: the execution is {status}", reason="PAUSE_NOT_OPEN", facts={"status": status}
        )
    if occurrence.request_id and occurrence.request_id == stands.request_id and occurrence.decision is stands.decision:
        return NOTHING
    who = f" by {stands.by}" if stands.by else ""
    raise Conflict(
        f"pause {name} is not open: it was {stands.decision.name}{who}",
        reason="PAUSE_NOT_OPEN",
        facts={"status": status, "decision": stands.decision.name, "by": stands.by},
    )


def await_signal(run: Run, occurrence: SignalAwaited, at_us: int) -> Step:
    node, name = occurrence.node, occurrence.signal
    flight = run.flights.get(node)
    if flight is None or flight.wait is not None or run.undoing is not None:
        return NOTHING
    if any(signal.name == name for signal in (run.signals or ())[occurrence.seen :]):
        return NOTHING
    draft = Draft(run, at_us)
    draft.start_attempt(node, occurrence.started_us)
    draft.add(EventType.NODE_WAITING, node, attempt=flight.attempt, detail=Detail(Wait.SIGNAL, signal=name))
    return draft.step()


def receive_signal(run: Run, occurrence: SignalReceived, at_us: int) -> Step:
    request_id = occurrence.request_id
    known = (request_id, occurrence.signal)
    if request_id and any((signal.request_id, signal.name) == known for signal in run.signals or ()):
        return NOTHING
    if run.status.is_terminal or run.undoing is not None:
        raise Conflict(
            f"no signal can reach the execution any more: it is {run.status.name}", facts={"status": run.status.name}
        )
    if run.status is ExecutionStatus.QUEUED:
        raise Conflict(
            "the execution is QUEUED and takes signals once it is RUNNING", facts={"status": run.status.name}
        )
    if len(run.signals or ()) >= limits.SIGNALS_MAX:
        raise Conflict(
            f"an execution takes at most {limits.SIGNALS_MAX:,} signals",
            reason="TOO_MANY_SIGNALS",
            facts={"status": run.status.name},
        )
    draft = Draft(run, at_us)
    detail = Detail(signal=occurrence.signal, by=occurrence.by, request_id=request_id)
    draft.add(EventType.SIGNAL_RECEIVED, payload=occurrence.payload, detail=detail)
    return draft.step()


def hasten(run: Run, occurrence: RetryRequested, at_us: int) -> Step:
    """Ends the waits for another attempt. Raises Conflict with the status when there is none."""
    asked, status = occurrence.node, run.status.name
    waiting = [
        node
        for node, flight in sorted(run.flights.items())
        if asked in (-1, node) and _waits_for_attempt(flight, at_us)
    ]
    if not waiting:
        what = (
            "nothing waits for another attempt"
            if asked < 0
            else f"node {run.graph.names[asked]} waits for no other attempt"
        )
        raise Conflict(f"{what}: the execution is {status}", reason="NO_RETRY_WAITS", facts={"status": status})
    draft = Draft(run, at_us)
    detail = Detail(by=occurrence.by, request_id=occurrence.request_id)
    for node in waiting:
        flight = draft.run.flights[node]
        flight.items = None if flight.items is None else flight.items.copied()
        draft.add(EventType.RETRY_REQUESTED, node, attempt=flight.attempt, detail=detail)
    return draft.step()


def _waits_for_attempt(flight: Flight, at_us: int) -> bool:
    """Whether the next attempt of a node, or of an item of a map, begins later."""
    if flight.wait is Wait.RETRY:
        return flight.due_us > at_us
    return flight.items is not None and any(tries.due_us > at_us for tries in flight.items.tries.values())


def report(run: Run, occurrence: Reported, at_us: int) -> Step:
    """Keeps what a node told; beyond the limit of events it is not kept."""
    node = occurrence.node
    flight = run.flights.get(node)
    reports = occurrence.reports[: max(0, limits.REPORTS_EVENTS_MAX - run.sequence)]
    if flight is None and not is_behind_pipeline(run, node):
        return NOTHING
    attempt = 1 if flight is None else flight.attempt
    events = []
    if reports and occurrence.started_us and flight is not None and _has_silent_start(run, flight):
        detail = Detail(is_fallback=True) if flight.is_fallback else None
        number, started_us = run.sequence + 1, occurrence.started_us
        events.append(Event(number, EventType.NODE_STARTED, started_us, node, attempt, detail=detail))
    for payload in reports:
        number = run.sequence + len(events) + 1
        events.append(Event(number, EventType.NODE_REPORTED, at_us, node, attempt, payload=payload))
    return Step(tuple(events))


def _has_silent_start(run: Run, flight: Flight) -> bool:
    """Whether a node runs and its start is not on record."""
    return flight.wait is None and not flight.is_start_recorded and run.undoing is None
