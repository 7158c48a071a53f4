"""A limit of executions holds for all processes of a database together, and when one of them is killed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.durable.stage import hooked, until
from tests.harness import Server, open_folder
from tests.keys.ward import PACKAGE
from tests.storage.servers import with_database

FLOW = "pay_rent"
"""It waits for an approval, and runs as long as a test wants."""
LEASE_LIFE_S = 1.0


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def pair(place: Path) -> Iterator[tuple[Server, Server]]:
    postgres = EmbeddedPostgres(place / "data")
    url = asyncio.run(postgres.start())
    name = f"test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    environment = {"PENSTOCK_DATABASE_URL": with_database(url, name)} | hooked(lease_life_s=LEASE_LIFE_S)
    servers = [Server(place / each, PACKAGE, environment=environment) for each in ("one", "two")]
    try:
        yield servers[0].start(), servers[1].start()
    finally:
        for server in servers:
            if server.process is not None and server.process.poll() is None:
                server.kill()
        asyncio.run(postgres.stop())


def start(server: Server) -> str:
    answer = server.request("POST", "/invocations/v1/flows/invoke", {"flow": FLOW, "input": {"text": "x"}})
    assert answer.status == 202, answer.body
    return str(answer.json["execution_id"])


def statuses(server: Server, ids: list[str]) -> list[str]:
    return [server.execution(each)["status"] for each in ids]


def end(server: Server, execution_id: str) -> None:
    def answered() -> Any:
        # The other process may not have taken it over yet.
        path = f"/invocations/v1/executions/{execution_id}/pauses/approve:approve"
        return server.request("POST", path, {}).status == 200

    until(answered)


def test_oldest_is_replaced_wherever_it_runs(pair: tuple[Server, Server]) -> None:
    one, two = pair
    first = start(one)
    until(lambda: statuses(two, [first]) == ["PAUSED"])
    body = {"running_max": 1, "when_full": "REPLACE"}
    assert two.request("PUT", f"/limits/v1/executions/{FLOW}", body).status == 200
    second = start(two)
    until(lambda: statuses(one, [first, second]) == ["CANCELLED", "PAUSED"])
    end(one, second)
    assert one.request("DELETE", f"/limits/v1/executions/{FLOW}").status == 200


def test_limit_holds_across_processes_and_a_kill(pair: tuple[Server, Server]) -> None:
    one, two = pair
    answer = one.request("PUT", f"/limits/v1/executions/{FLOW}", {"running_max": 2})
    assert answer.status == 200, answer.body
    # The other one has heard of it as soon as it lets something wait.
    ids = [start(one), start(one)]
    until(lambda: statuses(two, ids) == ["PAUSED"] * 2)
    until(lambda: one.execution(ids[-1])["status"] == "PAUSED")

    def waits() -> bool:
        ids.append(start(two))
        if two.execution(ids[-1])["status"] == "QUEUED":
            return True
        end(two, ids.pop())
        return False

    until(waits)
    ids += [start(one), start(two)]
    assert statuses(one, ids) == ["PAUSED"] * 2 + ["QUEUED"] * 3
    # A place that is free in one process goes to the next in line, in the other.
    end(one, ids[0])
    until(lambda: statuses(one, ids[1:]) == ["PAUSED"] * 2 + ["QUEUED"] * 2)
    # What held a place, and what waited, goes on in the process that is left: in the same order.
    one.kill()
    end(two, ids[1])
    until(lambda: statuses(two, ids[2:]) == ["PAUSED"] * 2 + ["QUEUED"])
    end(two, ids[2])
    until(lambda: statuses(two, ids[3:]) == ["PAUSED"] * 2)
    for each in ids[3:]:
        end(two, each)
    until(lambda: statuses(two, ids) == ["COMPLETED"] * 5)
