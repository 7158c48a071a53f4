"""Two processes on one database: what one is asked the other does, and goes on with after kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bulk.conftest import PACKAGES, HttpBulk, chosen, counts, ended
from tests.bulk.test_bulk import made_from, shut
from tests.bulk.test_retry_now import until_waiting, waiting
from tests.durable.stage import exit_code, hooked
from tests.harness import Server
from tests.pauses.conftest import database as database
from tests.pauses.conftest import place as place

COUNT = 70
"""Two lots."""
CRASH_AFTER = 66
"""New executions after which the process is killed: the first lot is on record, the second is not."""


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
