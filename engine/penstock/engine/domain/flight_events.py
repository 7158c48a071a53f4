"""What events do to a run that neither begin a node nor end it."""

from __future__ import annotations

from penstock.engine.domain import policy_events
from penstock.engine.domain.event import Detail, Event
from penstock.engine.domain.failure import FailureKind
from penstock.engine.domain.run import Run, Signal, Tries
from penstock.engine.domain.states import NodeStatus, Wait

_NO_DETAIL = Detail()


def attempt_failed(run: Run, event: Event) -> None:
    flight = run.flights[event.node]
    detail = event.detail or _NO_DETAIL
    if event.frame_index >= 0 and flight.items is not None:
        tries = flight.items.tries
        tries[event.frame_index] = _one_more(tries.get(event.frame_index), event)
        return
    flight.tries = _one_more(flight.tries, event)
    policy_events.forget_rulings(run, event.node)
    flight.attempt += 1
    flight.is_start_recorded = False
    flight.wait = Wait.RETRY
    flight.signal = ""
    flight.due_us = detail.due_us
    flight.since_us = event.time_us
    if not detail.is_compensation:
        run.node_statuses[event.node] = NodeStatus.WAITING


def _one_more(tries: Tries | None, event: Event) -> Tries:
    before = tries or Tries()
    is_system = event.failure is not None and event.failure.kind is FailureKind.SYSTEM
    due_us = (event.detail or _NO_DETAIL).due_us
    return Tries(before.user + (not is_system), before.system + is_system, due_us)


def fell_back(run: Run, event: Event) -> None:
    flight = run.flights[event.node]
    policy_events.forget_rulings(run, event.node)
    flight.attempt += 1
    flight.is_start_recorded = False
    flight.is_fallback = True
    flight.wait = None
    flight.signal = ""
    flight.tries = None
    flight.items = None
    run.node_statuses[event.node] = NodeStatus.RUNNING


def item_succeeded(run: Run, event: Event) -> None:
    items = run.flights[event.node].items
    assert items is not None
    items.results[event.frame_index] = event.payload or b""
    items.tries.pop(event.frame_index, None)
    run.takeover_count = 0


def item_failed(run: Run, event: Event) -> None:
    items = run.flights[event.node].items
    assert items is not None and event.failure is not None
    items.failures[event.frame_index] = event.failure
    items.tries.pop(event.frame_index, None)


def signal_received(run: Run, event: Event) -> None:
    detail = event.detail or _NO_DETAIL
    if run.signals is None:
        run.signals = []
    run.signals.append(Signal(detail.signal, event.payload or b"", detail.request_id))
    for node, flight in run.flights.items():
        if flight.wait is Wait.SIGNAL and flight.signal == detail.signal:
            flight.wait = None
            flight.signal = ""
            run.node_statuses[node] = NodeStatus.RUNNING


def frame_emitted(run: Run, event: Event) -> None:
    run.frame_count = event.frame_index + 1
    run.takeover_count = 0
    if event.detail is not None and event.detail.is_provisional:
        if run.provisional_from < 0:
            run.provisional_from = event.frame_index
    else:
        run.provisional_from = -1


def frames_rolled_back(run: Run, event: Event) -> None:
    run.frame_count = event.frame_index
    run.provisional_from = -1


def retry_requested(run: Run, event: Event) -> None:
    """What waits for another attempt waits no longer: it is due now."""
    flight = run.flights[event.node]
    if flight.wait is Wait.RETRY:
        flight.due_us = min(flight.due_us, event.time_us)
    if flight.items is not None:
        tries = flight.items.tries
        for item, each in tries.items():
            if each.due_us > event.time_us:
                tries[item] = Tries(each.user, each.system, event.time_us)


def pause_decided(run: Run, event: Event) -> None:
    run.decisions = {**(run.decisions or {}), event.node: event.detail or _NO_DETAIL}
    if policy_events.awaits_approval(run, event.node):
        policy_events.approval_decided(run, event)
