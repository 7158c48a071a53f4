"""What is said of executions whose process is full, silent or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from penstock.engine.domain import ids
from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.explain.looks import explained, explained_as
from tests.harness import Server

Connection = psycopg.Connection[Any]
OTHER = "elsewhere:7"


@pytest.fixture
def connection(watched: Server) -> Iterator[Connection]:
    """A connection to the server's database: its own transactions hide and hold what a test sets up."""
    url = asyncio.run(EmbeddedPostgres(watched.data_dir).start())
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def template(watched: Server) -> Iterator[str]:
    """An execution that rows are copied from."""
    execution_id = watched.begin("hanging", {})
    explained_as(watched, execution_id, "RUNNING_NODE")
    yield execution_id
    watched.request("DELETE", f"/invocations/v1/flows/{execution_id}")


def lease(connection: Connection, expire: str) -> UUID:
    """The lease of a process that never was. `expire` is SQL."""
    lease_id = uuid4()
    sql = f"insert into leases (lease_id, epoch, instance, process, expire_time) values (%s, 1, %s, %s, {expire})"
    connection.execute(sql.encode(), (lease_id, "elsewhere", OTHER))
    return lease_id


def copies(connection: Connection, template: str, lease_id: UUID | None, count: int = 1, **columns: Any) -> list[str]:
    """New executions like one that is there. `lease_id` None leaves them with its process."""
    found = [ids.execution_id(1_800_000_000_000_000 + number, uuid4().int % 2**74) for number in range(count)]
    with connection.transaction():
        connection.execute("create temp table copied on commit drop as table executions with no data")
        for execution_id in found:
            connection.execute("insert into copied select * from executions where execution_id = %s", (UUID(template),))
            changes = {"execution_id": UUID(execution_id), **({"lease_id": lease_id} if lease_id else {}), **columns}
            settings = ", ".join(f"{name} = %s" for name in changes)
            where = f"update copied set {settings} where execution_id = %s"
            connection.execute(where.encode(), (*changes.values(), UUID(template)))
        connection.execute("insert into executions select * from copied")
    return found


def end(connection: Connection, execution_ids: list[str], lease_id: UUID | None = None) -> None:
    """Nobody is to take them over."""
    connection.execute(
        "update executions set status = 5, complete_time = now() where execution_id = any(%s)",
        ([UUID(each) for each in execution_ids],),
    )
    if lease_id is not None:
        connection.execute("delete from leases where lease_id = %s", (lease_id,))


def test_queued_execution_knows_its_place(watched: Server, connection: Connection, template: str) -> None:
    lease_id = lease(connection, "now() + interval '1 hour'")
    queue = copies(connection, template, lease_id, 3, status=1, start_time=None)
    copies_running = copies(connection, template, lease_id)
    explanation = explained(watched, sorted(queue)[1])
    assert (explanation["status"], explanation["reason"], explanation["process"]) == ("QUEUED", "QUEUED", OTHER)
    [cause] = explanation["causes"]
    assert (cause["queue_position"], cause["queue_size"]) == (2, 3)
    assert explanation["summary"].endswith("drives 10,000 executions at once: place 2 of 3 in the queue.")
    end(connection, [*queue, *copies_running], lease_id)


def test_process_that_does_not_renew_its_lease_is_named(watched: Server, connection: Connection, template: str) -> None:
    lease_id = lease(connection, "clock_timestamp() + interval '3 seconds'")
    [execution_id] = copies(connection, template, lease_id)
    assert explained(watched, execution_id)["reason"] == "RUNNING_NODE"
    with connection.transaction():
        # Held, so that nobody fences it before it was looked at.
        connection.execute("select from leases where lease_id = %s for update", (lease_id,))
        connection.execute(
            "select pg_sleep(extract(epoch from expire_time - clock_timestamp()) + 0.01) from leases"
            " where lease_id = %s",
            (lease_id,),
        )
        explanation = explained(watched, execution_id)
    assert (explanation["reason"], explanation["classification"]) == ("LEASE_LOST", "INFRASTRUCTURE")
    lost, stuck = explanation["causes"]
    assert (lost["reason"], lost["process"], lost["since_time"]) == (
        "LEASE_LOST",
        OTHER,
        explanation["lease_expire_time"],
    )
    assert (stuck["node"], stuck["reason"]) == ("stuck", "LEASE_LOST")
    assert explanation["summary"].startswith(f"Process {OTHER} has given no sign of life since")
    end(connection, [execution_id], lease_id)


def test_process_that_is_given_up_is_taken_over(watched: Server, connection: Connection, template: str) -> None:
    lease_id = lease(connection, "now() + interval '1 hour'")
    [execution_id] = copies(connection, template, lease_id)
    with connection.transaction():
        # Held, so that nobody takes it over before it was looked at.
        connection.execute("select from executions where execution_id = %s for update", (UUID(execution_id),))
        with psycopg.connect(connection.info.dsn, autocommit=True) as other:
            other.execute("update leases set expire_time = 'infinity', epoch = 2 where lease_id = %s", (lease_id,))
        explanation = explained(watched, execution_id)
        connection.execute(
            "update executions set status = 5, complete_time = now() where execution_id = %s", (UUID(execution_id),)
        )
    assert (explanation["reason"], explanation["classification"]) == ("TAKING_OVER", "INFRASTRUCTURE")
    assert "lease_expire_time" not in explanation
    assert explanation["summary"] == (
        f"Process {OTHER} has stopped; the next process that looks takes the execution over; stuck ran in process"
        f" {OTHER}; it starts again when a process takes the execution over."
    )


def test_execution_that_its_process_does_not_take_up_is_told(
    watched: Server, connection: Connection, template: str
) -> None:
    [execution_id] = copies(connection, template, None)
    explanation = explained(watched, execution_id)
    assert explanation["reason"] == "TAKING_OVER"
    assert "has not taken it up" in explanation["summary"]
    end(connection, [execution_id])
