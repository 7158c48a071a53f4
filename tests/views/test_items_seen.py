"""The items of a map, and what nodes report, as people see them; over HTTP and over gRPC."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from penstock.wire.gen import execution_service_pb2 as pb
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.node_execution_pb2 import Attempt
from tests.e2e.support import EXECUTIONS, completed, refusal, refused
from tests.harness import Server
from tests.views.seen import ENDED, attempt, attempts, event, events, node, nodes, seen

LEGS = [{"to": "Rome"}, {"to": "Oslo", "fails": 1}, {"to": "Mars", "fails": -1}]


@pytest.fixture(scope="module")
def ridden(trips: Server) -> str:
    return completed(trips, "ridden", {"legs": LEGS})


def by_item(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items run side by side, so their order is not always the same."""
    return sorted(found, key=lambda each: (each.get("item", -1), each["attempt"]))


def test_map_counts_its_items(trips: Server, ridden: str) -> None:
    assert nodes(trips, ridden)["ride"] == node(
        "SUCCEEDED", "trip/ride", item_count=3, items_succeeded=2, items_failed=1, **ENDED
    )


def test_events_name_the_item(trips: Server, ridden: str) -> None:
    log = events(trips, ridden, "?node=ride")
    assert log[0] == event("NODE_STARTED", "ride", item_count=3)
    assert log[-1] == event("NODE_SUCCEEDED", "ride")
    later = {"wait": "RETRY", "due_time": "TIME"}
    assert by_item(log[1:-1]) == [
        event("ITEM_SUCCEEDED", "ride", item=0),
        event("NODE_ATTEMPT_FAILED", "ride", item=1, error="LATE", **later),
        event("ITEM_SUCCEEDED", "ride", 2, item=1),
        event("ITEM_FAILED", "ride", item=2, error="NO_WAY"),
    ]


def test_attempts_of_a_map_are_its_own_and_those_of_its_items(trips: Server, ridden: str) -> None:
    found = attempts(trips, ridden, "ride")
    assert found[0] == attempt(1, "SUCCEEDED")
    assert by_item(found[1:]) == [
        attempt(1, "SUCCEEDED", item=0),
        attempt(1, "RETRYABLE_FAILED", item=1, error="LATE", due_time="TIME"),
        attempt(2, "SUCCEEDED", item=1),
        attempt(1, "FAILED", item=2, error="NO_WAY"),
    ]


def test_attempts_of_one_item(trips: Server, ridden: str) -> None:
    assert attempts(trips, ridden, "ride", "?item=1") == [
        attempt(1, "RETRYABLE_FAILED", item=1, error="LATE", due_time="TIME"),
        attempt(2, "SUCCEEDED", item=1),
    ]
    assert attempts(trips, ridden, "ride", "?item=7") == []


def test_attempts_come_in_pages(trips: Server, ridden: str) -> None:
    whole = trips.execution(ridden, "/nodes/ride/attempts")["attempts"]
    assert len(whole) == 5
    found, token = [], ""
    while True:
        page = trips.execution(ridden, f"/nodes/ride/attempts?page_size=2&page_token={token}")
        assert len(page["attempts"]) <= 2
        found += page["attempts"]
        token = page["next_page_token"]
        if not token:
            break
    assert found == whole


@pytest.mark.parametrize(
    ("path", "field", "problem"),
    [
        ("ride/attempts?item=-1", "item", "expected 0 or more, got -1"),
        ("arrive/attempts?item=0", "item", "node arrive is no map and has no items"),
        ("ride/attempts?page_size=-1", "page_size", "expected 1 to 1000, got -1"),
    ],
)
def test_wrong_question_for_attempts_is_refused(
    trips: Server, ridden: str, path: str, field: str, problem: str
) -> None:
    assert refusal(trips.request("GET", f"{EXECUTIONS}/{ridden}/nodes/{path}")) == refused(
        field, problem, "INVALID_ARGUMENT"
    )


def test_token_of_other_attempts_is_refused(trips: Server, ridden: str) -> None:
    token = trips.execution(ridden, "/nodes/ride/attempts?page_size=1")["next_page_token"]
    answer = trips.request("GET", f"{EXECUTIONS}/{ridden}/nodes/ride/attempts?item=1&page_token={token}")
    assert answer.status == 400


def test_checkpoints_of_a_map_are_its_items_and_its_output(trips: Server, ridden: str) -> None:
    shown = seen(trips, ridden, "/checkpoints?node=ride")["checkpoints"]
    items = by_item([{key: c[key] for key in ("item", "attempt", "output_type", "output")} for c in shown[:-1]])
    assert items == [
        {"item": 0, "attempt": 1, "output_type": "trip.Ride", "output": {"to": "Rome"}},
        {"item": 1, "attempt": 2, "output_type": "trip.Ride", "output": {"to": "Oslo"}},
    ]
    assert "item" not in shown[-1]
    assert shown[-1]["output"] == {"rides": [{"to": "Rome"}, {"to": "Oslo"}]}
    whole = trips.execution(ridden, "/checkpoints")["checkpoints"]
    assert [c["node"] for c in whole] == ["ride", "arrive"]
    first = trips.execution(ridden, "/checkpoints?node=ride&page_size=2")
    rest = trips.execution(ridden, f"/checkpoints?node=ride&page_size=2&page_token={first['next_page_token']}")
    assert [len(page["checkpoints"]) for page in (first, rest)] == [2, 1]
    assert rest["next_page_token"] == ""


def test_many_items_are_counted_and_paged(trips: Server) -> None:
    execution_id = completed(trips, "ridden", {"legs": [{"to": "Rome"}] * 2_500})
    assert nodes(trips, execution_id)["ride"] == node(
        "SUCCEEDED", "trip/ride", item_count=2_500, items_succeeded=2_500, items_failed=0, **ENDED
    )
    items, token = [], ""
    for size in (1_000, 1_000, 501):
        page = trips.execution(execution_id, f"/nodes/ride/attempts?page_token={token}")
        assert len(page["attempts"]) == size
        items += [attempt.get("item") for attempt in page["attempts"]]
        token = page["next_page_token"]
    assert (token, items[0], sorted(items[1:])) == ("", None, list(range(2_500)))


def test_reports_are_events_and_are_summed_up(trips: Server) -> None:
    execution_id = completed(trips, "told", {"name": "Bob"})
    large = {"provider": "maps", "model": "large", "cached_tokens": 0}
    small = large | {"model": "small", "input_tokens": 1, "output_tokens": 0, "cost_usd": 0.0, "cost": "0"}
    log = events(trips, execution_id, "?node=tell")
    assert [e["type"] for e in log] == ["NODE_STARTED", *["NODE_REPORTED"] * 6, "NODE_SUCCEEDED"]
    reports = [e["report"] for e in log[1:-1]]
    assert reports == [
        {"log": {"level": "INFO", "message": "packing for Bob"}},
        {"progress": {"fraction": 0.25, "message": "packed"}},
        {"progress": {"fraction": 0.75, "message": "on the way"}},
        {"usage": large | {"input_tokens": 10, "output_tokens": 1, "cost_usd": 0.5, "cost": "0.5"}},
        {"usage": small},
        {"usage": large | {"input_tokens": 5, "output_tokens": 2, "cost_usd": 0.25, "cost": "0.25"}},
    ]
    assert nodes(trips, execution_id)["tell"] == node(
        "SUCCEEDED",
        "trip/tell",
        progress={"fraction": 0.75, "message": "on the way"},
        usage=[large | {"input_tokens": 15, "output_tokens": 3, "cost_usd": 0.75, "cost": "0.75"}, small],
        **ENDED,
    )


def test_cached_output_is_told(trips: Server) -> None:
    given = {"name": "cached"}
    completed(trips, "kept", given)
    execution_id = completed(trips, "kept", given)
    assert nodes(trips, execution_id)["walk"] == node("SUCCEEDED", "trip/walk", cache_hit=True, **ENDED)
    assert events(trips, execution_id)[3] == event("NODE_SUCCEEDED", "walk", cache_hit=True)


def test_the_same_over_grpc(trips: Server, ridden: str) -> None:
    metadata = (("authorization", f"Bearer {trips.key}"),)
    with grpc.insecure_channel(trips.info["grpc_address"]) as channel:
        service = ExecutionServiceStub(channel)
        of_execution = {"execution_id": ridden}
        ride = service.ListNodeExecutions(pb.ListNodeExecutionsRequest(**of_execution), metadata=metadata).nodes[0]
        assert (ride.item_count, ride.items_succeeded, ride.items_failed) == (3, 2, 1)
        request = pb.ListAttemptsRequest(node="ride", item=1, page_size=1, **of_execution)
        first = service.ListAttempts(request, metadata=metadata)
        request.page_token = first.next_page_token
        second = service.ListAttempts(request, metadata=metadata)
        tries = [*first.attempts, *second.attempts]
        assert [(each.attempt, each.item, each.status) for each in tries] == [
            (1, 1, Attempt.RETRYABLE_FAILED),
            (2, 1, Attempt.SUCCEEDED),
        ]
        assert (second.next_page_token, tries[0].HasField("due_time")) == ("", True)
        checkpoints = pb.ListCheckpointsRequest(node="ride", **of_execution)
        found = service.ListCheckpoints(checkpoints, metadata=metadata).checkpoints
        assert [each.HasField("item") for each in found] == [True, True, False]
        log = service.ListEvents(pb.ListEventsRequest(node="ride", **of_execution), metadata=metadata).events
        assert sorted(each.item for each in log if each.HasField("item")) == [0, 1, 1, 2]
