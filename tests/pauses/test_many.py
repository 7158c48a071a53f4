"""Ten thousand open pauses: each is listed once, and the indexes find each page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from penstock.engine.storage.postgres import pauses as statements
from tests.harness import Server
from tests.pauses.people import PACKAGES, decided, output, pause, paused, pauses, receipt

COUNT = 10_000
_COPY = (
    """insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id, create_time,
  start_time, last_sequence, labels, input)
select md5(execution_id || '/' || copy)::uuid, account, flow, graph_id, version, mode, status, lease_id, create_time,
  start_time, last_sequence, labels, input
from executions, generate_series(1, %(count)s) copy where execution_id = %(id)s""",
    """insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time, start_time,
  payload, detail)
select md5(execution_id || '/' || copy)::uuid, sequence, type, node, attempt, branch, frame_index, event_time,
  start_time, payload, detail from events, generate_series(1, %(count)s) copy where execution_id = %(id)s""",
)


@pytest.fixture(scope="module")
def crowded(place: Path, database: str) -> Iterator[Server]:
    server = Server(place / "crowd", PACKAGES, environment={"PENSTOCK_DATABASE_URL": database}).start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def oldest(crowded: Server, database: str) -> str:
    """An execution that waits for a person, and there are many like it."""
    execution_id = paused(crowded, "buy")
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in _COPY:
            connection.execute(statement, {"count": COUNT, "id": execution_id})
        connection.execute("analyze")
    return execution_id


def all_pages(server: Server, size: int) -> list[Any]:
    found: list[Any] = []
    token = ""
    while True:
        page = pauses(server, query=f"?page_size={size}&page_token={token}")
        assert len(page["pauses"]) <= size
        found += page["pauses"]
        token = page["next_page_token"]
        if not token:
            return found


def test_every_open_pause_is_listed_once_the_oldest_executions_first(crowded: Server, oldest: str) -> None:
    found = all_pages(crowded, 1000)
    ids = [each["execution_id"] for each in found]
    assert len(ids) == COUNT + 1
    assert ids == sorted(set(ids))
    assert next(each for each in found if each["execution_id"] == oldest) == pause(crowded, oldest)


def test_page_goes_on_where_the_one_before_ended_although_pauses_were_decided(crowded: Server, oldest: str) -> None:
    first = pauses(crowded, query="?page_size=10")
    decided(crowded, oldest, "approve")
    assert output(crowded, oldest) == receipt(5)
    rest = pauses(crowded, query=f"?page_size=1000&page_token={first['next_page_token']}")
    ids = [each["execution_id"] for each in (*first["pauses"], *rest["pauses"])]
    assert ids == sorted(set(ids))


def test_indexes_find_a_page(oldest: str, database: str) -> None:
    with psycopg.connect(database) as connection:
        parameters = {"account": "default", "first": "0" * 32, "count_max": 51}
        lot = _plan(connection, statements._MAY_BE_OPEN, parameters)
        assert lot.count("executions_not_completed") == 3
        ids = [row[0] for row in connection.execute(statements._MAY_BE_OPEN.encode(), parameters)]
        assert "events_waits" in _plan(connection, statements._WAITS, (ids,))
        columns = (ids, [5] * len(ids), [1] * len(ids))
        for statement, values in (
            (statements._GIVEN_UP, columns),
            (statements._BEFORE, columns),
            (statements._EXECUTIONS, (ids,)),
        ):
            plan = _plan(connection, statement, values)
            assert "Seq Scan on" not in plan, plan


def _plan(connection: psycopg.Connection[Any], sql: str, parameters: Any) -> str:
    return "\n".join(row[0] for row in connection.execute(f"explain {sql}".encode(), parameters))
