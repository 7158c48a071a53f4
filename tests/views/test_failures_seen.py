"""Retries, fallbacks and compensation of an execution as people see them."""

from __future__ import annotations

from tests.e2e.support import cancel, completed, eventually
from tests.harness import Server
from tests.views.seen import BEGUN, ENDED, attempt, attempts, event, events, node, nodes

LATER = {"wait": "RETRY", "due_time": "TIME"}
NO_SEAT = {"error": "NO_SEAT"}


def test_each_attempt_of_a_node_that_is_tried_again(trips: Server) -> None:
    execution_id = completed(trips, "retried", {"name": "Bob", "fails": 2})
    assert nodes(trips, execution_id) == {"book": node("SUCCEEDED", "trip/book", attempts=3, **ENDED)}
    assert attempts(trips, execution_id, "book") == [
        attempt(1, "RETRYABLE_FAILED", due_time="TIME", **NO_SEAT),
        attempt(2, "RETRYABLE_FAILED", due_time="TIME", **NO_SEAT),
        attempt(3, "SUCCEEDED"),
    ]
    assert events(trips, execution_id) == [
        event("EXECUTION_ACCEPTED"),
        event("EXECUTION_STARTED"),
        event("NODE_STARTED", "book"),
        event("NODE_ATTEMPT_FAILED", "book", **NO_SEAT, **LATER),
        event("NODE_STARTED", "book", 2),
        event("NODE_ATTEMPT_FAILED", "book", 2, **NO_SEAT, **LATER),
        event("NODE_STARTED", "book", 3),
        event("NODE_SUCCEEDED", "book", 3),
        event("EXECUTION_COMPLETED"),
    ]


def test_node_whose_last_attempt_failed(trips: Server) -> None:
    execution_id = completed(trips, "retried", {"name": "Bob", "fails": 3})
    assert nodes(trips, execution_id) == {"book": node("FAILED", "trip/book", attempts=3, **ENDED, **NO_SEAT)}
    assert attempts(trips, execution_id, "book")[2] == attempt(3, "FAILED", **NO_SEAT)


def test_node_that_waits_for_its_next_attempt(trips: Server) -> None:
    execution_id = trips.begin("patient", {"name": "Bob", "fails": 1})
    eventually(lambda: nodes(trips, execution_id)["book"]["status"] == "WAITING")
    assert nodes(trips, execution_id) == {"book": node("WAITING", "trip/book", **BEGUN, **LATER)}
    assert attempts(trips, execution_id, "book") == [attempt(1, "RETRYABLE_FAILED", due_time="TIME", **NO_SEAT)]
    cancel(trips, execution_id)
    assert nodes(trips, execution_id) == {"book": node("CANCELLED", "trip/book", **ENDED)}
    # No other attempt follows any more.
    assert attempts(trips, execution_id, "book") == [attempt(1, "RETRYABLE_FAILED", **NO_SEAT)]


def test_fallback_is_an_attempt_of_its_node(trips: Server) -> None:
    execution_id = completed(trips, "walked", {"name": "Bob", "fails": 2})
    assert nodes(trips, execution_id) == {"book": node("SUCCEEDED", "trip/book", attempts=3, fallback=True, **ENDED)}
    assert attempts(trips, execution_id, "book") == [
        attempt(1, "RETRYABLE_FAILED", due_time="TIME", **NO_SEAT),
        attempt(2, "FAILED", **NO_SEAT),
        attempt(3, "SUCCEEDED", fallback=True),
    ]
    assert events(trips, execution_id)[5:8] == [
        event("NODE_FELL_BACK", "book", 2, **NO_SEAT),
        event("NODE_STARTED", "book", 3),
        event("NODE_SUCCEEDED", "book", 3, fallback=True),
    ]


def test_node_that_was_undone(trips: Server) -> None:
    execution_id = completed(trips, "undone", {"name": "Bob", "fails": 1})
    assert nodes(trips, execution_id) == {
        "plan": node("COMPENSATED", "trip/plan", **ENDED),
        "crash": node("FAILED", "trip/crash", error="BRIDGE_CLOSED", **ENDED),
    }
    assert attempts(trips, execution_id, "plan") == [
        attempt(1, "SUCCEEDED"),
        attempt(1, "RETRYABLE_FAILED", due_time="TIME", compensation=True, error="NO_ANSWER"),
        attempt(2, "SUCCEEDED", compensation=True),
    ]
    assert events(trips, execution_id)[5:] == [
        event("NODE_FAILED", "crash", error="BRIDGE_CLOSED"),
        event("EXECUTION_COMPENSATING", error="BRIDGE_CLOSED", ends_as="FAILED"),
        event("NODE_ATTEMPT_FAILED", "plan", error="NO_ANSWER", compensation=True, **LATER),
        event("NODE_COMPENSATED", "plan", 2, compensation=True),
        event("EXECUTION_FAILED", error="BRIDGE_CLOSED"),
    ]


def test_node_that_could_not_be_undone_tells_why(trips: Server) -> None:
    execution_id = completed(trips, "undone", {"name": "Bob", "fails": 2})
    assert nodes(trips, execution_id)["plan"] == node("SUCCEEDED", "trip/plan", error="NO_ANSWER", **ENDED)
    assert attempts(trips, execution_id, "plan")[2] == attempt(2, "FAILED", compensation=True, error="NO_ANSWER")
    assert events(trips, execution_id)[8] == event(
        "COMPENSATION_FAILED", "plan", 2, error="NO_ANSWER", compensation=True
    )
