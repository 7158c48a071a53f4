"""A limit of executions holds for all processes of a database together, and when one of them is killed."""

from __future__ import annotations

import asyncio
import http.client
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.durable.stage import PACKAGES, executions, hooked, until
from tests.harness import Server, open_folder
from tests.keys.ward import PACKAGE
from tests.storage.servers import with_database

FLOW = "pay_rent"
"""It waits for an approval, and runs as long as a test wants."""
SHORT = "hello"
LONG = "steps"
"""Each of its nodes is a commit."""
LEASE_LIFE_S = 2.0


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def database(place: Path) -> Iterator[str]:
    postgres = EmbeddedPostgres(place / "data")
    url = asyncio.run(postgres.start())
    name = f"test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    yield with_database(url, name)
    asyncio.run(postgres.stop())


@pytest.fixture(scope="module")
def pair(place: Path, database: str) -> Iterator[tuple[Server, Server]]:
    """Executions of the first one freeze where their label freeze_after says."""
    settings = hooked(lease_life_s=LEASE_LIFE_S), hooked(lease_life_s=LEASE_LIFE_S, freeze=place / "frozen")
    servers = [
        Server(place / name, PACKAGE, PACKAGES / "steps", environment={"PENSTOCK_DATABASE_URL": database} | each)
        for name, each in zip(("two", "one"), settings, strict=True)
    ]
    try:
        yield servers[1].start(), servers[0].start()
    finally:
        for server in servers:
            if server.process is not None and server.process.poll() is None:
                server.kill()


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


def limit(server: Server, flow: str, **limit: Any) -> None:
    answer = server.request("PUT", f"/limits/v1/executions/{flow}", limit)
    assert answer.status == 200, answer.body


def unlimit(server: Server, *flows: str) -> None:
    for flow in flows:
        assert server.request("DELETE", f"/limits/v1/executions/{flow}").status == 200


def places(database: str) -> list[Any]:
    """Rows of executions with a place or in a queue, and what is written down of how many these are."""
    with psycopg.connect(database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        rows = connection.execute(
            "select flow, is_running, count(*)::int from execution_places group by flow, is_running"
        ).fetchall()
        counts = connection.execute("select flow, running, waiting from place_counts").fetchall()
    assert sorted(rows) == sorted(
        (flow, is_running, count)
        for flow, running, waiting in counts
        for is_running, count in ((True, running), (False, waiting))
        if count
    )
    return rows


def most_at_once(logs: list[Any]) -> int:
    """How many executions ran at one moment, by the events of their logs."""
    moments: list[tuple[datetime, int]] = []
    for log in logs:
        begin = next(event["time"] for event in log if event["type"] == "EXECUTION_STARTED")
        moments += [(datetime.fromisoformat(begin), 1), (datetime.fromisoformat(log[-1]["time"]), -1)]
    # One that ends makes room for one that begins in the same microsecond.
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def log_of(server: Server, execution_id: str) -> Any:
    return server.execution(execution_id, "/events?page_size=100")["events"]


def test_never_more_run_than_may_by_the_log(pair: tuple[Server, Server], database: str) -> None:
    one, two = pair
    limit(one, SHORT, running_max=3, queued_max=200)
    limit(one, "-", running_max=4, queued_max=200)
    # The other one has heard of both as soon as it counts.
    waiting = start(two)
    until(lambda: places(database) == [(FLOW, True, 1)])
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: pair[number % 2].begin(SHORT, {"text": "x"}), range(120)))
    for each in ids:
        one.wait(each)
    assert most_at_once([log_of(one, each) for each in ids]) in range(1, 4)
    end(two, waiting)
    until(lambda: places(database) == [])
    unlimit(one, SHORT, "-")


def begin_frozen(server: Server, given: Any, after: int) -> None:
    """Nobody waits for the answer: it does not come when the execution freezes at its acceptance."""

    def begin() -> None:
        with suppress(OSError, http.client.HTTPException):
            server.begin(LONG, given, labels={"freeze_after": str(after)})

    threading.Thread(target=begin, daemon=True).start()


def test_no_place_is_lost_whatever_commit_a_process_dies_after(
    pair: tuple[Server, Server], place: Path, database: str
) -> None:
    one, two = pair
    lines, frozen = place / "lines", place / "frozen"
    lines.touch()
    given = {"lines": str(lines), "number": 1}
    unharmed = log_of(one, one.invoke(LONG, given)["execution_id"])
    # As many as an execution has commits: its acceptance, and one for each node. -1 is one that never comes.
    points = [-1, *range(1, 1 + sum(event["type"] == "NODE_SUCCEEDED" for event in unharmed) + 1)]
    limit(one, LONG, running_max=len(points))
    for point in points:
        begin_frozen(one, given, point)
    until(lambda: places(database) == [(LONG, True, len(points))])
    # All but the one that never comes.
    until(lambda: len(frozen.read_text().split()) == len(points) - 1)

    def queued(count: int) -> bool:
        return (LONG, False, count) in places(database)

    # Those that wait freeze at their acceptance, and when they get a place.
    for number, after in enumerate((2, 1), 1):
        begin_frozen(one, given, after)
        until(lambda number=number: queued(number))  # type: ignore[misc]
    waiting = [server.begin(LONG, given) for server in (two, one, two)]
    assert queued(5)
    limit(two, LONG, running_max=len(points) + 1)
    # There is room for one more, and for another one: when limits change each process looks for who ended.
    until(lambda: len(frozen.read_text().split()) == len(points) + 1 and queued(3))
    one.kill()
    rows = until(lambda: _ended(two, LONG, 1 + len(points) - 1 + 2 + len(waiting)))
    assert {row["status"] for row in rows} == {"COMPLETED"}
    logs = [log_of(two, row["execution_id"]) for row in rows]
    assert most_at_once(logs) in range(3, len(points) + 2)
    until(lambda: places(database) == [])
    unlimit(two, LONG)
    one.start()


def _ended(server: Server, flow: str, count: int) -> list[Any]:
    rows = [row for row in executions(server) if row["flow"] == flow and "complete_time" in row]
    return rows if len(rows) == count else []


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
