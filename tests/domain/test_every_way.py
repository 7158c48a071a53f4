"""Every way that a small execution can go: what random walks might miss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass

import pytest

from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.fold import apply
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.domain.occurrence import Accepted, Occurrence, Reported
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NODE_MOVES, ExecutionStatus, NodeStatus, Wait
from penstock.engine.domain.step import decide
from tests.domain.graphs import graph
from tests.domain.news import everything, news

DEPTH = 8
FLOWS = [
    graph("a"),
    graph("a -> b"),
    graph("a ?> b -> d, a ?> c -> d"),
    graph("p -> b", "p"),
    graph("a ?> p -> c, a ?> b -> c", "p"),
    graph("a -> b -> d, a -> c -> d", "", ["gate d all", "undo b", "finish_branches"]),
    graph("a -> b -> d, a -> c -> d", "", ["gate d any", "retry b attempts=2"]),
    graph("p -> s", "", ["pause p", "sleep s 10"]),
    graph("m", "", ["map m min=2", "retry m attempts=2", "fallback m"]),
    graph("a -> f", "", ["flow f", "retry f attempts=2", "undo a attempts=2", "compensate_on_cancel"]),
]
UNDER_WAY = {NodeStatus.QUEUED, NodeStatus.RUNNING, NodeStatus.WAITING}
ANYWHERE = set(ExecutionStatus) - {
    ExecutionStatus.PAUSED,
    ExecutionStatus.WAITING_ON_GATE,
    ExecutionStatus.COMPENSATING,
}


@dataclass(frozen=True, slots=True)
class Way:
    """A run and the occurrences that changed it."""

    run: Run
    occurrences: tuple[Occurrence, ...] = ()

    @property
    def place(self) -> str:
        """Where the run stands, whatever led there."""
        run = self.run
        signals = sorted({signal.name for signal in run.signals or ()})
        flights = sorted(run.flights.items())
        return repr(
            (run.status, run.ends_as, flights, min(run.frame_count, 2), signals, run.node_statuses, run.undoing)
        )


@pytest.fixture(scope="module", params=FLOWS, ids=lambda flow: "-".join(flow.names) + f"-{FLOWS.index(flow)}")
def ways(request: pytest.FixtureRequest) -> list[Way]:
    """One way to each place that an acceptance and up to DEPTH occurrences lead to, the shortest one."""
    ahead = [_taken(Way(Run(request.param)), Accepted(has_place)) for has_place in (True, False)]
    found = {way.place: way for way in ahead}
    for _ in range(DEPTH):
        behind, ahead = ahead, []
        for way in behind:
            for following in _onward(way):
                if found.setdefault(following.place, following) is following:
                    ahead.append(following)
        if len(found) > 300:
            break
    return list(found.values())


def test_every_status_is_on_the_way(ways: list[Way]) -> None:
    assert {way.run.status for way in ways} >= ANYWHERE


def test_no_node_is_under_way_after_the_end(ways: list[Way]) -> None:
    ended = [way for way in ways if way.run.status.is_terminal]
    assert [way.occurrences for way in ended if not UNDER_WAY.isdisjoint(node_statuses(way.run))] == []


def test_node_that_is_done_stays_as_it_is_or_is_undone(ways: list[Way]) -> None:
    done = set(NodeStatus) - UNDER_WAY
    for way in ways:
        before = node_statuses(way.run)
        for following in _onward(way):
            after = node_statuses(following.run)
            changed = [(a, b) for a, b in zip(before, after, strict=True) if a in done and b is not a]
            assert [(a, b) for a, b in changed if b not in NODE_MOVES[a]] == []


def test_node_in_flight_is_under_way_or_being_undone(ways: list[Way]) -> None:
    for way in ways:
        statuses = node_statuses(way.run)
        expected = UNDER_WAY if way.run.undoing is None else {NodeStatus.SUCCEEDED}
        assert {statuses[node] for node in way.run.flights} <= expected


def test_only_what_has_started_and_not_ended_has_something_in_flight(ways: list[Way]) -> None:
    idle = [way for way in ways if way.run.status.is_terminal or way.run.status is ExecutionStatus.QUEUED]
    assert [way.occurrences for way in idle if way.run.flights] == []
    moved = [way for way in ways if way not in idle]
    assert [way.occurrences for way in moved if not any(news(way.run, node) for node in way.run.flights)] == []


def test_waiting_node_says_so(ways: list[Way]) -> None:
    for way in ways:
        for node, flight in way.run.flights.items():
            if flight.wait is not None and flight.wait is not Wait.RETRY:
                assert way.run.node_statuses[node] is NodeStatus.WAITING


def _onward(way: Way) -> Iterator[Way]:
    run = way.run
    for occurrence in [*(each for node in sorted(run.flights) for each in news(run, node)), *everything(run)]:
        if isinstance(occurrence, Reported | Accepted):
            continue
        with suppress(Conflict):
            following = _taken(way, occurrence)
            if following.run.sequence > run.sequence:
                yield following


def _taken(way: Way, occurrence: Occurrence) -> Way:
    events = decide(way.run, occurrence, 2).events
    if not events:
        return way
    run = deepcopy(way.run, {id(way.run.graph): way.run.graph})
    for event in events:
        apply(run, event)
    return Way(run, (*way.occurrences, occurrence))
