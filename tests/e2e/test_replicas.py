"""Two processes on one database: what the one drives can be looked at and cancelled through the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Server
from tests.pairs import database_of, two_servers

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture
def replicas(folder: Path) -> Iterator[tuple[Server, Server]]:
    with (
        database_of(folder / "database") as url,
        two_servers(folder, PACKAGES / "waits", database=url, environment={}) as (one, two),
    ):
        yield one.start(), two.start()


def test_a_cancel_reaches_the_process_that_drives_the_execution(replicas: tuple[Server, Server]) -> None:
    one, two = replicas
    execution_id = one.begin("waits", {})
    cancelled = two.request("DELETE", f"/invocations/v1/flows/{execution_id}?reason=enough")
    assert (cancelled.status, cancelled.json["status"], cancelled.json["cancel_reason"]) == (200, "CANCELLED", "enough")
    assert one.execution(execution_id)["status"] == "CANCELLED"
    again = two.request("DELETE", f"/invocations/v1/flows/{execution_id}")
    assert (again.status, again.json["error"]) == (409, "the execution has ended: it is CANCELLED")


def test_a_stream_of_what_another_process_drives_ends_with_it(replicas: tuple[Server, Server]) -> None:
    one, two = replicas
    execution_id = one.begin("waits", {})
    stream = two.stream("GET", f"/invocations/v1/executions/{execution_id}/stream")
    first = next(stream)
    one.request("DELETE", f"/invocations/v1/flows/{execution_id}")
    rest = list(stream)
    assert (first.id, first.json["status"]) == ("1", "QUEUED")
    assert rest[-1].json | {"frame_index": 0} == {
        "execution_id": execution_id,
        "frame_index": 0,
        "is_final": True,
        "success": False,
        "error": "cancelled",
    }
