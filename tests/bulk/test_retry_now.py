"""What waits for its next attempt is tried again at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bulk.conftest import HttpBulk, chosen, counts, ended, labelled
from tests.durable.stage import events, until
from tests.flows.faces import Refused
from tests.harness import Server


def node(server: Server, execution_id: str, name: str = "knock") -> Any:
    found = server.execution(execution_id, "/nodes")["nodes"]
    return next(each for each in found if each["node"] == name)


def waiting(server: Server, door: Path, attempts: int = 1) -> str:
    """An execution whose node waits an hour for its next attempt."""
    execution_id = server.begin("knocks", {"door": str(door)}, labels=labelled(door))
    until_waiting(server, execution_id, attempts)
    return execution_id


def until_waiting(server: Server, execution_id: str, attempts: int) -> None:
    until(lambda: node(server, execution_id)["attempt_count"] == attempts and is_waiting(server, execution_id))


def is_waiting(server: Server, execution_id: str) -> bool:
    return bool(node(server, execution_id).get("wait") == "RETRY")


def test_node_that_waits_starts_at_once(yard: Server, bulk: HttpBulk, door: Path) -> None:
    execution_id = waiting(yard, door)
    assert bulk.retry(execution_id) == {"execution_id": execution_id, "nodes": ["knock"]}
    until_waiting(yard, execution_id, 2)
    door.touch()
    assert bulk.retry(execution_id, node="knock")["nodes"] == ["knock"]
    assert yard.wait(execution_id)["status"] == "COMPLETED"
    log = events(yard, execution_id)
    assert [(event["type"], event.get("attempt")) for event in log] == [
        ("EXECUTION_ACCEPTED", None),
        ("EXECUTION_STARTED", None),
        ("NODE_STARTED", 1),
        ("NODE_ATTEMPT_FAILED", 1),
        ("RETRY_REQUESTED", 2),
        ("NODE_STARTED", 2),
        ("NODE_ATTEMPT_FAILED", 2),
        ("RETRY_REQUESTED", 3),
        ("NODE_STARTED", 3),
        ("NODE_SUCCEEDED", 3),
        ("EXECUTION_COMPLETED", None),
    ]
    assert all(event["by"] for event in log if event["type"] == "RETRY_REQUESTED")
    waits = [span for span in yard.execution(execution_id, "/timeline")["spans"] if span["type"] == "WAIT"]
    assert [(span["state"], span["wait"]) for span in waits] == [("DONE", "RETRY")] * 2


def test_same_request_id_starts_nothing_twice(yard: Server, bulk: HttpBulk, door: Path) -> None:
    execution_id = waiting(yard, door)
    assert bulk.retry(execution_id, request_id="r1") == bulk.retry(execution_id, request_id="r1")
    until_waiting(yard, execution_id, 2)
    bulk.retry(execution_id, request_id="r1")
    assert node(yard, execution_id)["attempt_count"] == 2


def test_items_of_a_map_that_wait_start_at_once(yard: Server, bulk: HttpBulk, door: Path) -> None:
    loads = {"loads": [{"door": str(door)}, {"door": "/"}, {"door": str(door)}]}
    execution_id = yard.begin("knocked", loads)
    path = "/nodes/each/attempts"
    until(lambda: len(yard.execution(execution_id, path)["attempts"]) == 4)
    door.touch()
    assert bulk.retry(execution_id)["nodes"] == ["each"]
    assert yard.wait(execution_id)["status"] == "COMPLETED"


def test_nothing_that_waits_is_a_conflict_with_the_status(yard: Server, bulk: HttpBulk, door: Path) -> None:
    running = yard.begin("lingers", {"door": str(door)})
    until(lambda: node(yard, running, "linger")["status"] == "RUNNING")
    for more, message in (
        ({}, "nothing waits for another attempt: the execution is RUNNING"),
        ({"node": "linger"}, "node linger waits for no other attempt: the execution is RUNNING"),
    ):
        with pytest.raises(Refused) as refused:
            bulk.retry(running, **more)
        assert (refused.value.status, refused.value.reason, refused.value.message) == (409, "NO_RETRY_WAITS", message)
    door.touch()
    assert yard.wait(running)["status"] == "COMPLETED"
    with pytest.raises(Refused) as refused:
        bulk.retry(running)
    assert refused.value.message == "nothing waits for another attempt: the execution is COMPLETED"


def test_bad_request_is_refused(yard: Server, bulk: HttpBulk, door: Path) -> None:
    execution_id = waiting(yard, door)
    with pytest.raises(Refused) as refused:
        bulk.retry(execution_id, node="nobody")
    assert refused.value.message == "node: expected one of knock, got 'nobody'"
    with pytest.raises(Refused) as refused:
        bulk.retry("0" * 32)
    assert refused.value.code == "NOT_FOUND"


def test_many_are_tried_again(yard: Server, bulk: HttpBulk, door: Path) -> None:
    found = [waiting(yard, door) for _ in range(2)]
    running = yard.begin("lingers", {"door": str(door)}, labels=labelled(door))
    door.touch()
    yard.wait(running)
    end = ended(bulk, bulk.create(verb="RETRY_NOW", filter=chosen(door)))
    assert counts(end) == (2, 2, 0, 0)
    assert {yard.wait(each)["status"] for each in found} == {"COMPLETED"}
