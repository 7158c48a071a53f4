"""Every way that a small execution can go: what random walks might miss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.fold import apply
from penstock.engine.domain.frontier import node_statuses, reachable
from penstock.engine.domain.occurrence import (
    Accepted,
    CancelRequested,
    FramesEmitted,
    NodeCompleted,
    NodeFailed,
    NodeIsSlow,
    NodeTimedOut,
    Occurrence,
    PipelineCompleted,
    PlaceFound,
    TakenOver,
)
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NODE_MOVES, ExecutionStatus, NodeStatus
from penstock.engine.domain.step import decide
from tests.domain.graphs import graph

DEPTH = 9
FLOWS = [
    graph("a"),
    graph("a -> b"),
    graph("a -> b -> d, a -> c -> d"),
    graph("p -> b", "p"),
    graph("a -> p -> c, a -> b -> c", "p"),
]
UNDER_WAY = {NodeStatus.QUEUED, NodeStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class Way:
    """A run and the occurrences that changed it."""

    run: Run
    occurrences: tuple[Occurrence, ...] = ()

    @property
    def place(self) -> tuple[object, ...]:
        """Where the run stands, whatever led there."""
        run = self.run
        return run.status, run.node, run.attempt, run.is_start_recorded, run.frame_count, tuple(run.node_statuses)


@pytest.fixture(scope="module", params=FLOWS, ids=lambda flow: "-".join(flow.names))
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
    return list(found.values())


def test_every_status_is_on_the_way(ways: list[Way]) -> None:
    assert {way.run.status for way in ways} == set(ExecutionStatus)


def test_no_node_is_under_way_after_the_end(ways: list[Way]) -> None:
    ended = [way for way in ways if way.run.status.is_terminal]
    assert [way.occurrences for way in ended if not UNDER_WAY.isdisjoint(node_statuses(way.run))] == []


def test_node_that_is_done_stays_as_it_is(ways: list[Way]) -> None:
    done = [status for status in NodeStatus if not NODE_MOVES[status]]
    for way in ways:
        before = node_statuses(way.run)
        for following in _onward(way):
            after = node_statuses(following.run)
            assert [b for a, b in zip(before, after, strict=True) if a in done and b is not a] == []


def test_node_in_flight_can_be_reached_and_is_not_done(ways: list[Way]) -> None:
    in_flight = [way for way in ways if way.run.node >= 0]
    assert {node_statuses(way.run)[way.run.node] for way in in_flight} == UNDER_WAY


def test_only_what_runs_or_waits_has_a_node_in_flight(ways: list[Way]) -> None:
    assert [way.occurrences for way in ways if way.run.status.is_terminal is not (way.run.node < 0)] == []


def _onward(way: Way) -> Iterator[Way]:
    for occurrence in _possible(way.run.graph):
        with suppress(Conflict):
            following = _taken(way, occurrence)
            if following.run.sequence > way.run.sequence:
                yield following


def _taken(way: Way, occurrence: Occurrence) -> Way:
    run = replace(way.run)
    run.node_statuses = list(way.run.node_statuses)
    for event in decide(way.run, occurrence, 2).events:
        apply(run, event)
    return Way(run, (*way.occurrences, occurrence))


def _possible(flow: Graph) -> Iterator[Occurrence]:
    yield PlaceFound()
    yield TakenOver("process-2")
    yield CancelRequested("enough")
    for node, name in enumerate(flow.names):
        failure = Failure("BOOM", "it broke", node=name, attempt=1)
        behind = tuple(sorted(reachable(flow, node) - {node}))
        yield NodeIsSlow(node, 1)
        yield NodeFailed(node, 1, failure)
        yield NodeTimedOut(node, 1, failure)
        yield FramesEmitted(node, 1, (b"x",), behind)
        yield PipelineCompleted(node, 1)
        yield from (NodeCompleted(node, 1, b"out", branch) for branch in (*flow.successors[node], -1))
