"""Two processes on one database: each sees everything, and goes on with what the other leaves behind."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.durable.ledger import Line
from tests.durable.stage import EXECUTIONS, PACKAGES, Stage, events, executions, hooked, until, whole_stream
from tests.harness import Server
from tests.pairs import database_of, two_servers, up

LEASE_LIFE_S = 1.0


@pytest.fixture(scope="module")
def database(the_stage: Stage) -> Iterator[str]:
    """The URL of a database that no other test uses."""
    with database_of(the_stage.folder / "data") as url:
        yield url


@pytest.fixture(scope="module")
def pair(the_stage: Stage, database: str) -> Iterator[tuple[Server, Server]]:
    # To the ledger the two are one process.
    the_stage.ledger.process_starts()
    life = hooked(lease_life_s=LEASE_LIFE_S)
    with two_servers(the_stage.folder, PACKAGES, database=database, environment=life) as servers:
        yield servers


@pytest.fixture
def one(pair: tuple[Server, Server]) -> Server:
    return up(pair[0])


@pytest.fixture
def two(pair: tuple[Server, Server]) -> Server:
    return up(pair[1])


def accepted_by(server: Server, invocation: Any) -> str | None:
    """The execution; None while the server has no lease."""
    answer = server.request("POST", "/invocations/v1/flows/invoke", invocation)
    assert answer.status in (202, 503), answer.body
    return str(answer.json["execution_id"]) if answer.status == 202 else None


def begin(stage: Stage, server: Server, count: int, given: Any) -> list[str]:
    """Executions whose first node was under way in that process."""
    begun = [server.begin("steps", given) for _ in range(count)]
    until(lambda: {(execution_id, "first") for execution_id in begun} <= set(stage.ledger.runs()))
    return begun


def assert_ended_without_a_gap(server: Server, begun: list[str]) -> None:
    for execution_id in begun:
        assert server.wait(execution_id)["status"] == "COMPLETED"
        log = events(server, execution_id)
        assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
        assert [event["node"] for event in log if event["type"] == "NODE_SUCCEEDED"] == ["first", "left", "last"]


def resumptions(server: Server, execution_id: str) -> list[str]:
    """Processes that took an execution over."""
    log = events(server, execution_id)
    return [event["reason"].rpartition(":")[2] for event in log if event["type"] == "EXECUTION_RESUMED"]


def test_execution_that_another_process_drives_can_be_looked_at_followed_and_waited_for(
    the_stage: Stage, one: Server, two: Server
) -> None:
    gate = the_stage.new_path()
    [execution_id] = begin(the_stage, one, 1, the_stage.held("first", gate))
    assert two.execution(execution_id)["status"] == "RUNNING"
    following = two.stream("GET", f"{EXECUTIONS}/{execution_id}/stream")
    first = next(following)
    gate.touch()
    assert two.wait(execution_id)["status"] == "COMPLETED"
    frames = [event for event in [first, *following] if event.name == "message"]
    assert frames == whole_stream(one, execution_id) == whole_stream(two, execution_id)
    assert [frame.json["is_final"] for frame in frames] == [False, True]
    assert events(one, execution_id) == events(two, execution_id)
    assert resumptions(two, execution_id) == []


def test_executions_of_a_killed_process_go_on_in_the_other(the_stage: Stage, one: Server, two: Server) -> None:
    gate = the_stage.new_path()
    begun = begin(the_stage, one, 40, the_stage.held("first", gate))
    mine = begin(the_stage, two, 1, the_stage.held("first", gate))
    one.kill()
    until(lambda: [len(the_stage.ledger.lines_of(execution_id)[0]) for execution_id in begun] == [2] * 40)
    gate.touch()
    assert_ended_without_a_gap(two, [*begun, *mine])
    assert {tuple(resumptions(two, execution_id)) for execution_id in begun} == {(str(two.info["pid"]),)}
    assert resumptions(two, mine[0]) == []
    assert the_stage.ledger.lines_of(begun[0])[0][:2] == [Line(begun[0], "first", 1), Line(begun[0], "first", 2)]


def test_process_that_stood_still_for_too_long_does_nothing_more_about_what_was_taken_from_it(
    the_stage: Stage, one: Server, two: Server
) -> None:
    gate = the_stage.new_path()
    begun = begin(the_stage, one, 10, the_stage.held("first", gate))
    assert one.process is not None
    one.process.send_signal(signal.SIGSTOP)
    until(lambda: all(resumptions(two, execution_id) for execution_id in begun))
    # Both now have the nodes under way, and the gate lets both go on.
    gate.touch()
    one.process.send_signal(signal.SIGCONT)
    assert_ended_without_a_gap(two, begun)
    assert {tuple(resumptions(two, execution_id)) for execution_id in begun} == {(str(two.info["pid"]),)}
    # It notices with the next renewal, and works under a new lease.
    invocation = {"flow": "steps", "input": the_stage.work()}
    accepted = until(lambda: accepted_by(one, invocation))
    assert_ended_without_a_gap(one, [accepted])


def test_process_that_stops_in_good_order_leaves_its_executions_to_the_other_at_once(
    the_stage: Stage, one: Server, two: Server
) -> None:
    gate = the_stage.new_path()
    one.kill()
    one.environment = one.environment | hooked(lease_life_s=600, drain_s=0.1)
    one.start()
    begun = begin(the_stage, one, 3, the_stage.held("first", gate))
    assert one.stop() == 0
    gate.touch()
    assert_ended_without_a_gap(two, begun)
    assert {tuple(resumptions(two, execution_id)) for execution_id in begun} == {(str(two.info["pid"]),)}


def test_nothing_of_all_this_was_lost(one: Server, two: Server) -> None:
    assert {found["status"] for found in executions(two)} == {"COMPLETED"}
    assert [found["execution_id"] for found in executions(one)] == [found["execution_id"] for found in executions(two)]


def test_second_process_on_one_data_directory_says_so_in_one_line(stage: Stage) -> None:
    other = Server(stage.server.data_dir, Path("examples"))
    done = subprocess.run(other.command(), capture_output=True, text=True, cwd=PACKAGES.parents[2], check=False)
    [line] = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line == f"penstock: {stage.server.data_dir} is in use by process {stage.server.info['pid']}"

    assert stage.server.invoke("steps", stage.work())["result"]["success"] is True
