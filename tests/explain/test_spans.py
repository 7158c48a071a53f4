"""The timeline of every scenario: nothing stays open, nothing is lost, whatever led to the end."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.event import ATTEMPT_ENDS, Event, EventType
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc.views.spans import Chronicle, chronicle
from penstock.engine.storage.postgres.views import Head
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.timeline_pb2 import Span
from tests.domain.graphs import graph
from tests.scenarios.player import Player
from tests.scenarios.runner import play, read

FILES = sorted((Path(__file__).parent.parent / "scenarios").glob("*.txt"))
LEFT_OUT = {EventType.FRAME_EMITTED, EventType.ITEM_SUCCEEDED, EventType.ITEM_FAILED, EventType.NODE_REPORTED}


def told(player: Player) -> Chronicle:
    """As of a log that came out of the database without what views leave out."""
    heads, before = [], 0
    for event in player.stored():
        is_of_item = event.type is EventType.NODE_ATTEMPT_FAILED and event.frame_index >= 0
        if event.type not in LEFT_OUT and not is_of_item:
            heads.append(Head(event, event.sequence == before + 2 and event.type in ATTEMPT_ENDS))
        before = event.sequence
    return chronicle(Run(player.graph), row(player.run, player.log), heads)


def row(run: Run, log: list[Event]) -> ExecutionRow:
    started = next((event.time_us for event in log if event.type is EventType.EXECUTION_STARTED), None)
    return ExecutionRow(
        execution_id="0" * 32,
        account="",
        flow="",
        graph_id="",
        version=1,
        mode=Mode.UNARY,
        status=run.status,
        lease_id=UUID(int=0),
        create_us=run.create_us,
        start_us=started,
        complete_us=run.end_us or None,
        last_sequence=run.sequence,
        attempt_count=run.attempt_count,
        failure=run.failure,
        cancel_reason=None,
        labels={},
    )


def played(path: Path, monkeypatch: pytest.MonkeyPatch) -> Player:
    scenario = read(path)
    for name, value in scenario.limits:
        monkeypatch.setattr(limits, name, value)
    player = Player(scenario.graph)
    for command in scenario.commands:
        play(player, command)
    return player


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_spans_of_a_scenario_are_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player = played(path, monkeypatch)
    spans = told(player).spans
    assert [span.type for span in spans if span.node == ""] == [Span.EXECUTION]
    places = [(span.sequence, span.type, span.node) for span in spans]
    assert len(set(places)) == len(places)
    attempts = [span for span in spans if span.type == Span.ATTEMPT and not span.compensation]
    assert len(attempts) == player.run.attempt_count
    for span in spans:
        if span.HasField("end_time") and span.HasField("start_time"):
            assert span.end_time.ToMicroseconds() >= span.start_time.ToMicroseconds(), span
        assert span.HasField("end_time") == (span.state != Span.OPEN), span
    if player.run.status.is_terminal:
        assert [span for span in spans if span.state == Span.OPEN] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whatever_is_in_flight_has_an_open_span(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = read(path)
    for name, value in scenario.limits:
        monkeypatch.setattr(limits, name, value)
    player = Player(scenario.graph)
    for command in scenario.commands:
        play(player, command)
        if player.log and not player.run.status.is_terminal:
            known = told(player)
            spans = [*known.spans, *known.in_flight(player.now_us)]
            open_nodes = {span.node for span in spans if span.state == Span.OPEN and span.node}
            assert {player.graph.names[node] for node in player.run.flights} <= open_nodes, command


def seen(player: Player) -> list[tuple[str, str, int, str, int, int, int]]:
    """Type, node, attempt, state, and when it was ready, began and ended; -1 for what is absent."""
    known = told(player)
    return [
        (
            Span.Type.Name(span.type),
            span.node,
            span.attempt,
            Span.State.Name(span.state),
            *(
                getattr(span, name).ToMicroseconds() if span.HasField(name) else -1
                for name in ("ready_time", "start_time", "end_time")
            ),
        )
        for span in (*known.spans, *known.in_flight(player.now_us))
    ]


def play_all(player: Player, *commands: str) -> Player:
    for command in commands:
        result = play(player, command)
        assert not isinstance(result, str), result
    return player


def test_node_is_ready_when_what_it_needs_has_come() -> None:
    player = play_all(Player(graph("a -> b")), "accept", "complete a", "started b", "complete b")
    assert seen(player) == [
        ("EXECUTION", "", 0, "DONE", 1, 1, 4),
        ("NODE", "a", 0, "DONE", 1, 1, 2),
        ("ATTEMPT", "a", 1, "DONE", 1, 1, 2),
        ("NODE", "b", 0, "DONE", 2, 2, 4),
        ("ATTEMPT", "b", 1, "DONE", 2, 2, 4),
    ]
    assert player.run.status is ExecutionStatus.COMPLETED


def test_wait_for_the_next_attempt_ends_when_that_starts() -> None:
    of = graph("a", lines=["retry a attempts=2 first=1"])
    player = play_all(Player(of), "accept", "fail a BOOM", "started a", "complete a")
    assert seen(player) == [
        ("EXECUTION", "", 0, "DONE", 1, 1, 4),
        ("NODE", "a", 0, "DONE", 1, 1, 4),
        ("ATTEMPT", "a", 1, "FAILED", 1, 1, 2),
        ("WAIT", "a", 0, "DONE", -1, 2, 3),
        ("ATTEMPT", "a", 2, "DONE", 3, 3, 4),
    ]


def test_attempt_whose_process_died_is_aborted() -> None:
    player = play_all(Player(graph("a")), "accept", "started a", "crash")
    assert seen(player) == [
        ("EXECUTION", "", 0, "OPEN", 1, 1, -1),
        ("NODE", "a", 0, "OPEN", 1, 1, -1),
        ("ATTEMPT", "a", 1, "ABORTED", 1, 1, 2),
        ("ATTEMPT", "a", 2, "OPEN", 2, 2, -1),
    ]


def test_pause_is_a_wait_and_no_attempt() -> None:
    player = play_all(Player(graph("a -> p -> b", lines=["pause p"])), "accept", "complete a")
    assert seen(player)[3:] == [("NODE", "p", 0, "OPEN", 2, 2, -1), ("WAIT", "p", 0, "OPEN", -1, 2, -1)]
    play_all(player, "approve p by=ann", "complete b")
    assert ("WAIT", "p", 0, "DONE", -1, 2, 3) in seen(player)


def test_execution_that_is_queued_has_not_begun() -> None:
    player = play_all(Player(graph("a")), "accept queued")
    assert seen(player) == [("EXECUTION", "", 0, "OPEN", 1, -1, -1)]
    play_all(player, "place")
    assert seen(player)[0] == ("EXECUTION", "", 0, "OPEN", 1, 2, -1)


def test_gate_is_ready_when_its_last_branch_has_come() -> None:
    of = graph("a -> b -> g, a -> c -> g", lines=["gate g all"])
    player = play_all(Player(of), "accept", "complete a", "complete b", "complete c", "complete g")
    assert [each for each in seen(player) if each[1] == "g"] == [
        ("NODE", "g", 0, "DONE", 3, 3, 5),
        ("WAIT", "g", 0, "DONE", -1, 3, 4),
        ("ATTEMPT", "g", 1, "DONE", 4, 4, 5),
    ]
