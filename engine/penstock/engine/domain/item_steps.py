"""What follows when items of a map give their results or fail."""

from __future__ import annotations

from penstock.engine.domain import limits
from penstock.engine.domain.draft import NOTHING, Draft, Step
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.node_steps import too_many_events, try_again_or_end
from penstock.engine.domain.occurrence import ItemFailed, ItemsCompleted, NodeFailed
from penstock.engine.domain.run import Items, Run, Tries
from penstock.engine.domain.states import Wait


def complete(run: Run, occurrence: ItemsCompleted, at_us: int) -> Step:
    """One event an item: its checkpoint."""
    items = _items(run, occurrence.node)
    if items is None:
        return NOTHING
    sequence = run.sequence
    events = []
    for item, attempt, started_us, result in occurrence.items:
        if item not in items.results and item not in items.failures:
            sequence += 1
            events.append(
                Event(
                    sequence,
                    EventType.ITEM_SUCCEEDED,
                    at_us,
                    occurrence.node,
                    attempt,
                    started_us,
                    result,
                    frame_index=item,
                )
            )
    if sequence > limits.EVENTS_MAX:
        return too_many_events(run, occurrence.node, at_us, at_us)
    return Step(tuple(events))


def fail(run: Run, occurrence: ItemFailed, at_us: int) -> Step:
    """Has the item tried again or gives it up; gives the map up when too few can still succeed."""
    node, item, failure = occurrence.node, occurrence.item, occurrence.failure
    items = _items(run, node)
    if items is None or item in items.results or item in items.failures:
        return NOTHING
    if run.sequence >= limits.EVENTS_MAX:
        return too_many_events(run, node, occurrence.started_us, at_us)
    tries = items.tries.get(item, Tries())
    policy = run.retry_policy(node)
    members = {
        "attempt": tries.count + 1,
        "started_us": occurrence.started_us,
        "frame_index": item,
        "failure": failure,
    }
    if policy is not None and policy.allows(failure, tries.user, tries.system):
        due_us = at_us + policy.wait_us(tries.count + 1, occurrence.chance)
        detail = Detail(Wait.RETRY, due_us)
        kind = EventType.NODE_ATTEMPT_FAILED
        return Step((Event(run.sequence + 1, kind, at_us, node, detail=detail, **members),))  # type: ignore[arg-type]
    needed = run.graph.rules[node].needed(items.count)
    if items.count - len(items.failures) - 1 >= needed:
        return Step((Event(run.sequence + 1, EventType.ITEM_FAILED, at_us, node, **members),))  # type: ignore[arg-type]
    draft = Draft(run, at_us)
    draft.run.flights[node].items = items = items.copied()
    draft.add(EventType.ITEM_FAILED, node, **members)
    try_again_or_end(draft, node, NodeFailed(node, occurrence.started_us, _too_many(run, node, items, needed, failure)))
    return draft.step()


def _too_many(run: Run, node: int, items: Items, needed: int, failure: Failure) -> Failure:
    name = run.graph.names[node]
    failed = len(items.failures)
    return Failure(
        "MAP_ITEMS_FAILED",
        f"{failed} of {items.count} items of node {name} failed and {needed} must succeed;"
        f" the last one: {failure.message}"[:4096],
        failure.kind,
        failure.failure_class,
        node=name,
        attempt=run.flights[node].attempt,
        traceback=failure.traceback,
    )


def _items(run: Run, node: int) -> Items | None:
    """The items of a map that is under way."""
    flight = run.flights.get(node)
    return None if flight is None or run.undoing is not None else flight.items
