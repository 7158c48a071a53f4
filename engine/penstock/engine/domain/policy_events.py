"""What the decisions of policies, and those about what they have a person approve, do to a run."""

from __future__ import annotations

from dataclasses import replace

from penstock.engine.domain.event import Event
from penstock.engine.domain.policy import UNGUARDED, Action, Guard, Point
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import Decision, NodeStatus, Wait


def policy_decided(run: Run, event: Event) -> None:
    detail = event.detail
    assert detail is not None and detail.ruling is not None
    ruling = detail.ruling
    guard = (run.guards or {}).get(event.node, UNGUARDED)
    if ruling.point is Point.BEFORE:
        guard = replace(guard, rulings=(*guard.rulings, ruling))
    if ruling.action is Action.REQUIRE_APPROVAL and ruling.stops:
        guard = replace(
            guard,
            awaited=ruling,
            has_started=run.has_start(event.node),
            held=event.payload if ruling.point is Point.AFTER else None,
            is_cache_hit=detail.is_cache_hit,
            taken_signals=detail.taken_signals,
        )
    if detail.taken_signals:
        # What is held took them: no other node may.
        run.taken_signals |= frozenset(detail.taken_signals)
    _keep(run, event.node, guard)


def approval_decided(run: Run, event: Event) -> None:
    """A person, or the timeout, decided what a policy has them approve."""
    flight = run.flights[event.node]
    guard = (run.guards or {})[event.node]
    is_before = guard.awaited is not None and guard.awaited.point is Point.BEFORE
    decision = None if event.detail is None else event.detail.decision
    if is_before and decision in (Decision.APPROVED, Decision.RESUMED):
        flight.wait = None
        flight.due_us = 0
        flight.is_start_recorded = guard.has_started
        run.node_statuses[event.node] = NodeStatus.RUNNING
        guard = replace(guard, is_approved=True)
    _keep(run, event.node, replace(guard, awaited=None, held=None, is_cache_hit=False, taken_signals=()))


def awaits_approval(run: Run, node: int) -> bool:
    flight = run.flights.get(node)
    return flight is not None and flight.wait is Wait.APPROVAL


def forget_rulings(run: Run, node: int) -> None:
    """Has policies decide anew before the next attempt; what a person approved stays approved."""
    guard = (run.guards or {}).get(node)
    if guard is not None and guard.rulings:
        _keep(run, node, replace(guard, rulings=()))


def _keep(run: Run, node: int, guard: Guard) -> None:
    run.guards = {**(run.guards or {}), node: guard}
