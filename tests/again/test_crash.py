"""The process dies after each commit of an execution that goes on from another one; nothing is lost or done twice."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.again.conftest import PACKAGES
from tests.durable.stage import EXECUTIONS, events, executions, hooked
from tests.harness import Server, running

OUTER = {"first": "RECOVERED", "inner": "SUCCEEDED", "last": "SUCCEEDED"}
MAPPED = {"spread": "RECOVERED", "each": "SUCCEEDED", "total": "SUCCEEDED"}
STARTS = {"NODE_STARTED", "NODE_SUCCEEDED", "NODE_WAITING"}


@pytest.fixture
def mortal() -> Iterator[Server]:
    with running(PACKAGES) as server:
        yield server


@pytest.mark.parametrize(("flow", "statuses", "commits_min"), [("outer", OUTER, 4), ("mapped", MAPPED, 3)])
def test_crash_after_each_commit_of_a_recovered_execution_leads_to_the_same_end(
    mortal: Server, tmp_path: Path, flow: str, statuses: dict[str, str], commits_min: int
) -> None:
    wall = tmp_path / "door"
    source = mortal.invoke(flow, {"key": str(wall)})["execution_id"]
    assert mortal.wait(source)["status"] == "FAILED"
    wall.touch()
    for crash_count in count(1):
        # Each start takes up what the crash before left, and crashes at the next point.
        restart(mortal, hooked(crash_after=crash_count))
        try:
            mortal.wait(recover(mortal, source, crash_count))
        except (OSError, http.client.HTTPException):
            continue
        break
    assert crash_count > commits_min
    restart(mortal, {})
    # The first answer may be lost: the same request id gives the execution that was accepted.
    made = [recover(mortal, source, number) for number in range(1, crash_count + 1)]
    assert sorted(made) == sorted(row["execution_id"] for row in executions(mortal) if is_made(mortal, row, source))
    ends = {mortal.wait(each)["status"] for each in made}
    outputs = {mortal.execution(each, "/output")["output"]["value"] for each in made}
    assert (ends, len(outputs)) == ({"COMPLETED"}, 1)
    for execution_id in made:
        check_log(events(mortal, execution_id))
        nodes = mortal.execution(execution_id, "/nodes")["nodes"]
        assert {node["node"]: node["status"] for node in nodes} == statuses
        check_child(mortal, execution_id)


def restart(server: Server, environment: dict[str, str]) -> None:
    server.kill()
    server.environment = environment
    server.start()


def recover(server: Server, source: str, number: int) -> str:
    answer = server.request("POST", f"{EXECUTIONS}/{source}:recover", {"request_id": f"again {source} {number}"})
    assert answer.status == 200, answer.body
    return str(answer.json["execution_id"])


def is_made(server: Server, row: Any, source: str) -> bool:
    return bool(server.execution(row["execution_id"]).get("source_execution_id") == source)


def check_log(log: list[Any]) -> None:
    assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
    done = [event["node"] for event in log if event["type"] == "NODE_RECOVERED"]
    assert done
    assert [event for event in log if event.get("node") in done and event["type"] in STARTS] == []
    ends = [(e["node"], e.get("item")) for e in log if e["type"] in ("NODE_SUCCEEDED", "ITEM_SUCCEEDED")]
    assert len(ends) == len(set(ends))


def check_child(server: Server, execution_id: str) -> None:
    """A sub-flow has one child, which goes on from the one before."""
    children = [row for row in executions(server) if row.get("parent_execution_id") == execution_id]
    named = {event["child_execution_id"] for event in events(server, execution_id) if event.get("wait") == "FLOW"}
    assert {child["execution_id"] for child in children} == named
    for child in named:
        check_log(events(server, child))
