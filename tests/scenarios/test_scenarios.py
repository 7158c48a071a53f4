"""Golden scenarios are what the core does, also when the process dies after any commit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.fold import fold
from tests.scenarios.player import Player
from tests.scenarios.runner import Scenario, play, read, text

FILES = sorted(Path(__file__).parent.glob("*.txt"))
IS_REWRITE = bool(os.environ.get("PENSTOCK_REWRITE"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def scenario(path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    scenario = read(path)
    for name, value in scenario.limits:
        monkeypatch.setattr(limits, name, value)
    return scenario


def test_core_does_what_the_scenario_says(scenario: Scenario, path: Path) -> None:
    now = text(scenario)
    if IS_REWRITE and now != path.read_text(encoding="utf-8"):
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now


def test_recorded_events_fold_to_the_live_run_after_every_commit(scenario: Scenario) -> None:
    player = Player(scenario.graph)
    for command in scenario.commands:
        play(player, command)
        assert fold(scenario.graph, player.stored()) == player.run, command


def test_run_that_crashed_after_any_commit_ends_as_if_it_had_not(scenario: Scenario) -> None:
    end = undisturbed(scenario).end()
    ends = {commit: crashed_after(scenario, commit).end() for commit in commits(scenario)}
    assert ends == dict.fromkeys(ends, end)


def test_nodes_of_a_run_that_crashed_after_any_commit_stand_as_if_it_had_not(scenario: Scenario) -> None:
    nodes = undisturbed(scenario).node_ends()
    ends = {commit: crashed_after(scenario, commit).node_ends() for commit in commits(scenario)}
    assert ends == dict.fromkeys(ends, nodes)


def test_crash_after_any_commit_starts_no_completed_node_again(scenario: Scenario) -> None:
    started_again = {commit: crashed_after(scenario, commit).started_again for commit in commits(scenario)}
    assert started_again == {key: [] for key in started_again}


def undisturbed(scenario: Scenario) -> Player:
    """The whole scenario without any crash, also without those in its text."""
    player = Player(scenario.graph)
    for command in scenario.commands:
        if command != "crash":
            play(player, command)
    return player


def commits(scenario: Scenario) -> list[str]:
    """The commands that commit something, with their place in the scenario."""
    if not scenario.survives_crashes:
        return []
    player = Player(scenario.graph)
    found = []
    for index, command in enumerate(scenario.commands):
        recorded = len(player.log)
        play(player, command)
        if len(player.log) > recorded:
            found.append(f"{index}: {command}")
    return found


def crashed_after(scenario: Scenario, commit: str) -> Player:
    """The whole scenario, with the death of its process after one of its commits."""
    player = Player(scenario.graph)
    for index, command in enumerate(scenario.commands):
        play(player, command)
        if f"{index}: {command}" == commit:
            player.crash()
    return player
