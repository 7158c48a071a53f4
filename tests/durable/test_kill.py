"""kill -9 at any moment: what was acknowledged goes on, what was completed does not run again."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial

import pytest

from tests.durable.callers import Callers
from tests.durable.ledger import Line
from tests.durable.stage import EXECUTIONS, STREAM, Stage, events, executions, until, whole_stream
from tests.durable.verdict import assert_nothing_was_lost_or_repeated

SEED = 20
CALLERS = 6
"""Of each of four kinds; those who do not wait begin several at once."""
LIFE_S = (0.1, 1.2)
"""How long the server lives between being ready and being killed."""


@pytest.mark.parametrize(("kill", "kill_count"), [(Stage.kill, 7), (Stage.kill_with_postgres, 3)])
def test_server_killed_at_random_moments_loses_and_repeats_nothing(
    stage: Stage, patience: int, kill: Callable[[Stage], None], kill_count: int
) -> None:
    dice, callers = random.Random(SEED), Callers(stage.server, stage.ledger.path, f"{SEED} {kill.__name__}", CALLERS)
    known = {found["execution_id"] for found in executions(stage.server)}
    callers.start()
    moment = threading.Event()
    for _ in range(kill_count * patience):
        callers.server_is_up()
        moment.wait(dice.uniform(*LIFE_S))
        callers.server_is_down()
        kill(stage)
        stage.start()
    callers.server_is_up()
    told = callers.rest()
    assert_nothing_was_lost_or_repeated(stage.server, stage.ledger, told, known)
    assert min(len(told.started), len(told.results), len(told.streams), len(told.logs)) > kill_count
    again = [one for one, times in stage.ledger.runs().items() if times > 1 and one[0] not in known]
    assert again != [], "no node was ever in flight when the server was killed"


@pytest.mark.parametrize("kill", [Stage.kill, Stage.kill_with_postgres])
def test_server_killed_right_after_its_answers_stands_by_them(stage: Stage, kill: Callable[[Stage], None]) -> None:
    server = stage.server
    cancelled = server.begin("steps", stage.held("first", stage.new_path()))
    begun = [server.begin("steps", stage.work()) for _ in range(20)]
    assert server.request("DELETE", f"/invocations/v1/flows/{cancelled}?reason=enough").status == 200
    kill(stage)
    stage.start()
    assert [server.wait(execution_id)["status"] for execution_id in begun] == ["COMPLETED"] * 20
    assert stage.ledger.breaches({execution_id: events(server, execution_id) for execution_id in begun}) == []
    found = server.execution(cancelled)
    assert (found["status"], found["cancel_reason"]) == ("CANCELLED", "enough")
    assert len(stage.ledger.lines_of(cancelled)) == 1


def is_on_record(stage: Stage, execution_id: str, attempt: int) -> bool:
    """Whether that attempt of `left` runs, and its start is in the log."""
    runs = [Line(execution_id, "left", attempt)] in stage.ledger.lines_of(execution_id)
    return runs and events(stage.server, execution_id)[-1].get("attempt") == attempt


def test_only_the_node_in_flight_runs_again(stage: Stage) -> None:
    server, gate = stage.server, stage.new_path()
    execution_id = server.begin("steps", stage.held("left", gate))
    until(lambda: "left" in [event.get("node") for event in events(server, execution_id)])
    for attempt in (2, 3):
        stage.kill()
        stage.start()
        until(partial(is_on_record, stage, execution_id, attempt))
    gate.touch()
    assert server.wait(execution_id)["status"] == "COMPLETED"
    assert stage.ledger.lines_of(execution_id) == [
        [Line(execution_id, "first", 1), Line(execution_id, "left", 1)],
        [Line(execution_id, "left", 2)],
        [Line(execution_id, "left", 3), Line(execution_id, "last", 1)],
    ]
    assert [(event["type"], event.get("node"), event.get("attempt")) for event in events(server, execution_id)] == [
        ("EXECUTION_ACCEPTED", None, None),
        ("EXECUTION_STARTED", None, None),
        ("NODE_STARTED", "first", 1),
        ("NODE_SUCCEEDED", "first", 1),
        ("NODE_SKIPPED", "right", None),
        ("NODE_STARTED", "left", 1),
        ("EXECUTION_RESUMED", None, None),
        ("NODE_STARTED", "left", 2),
        ("EXECUTION_RESUMED", None, None),
        ("NODE_STARTED", "left", 3),
        ("NODE_SUCCEEDED", "left", 3),
        ("NODE_STARTED", "last", 1),
        ("NODE_SUCCEEDED", "last", 1),
        ("EXECUTION_COMPLETED", None, None),
    ]


def test_stream_goes_on_behind_the_last_frame_that_the_caller_had(stage: Stage) -> None:
    server, gate = stage.server, stage.new_path()
    stream = server.stream("POST", STREAM, {"flow": "marks", "input": stage.held("5", gate, number=8)})
    before = [next(stream) for _ in range(5)]
    execution_id, first_process = before[0].json["execution_id"], server.info["pid"]
    stage.kill()
    stage.start()
    gate.touch()
    # As far as the caller knows, three of the five came before the connection broke.
    path, last = f"{EXECUTIONS}/{execution_id}/stream", {"Last-Event-ID": before[2].id}
    rest = [event for event in server.stream("GET", path, None, last) if event.name == "message"]
    assert rest[:2] == before[3:]
    frames = [*before, *rest[2:]]
    assert [(frame.json["frame_index"], frame.json["is_final"]) for frame in frames] == [
        *((index, False) for index in range(8)),
        (8, True),
    ]
    processes = [frame.json["payload"]["process"] for frame in frames[:-1]]
    assert processes == [first_process] * 5 + [server.info["pid"]] * 3
    stage.kill()
    stage.start()
    assert whole_stream(server, execution_id) == frames


def test_wait_picks_up_where_the_caller_was(stage: Stage) -> None:
    server, gate = stage.server, stage.new_path()
    given, request = stage.held("first", gate), {"request_id": "order-17", "timeout_seconds": 60}
    known = set(stage.ledger.runs())

    def ask() -> None:
        with pytest.raises(OSError):
            server.invoke("steps", given, **request)

    asking = threading.Thread(target=ask)
    asking.start()
    [(execution_id, _)] = until(lambda: set(stage.ledger.runs()) - known)
    stage.kill()
    asking.join()
    stage.start()
    gate.touch()
    waited = server.wait(execution_id)
    assert (waited["execution_id"], waited["status"]) == (execution_id, "COMPLETED")
    answer = server.invoke("steps", given, **request)
    assert (answer["execution_id"], answer["result"]["success"]) == (execution_id, True)
