"""What follows when a completed node was undone, or could not be."""

from __future__ import annotations

from penstock.engine.domain.draft import NOTHING, Draft, Step
from penstock.engine.domain.event import Detail, EventType
from penstock.engine.domain.occurrence import NotUndone, Undone
from penstock.engine.domain.run import Run, Tries
from penstock.engine.domain.states import Wait


def undone(run: Run, occurrence: Undone, at_us: int) -> Step:
    flight = run.flights.get(occurrence.node)
    if flight is None or run.undoing is None:
        return NOTHING
    draft = Draft(run, at_us)
    draft.add(
        EventType.NODE_COMPENSATED,
        occurrence.node,
        attempt=flight.attempt,
        started_us=occurrence.started_us,
        detail=Detail(is_compensation=True),
    )
    return draft.step()


def not_undone(run: Run, occurrence: NotUndone, at_us: int) -> Step:
    """Tries again, or reports it and goes on with the rest."""
    node, failure = occurrence.node, occurrence.failure
    flight = run.flights.get(node)
    if flight is None or run.undoing is None:
        return NOTHING
    tries = flight.tries or Tries()
    policy = run.retry_policy(node)
    draft = Draft(run, at_us)
    if policy is not None and policy.allows(failure, tries.user, tries.system):
        due_us = at_us + policy.wait_us(tries.count + 1, occurrence.chance)
        kind, detail = EventType.NODE_ATTEMPT_FAILED, Detail(Wait.RETRY, due_us, is_compensation=True)
    else:
        kind, detail = EventType.COMPENSATION_FAILED, Detail(is_compensation=True)
    draft.add(kind, node, attempt=flight.attempt, started_us=occurrence.started_us, failure=failure, detail=detail)
    return draft.step()
