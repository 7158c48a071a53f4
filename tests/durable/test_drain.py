"""SIGTERM: what runs may end and its callers are answered; what takes longer goes on after the next start."""

from __future__ import annotations

import signal
import threading
from typing import Any

from tests.durable.stage import EXECUTIONS, STREAM, Stage, events, exit_code, until

DRAIN_S = 0.3


def ask_to_stop(stage: Stage) -> None:
    """SIGTERM; returns when the server no longer takes anything on."""
    assert stage.server.process is not None
    stage.server.process.send_signal(signal.SIGTERM)
    until(lambda: stage.server.request("GET", "/readyz", key=None).status == 503)


def in_background(ask: Any) -> tuple[threading.Thread, list[Any]]:
    """A thread, and what it will have got."""
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    return thread, answers


def begin_held(stage: Stage, at: str, gate: Any) -> str:
    """An execution whose node `at` is under way and waits for the gate."""
    execution_id = stage.server.begin("steps", stage.held(at, gate))
    until(lambda: at in [event.get("node") for event in events(stage.server, execution_id)])
    return execution_id


def test_execution_that_runs_may_end_and_its_callers_are_answered(stage: Stage) -> None:
    server, gate = stage.server, stage.new_path()
    body = {"flow": "marks", "input": stage.held("2", gate, number=4)}
    stream = server.stream("POST", STREAM, body)
    frames = [next(stream), next(stream)]
    execution_id = begin_held(stage, "first", gate)
    waiting, answers = in_background(lambda: server.wait(execution_id))
    reading, rest = in_background(lambda: list(stream))
    ask_to_stop(stage)
    gate.touch()
    waiting.join()
    reading.join()
    assert exit_code(server) == 0
    assert (answers[0]["execution_id"], answers[0]["status"]) == (execution_id, "COMPLETED")
    assert [frame.json["frame_index"] for frame in [*frames, *rest[0]]] == [0, 1, 2, 3, 4]
    assert rest[0][-1].json["is_final"] is True


def test_nothing_new_is_accepted_meanwhile_and_what_is_there_can_be_looked_at(stage: Stage) -> None:
    server, gate = stage.server, stage.new_path()
    execution_id = begin_held(stage, "first", gate)
    ask_to_stop(stage)
    refused = server.request("POST", "/invocations/v1/flows/invoke", {"flow": "steps", "input": stage.work()})
    looked_at = server.request("GET", f"{EXECUTIONS}/{execution_id}")
    gate.touch()
    assert exit_code(server) == 0
    assert (refused.json["reason"], refused.json["error"]) == ("STOPPING", "this process is stopping")
    assert (looked_at.status, looked_at.json["status"]) == (200, "RUNNING")


def test_execution_that_takes_longer_goes_on_after_the_next_start(stage: Stage) -> None:
    server, gate = stage.server, stage.new_path()
    stage.kill()
    stage.start(drain_s=DRAIN_S)
    execution_id = begin_held(stage, "left", gate)
    assert server.stop() == 0
    stage.start()
    gate.touch()
    assert server.wait(execution_id)["status"] == "COMPLETED"
    nodes = [[line.node for line in lines] for lines in stage.ledger.lines_of(execution_id)]
    assert nodes == [["first", "left"], ["left", "last"]]


def test_second_signal_stops_at_once_and_loses_nothing(stage: Stage) -> None:
    server, gate = stage.server, stage.new_path()
    execution_id = begin_held(stage, "left", gate)
    ask_to_stop(stage)
    assert server.process is not None

    def is_gone() -> bool:
        # Two signals that are close together count as one, so there are more of them than two.
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        return server.process.poll() is not None

    until(is_gone)
    assert exit_code(server) == -signal.SIGKILL
    stage.start()
    gate.touch()
    assert server.wait(execution_id)["status"] == "COMPLETED"


def test_idle_server_stops_without_waiting(stage: Stage) -> None:
    assert stage.server.stop(timeout_s=5) == 0
