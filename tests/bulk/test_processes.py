"""Two processes on one database: what one is asked the other does, and goes on with after kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bulk.conftest import PACKAGES, HttpBulk, chosen, counts, ended, labelled
from tests.bulk.test_bulk import made_from, shut
from tests.bulk.test_retry_now import until_waiting, waiting
from tests.durable.stage import events, exit_code, hooked, until
from tests.harness import Server
from tests.pauses.conftest import database as database
from tests.pauses.conftest import place as place

COUNT = 70
"""Two lots."""
CRASH_AFTER = 66
"""New executions after which the process is killed: the first lot is on record, the second is not."""
FLOWS = {"CANCEL": "lingers", "APPROVE": "asks_twice", "RESUME": "weighs", "SIGNAL": "hears"}
"""What is done to executions of which flow."""
EACH = 5
"""Executions of each process that an operation is about."""
DONE_EACH = 5
"""Acts that each operation has done when the process is killed, of twice as many executions."""


@pytest.fixture(scope="module")
def pair(place: Path, database: str) -> Iterator[tuple[Server, Server]]:
    """The first one is killed by what it does."""
    life = {"PENSTOCK_DATABASE_URL": database, **hooked(lease_life_s=1.0)}
    mortal = life | hooked(lease_life_s=1.0, crash_after=CRASH_AFTER)
    servers = [
        Server(place / name, PACKAGES, environment=environment)
        for name, environment in (("one", mortal), ("two", life))
    ]
    try:
        yield servers[0].start(), servers[1].start()
    finally:
        for server in servers:
            if server.process is not None and server.process.poll() is None:
                server.kill()


def test_node_of_another_process_starts_at_once(pair: tuple[Server, Server], door: Path) -> None:
    one, two = pair
    execution_id = waiting(two, door)
    assert HttpBulk(one).retry(execution_id, request_id="r1")["nodes"] == ["knock"]
    until_waiting(two, execution_id, 2)
    assert HttpBulk(one).retry(execution_id, request_id="r1")["nodes"] == ["knock"]
    door.touch()
    assert HttpBulk(one).retry(execution_id, node="knock")["nodes"] == ["knock"]
    assert two.wait(execution_id)["status"] == "COMPLETED"


def test_process_that_is_killed_is_followed_by_one_that_does_the_rest(pair: tuple[Server, Server], door: Path) -> None:
    one, two = pair
    failed = shut(two, door, COUNT)
    door.touch()
    operation = HttpBulk(one).create(verb="RECOVER", filter=chosen(door))
    assert exit_code(one) < 0
    end = ended(HttpBulk(two), operation)
    assert (end["state"], counts(end), end["problems"]) == ("SUCCEEDED", (COUNT, COUNT, 0, 0), [])
    made = made_from(two, door)
    assert set(made) == set(failed)
    assert {two.wait(each)["status"] for each in made.values()} == {"COMPLETED"}


def test_operations_that_are_killed_act_on_each_execution_once(pair: tuple[Server, Server], door: Path) -> None:
    """Of several verbs at once, with executions of either process, so that one kill is enough."""
    one, two = pair
    one.kill()
    one.environment = two.environment | hooked(lease_life_s=1.0, crash_after_acts=f"{DONE_EACH},{len(FLOWS)}")
    one.start()
    made = {
        verb: [
            server.begin(flow, {"door": str(door)}, labels=labelled(door) | {"verb": verb})
            for server in (one, two)
            for _ in range(EACH)
        ]
        for verb, flow in FLOWS.items()
    }
    for verb, waits in (("APPROVE", "PAUSE"), ("RESUME", "PAUSE"), ("SIGNAL", "SIGNAL")):
        for each in made[verb]:
            until(lambda each=each, waits=waits: told(two, each, "NODE_WAITING", wait=waits))
    asked = {
        "CANCEL": {"reason": "killed"},
        "APPROVE": {"comment": "fine"},
        "RESUME": {"comment": "heavy", "value": {"kilos": 4}},
        "SIGNAL": {"signal": "go", "payload": {"kilos": 5}},
    }
    begun = [
        HttpBulk(one).create(verb=verb, filter=f"{chosen(door)} AND labels.verb = {verb}", parameters=parameters)
        for verb, parameters in asked.items()
    ]
    assert exit_code(one) < 0
    for operation in begun:
        end = ended(HttpBulk(two), operation)
        assert (end["verb"], end["state"], counts(end), end["problems"]) == (
            operation["verb"],
            "SUCCEEDED",
            (2 * EACH, 2 * EACH, 0, 0),
            [],
        )
    once = {
        "CANCEL": ("EXECUTION_CANCELLED", {"reason": "killed"}),
        "APPROVE": ("PAUSE_DECIDED", {"node": "first", "decision": "APPROVED", "comment": "fine"}),
        "RESUME": ("PAUSE_DECIDED", {"node": "weigh", "decision": "RESUMED", "comment": "heavy"}),
        "SIGNAL": ("SIGNAL_RECEIVED", {"signal": "go"}),
    }
    for verb, (kind, facts) in once.items():
        found = [told(two, each, kind) for each in made[verb]]
        assert [len(each) for each in found] == [1] * (2 * EACH), verb
        assert all(event.items() >= facts.items() for [event] in found), found


def told(server: Server, execution_id: str, kind: str, **facts: str) -> list[Any]:
    """The events of a kind."""
    return [each for each in events(server, execution_id) if each["type"] == kind and each.items() >= facts.items()]
