"""Every execution that has not ended has a reason, whatever led it to where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.event import Event
from penstock.engine.domain.reasons import Cause, DatedRun, Reason, causes, foremost
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, Wait
from tests.scenarios.player import Player
from tests.scenarios.runner import Scenario, play, read

FILES = sorted((Path(__file__).parent.parent / "scenarios").glob("*.txt"))
NOT_ENDED = {status for status in ExecutionStatus if not status.is_terminal}


def explained(scenario: Scenario, player: Player) -> tuple[Run, list[Cause]]:
    """The run by its log alone, and why it is not further."""
    dated = DatedRun(Run(scenario.graph))
    for event in player.stored():
        dated.apply(event)
    return dated.run, causes(dated.run, player.now_us, dated.since)


def unlike(scenario: Scenario) -> list[tuple[str, Run, list[Cause]]]:
    """Where a scenario stands after each of its commands while it has not ended."""
    player, found = Player(scenario.graph), []
    for command in scenario.commands:
        play(player, command)
        if player.log and not player.run.status.is_terminal:
            found.append((command, *explained(scenario, player)))
    return found


def with_limits(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    for name, value in scenario.limits:
        monkeypatch.setattr(limits, name, value)
    return scenario


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_node_in_flight_has_a_reason(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for command, run, found in unlike(with_limits(read(path), monkeypatch)):
        assert foremost(found) in found, command
        if run.status is ExecutionStatus.QUEUED:
            assert found == [Cause(-1, Reason.QUEUED, run.create_us)], command
        else:
            assert [cause.node for cause in found] == sorted(run.flights), command
            assert all(cause.since_us for cause in found), command


def test_scenarios_come_to_every_status_every_wait_and_every_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses, waits, reasons = set(), set(), set()
    for path in FILES:
        for _, run, found in unlike(with_limits(read(path), monkeypatch)):
            statuses.add(run.status)
            waits |= {flight.wait for flight in run.flights.values()}
            reasons |= {cause.reason for cause in found}
    assert statuses == NOT_ENDED
    assert waits == {None, *Wait}
    # These three are said of the process and of the end, not of nodes.
    assert reasons == {*Reason} - {Reason.LEASE_LOST, Reason.TAKING_OVER, Reason.ENDED}


def after(scenario: str, *commands: str) -> list[Cause]:
    """What is in flight after commands in the graph of a scenario."""
    of = read(next(path for path in FILES if path.stem == scenario))
    player = Player(of.graph)
    for command in commands:
        assert not isinstance(played := play(player, command), str), played
    return explained(of, player)[1]


def test_attempt_that_is_due_runs_although_its_start_is_not_on_record() -> None:
    scenario = read(next(path for path in FILES if path.stem == "retry_of_a_node"))
    player = Player(scenario.graph)
    for command in scenario.commands:
        play(player, command)
        waiting = [flight for flight in player.run.flights.values() if flight.wait is Wait.RETRY]
        if waiting:
            break
    [flight] = waiting
    dated = DatedRun(Run(scenario.graph))
    for event in player.stored():
        dated.apply(event)
    [before] = causes(dated.run, flight.due_us - 1, dated.since)
    assert (before.reason, before.due_us, before.attempt) == (Reason.RETRY_SCHEDULED, flight.due_us, 2)
    [later] = causes(dated.run, flight.due_us, dated.since)
    assert (later.reason, later.due_us, later.since_us) == (Reason.RUNNING_NODE, 0, flight.due_us)


def test_cause_dates_from_when_the_node_came_to_stand_as_it_does() -> None:
    [cause] = after("chain", "accept")
    assert cause == Cause(0, Reason.RUNNING_NODE, since_us=1, attempt=1, attempts_max=1)


def test_foremost_is_what_moves() -> None:
    moving = Cause(1, Reason.SLEEPING)
    assert foremost([Cause(0, Reason.WAITING_FOR_DECISION), moving, Cause(2, Reason.GATE_MISSING_BRANCHES)]) == moving


def test_run_that_is_between_two_steps_has_a_reason_too(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = read(FILES[0])
    run = Run(scenario.graph, status=ExecutionStatus.RUNNING)
    assert causes(run, 0, {}) == [Cause(-1, Reason.RUNNING_NODE)]


def test_events_are_folded_in_order() -> None:
    scenario = read(next(path for path in FILES if path.stem == "chain"))
    player = Player(scenario.graph)
    play(player, "accept")
    events: list[Event] = player.stored()
    with pytest.raises(ValueError, match="does not follow"):
        DatedRun(Run(scenario.graph)).apply(events[1])
