"""Whatever happens in whatever order, an execution makes only the moves that are allowed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.engine.domain.artifact import Graph, Mode
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType, expand
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.fold import apply, fold
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
from penstock.engine.domain.states import EXECUTION_MOVES, NODE_MOVES, ExecutionStatus, NodeStatus
from penstock.engine.domain.step import decide

STEPS_MIN, STEPS_MAX = 6, 30
# What leads on is more frequent than what ends the run.
KINDS: tuple[type, ...] = (*get_args(Occurrence), *(NodeCompleted, NodeIsSlow, FramesEmitted, TakenOver) * 4)


@dataclass(frozen=True, slots=True)
class Walk:
    """A run, and every event that is recorded of it."""

    run: Run
    log: list[Event] = field(default_factory=list)

    @property
    def whole_log(self) -> list[Event]:
        return list(expand(self.log, 0))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A chain of up to six nodes with shortcuts: one entry, one terminal, every node between them."""
    count = draw(st.integers(1, 6))
    successors = []
    for node in range(count):
        ahead = range(node + 1, count)
        shortcuts = draw(st.sets(st.sampled_from(ahead))) if ahead else set()
        successors.append(tuple(sorted(shortcuts | set(ahead[:1]))))
    names = tuple("abcdef"[:count])
    mode = draw(st.sampled_from(Mode))
    pipeline = draw(st.integers(0, count - 1)) if mode is Mode.PIPELINE else -1
    return Graph(names, tuple(successors), 0, count - 1, mode, pipeline)


@st.composite
def occurrences(draw: st.DrawFn, run: Run) -> Occurrence:
    """Anything that can happen, mostly to the node in flight."""
    graph = run.graph
    is_stale = run.node < 0 or draw(st.integers(0, 4)) == 4
    node = draw(st.integers(0, len(graph.names) - 1)) if is_stale else run.node
    failure = Failure("BOOM", "it broke", node=graph.names[node], attempt=1)
    kind = draw(st.sampled_from(KINDS))
    if kind is NodeCompleted:
        return NodeCompleted(node, 1, b"out", draw(st.sampled_from([*graph.successors[node] * 3, -1])))
    if kind is FramesEmitted:
        behind = sorted(reachable(graph, node) - {node})
        through = draw(st.sets(st.sampled_from(behind))) if behind else set()
        return FramesEmitted(node, 1, (b"x",) * draw(st.integers(1, 2)), tuple(sorted(through)))
    others: dict[type, Occurrence] = {
        PipelineCompleted: PipelineCompleted(node, 1),
        NodeIsSlow: NodeIsSlow(node, 1),
        NodeFailed: NodeFailed(node, 1, failure),
        NodeTimedOut: NodeTimedOut(node, 1, failure),
        TakenOver: TakenOver("process-2"),
        PlaceFound: PlaceFound(),
        CancelRequested: CancelRequested("enough"),
        Accepted: Accepted(True),
    }
    return others[kind]


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    """An execution and what happened to it, each step checked by `take`."""
    walk = Walk(Run(draw(graphs())))
    take(walk, Accepted(draw(st.integers(0, 3)) > 0), 1)
    for time_us in range(2, draw(st.integers(STEPS_MIN, STEPS_MAX)) + 1):
        take(walk, draw(occurrences(walk.run)), time_us)
    return walk


def take(walk: Walk, occurrence: Occurrence, at_us: int) -> None:
    """Decides and applies. Checks purity, sequences, and that the only refusals are the two that are meant."""
    run = walk.run
    before = replace(run)
    before.node_statuses = list(run.node_statuses)
    try:
        step = decide(run, occurrence, at_us)
    except Conflict:
        assert isinstance(occurrence, CancelRequested) and run.status.is_terminal
        return
    except ValueError:
        assert isinstance(occurrence, Accepted) and run.sequence > 0
        return
    assert run == before
    sequences = [event.sequence for event in expand(step.events, run.sequence)]
    assert sequences == list(range(run.sequence + 1, run.sequence + 1 + len(sequences)))
    for event in step.events:
        apply(run, event)
    walk.log.extend(step.events)
    assert step.start in (-1, run.node)
    assert step.is_end is (run.status.is_terminal and not before.status.is_terminal)


def moves(walk: Walk) -> tuple[list[ExecutionStatus], list[list[NodeStatus]]]:
    """The statuses of the execution and of each node, one behind the other, without standing still."""
    run = Run(walk.run.graph)
    execution, nodes = [run.status], [[status] for status in run.node_statuses]
    for event in walk.whole_log:
        apply(run, event)
        if run.status is not execution[-1]:
            execution.append(run.status)
        for way, status in zip(nodes, run.node_statuses, strict=True):
            if status is not way[-1]:
                way.append(status)
    for way, status in zip(nodes, node_statuses(run), strict=True):
        if status is not way[-1]:
            way.append(status)
    return execution, nodes


@settings(max_examples=150, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_makes_only_allowed_moves(walk: Walk) -> None:
    execution, nodes = moves(walk)
    assert [b for a, b in pairwise(execution) if b not in EXECUTION_MOVES[a]] == []
    assert [b for way in nodes for a, b in pairwise(way) if b not in NODE_MOVES[a]] == []


@settings(max_examples=150, deadline=None, derandomize=True)
@given(walks())
def test_events_of_a_random_walk_fold_to_its_run(walk: Walk) -> None:
    assert fold(walk.run.graph, walk.log) == walk.run


@settings(max_examples=150, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_starts_each_attempt_once_and_no_node_after_its_output(walk: Walk) -> None:
    starts, done = set(), set()
    for event in walk.whole_log:
        if event.type is EventType.NODE_STARTED:
            assert (event.node, event.attempt) not in starts
            assert event.node not in done
            starts.add((event.node, event.attempt))
        elif event.type is EventType.NODE_SUCCEEDED:
            done.add(event.node)
    assert walk.run.attempt_count == len(starts)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_ends_at_most_once_and_with_its_last_event(walk: Walk) -> None:
    ends = [event for event in walk.log if event.type in TERMINAL_EVENTS]
    assert ends == (walk.log[-1:] if walk.run.status.is_terminal else [])
    assert [event.attempt for event in ends] == [walk.run.attempt_count] * len(ends)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_numbers_frames_without_a_gap(walk: Walk) -> None:
    frames = [event.frame_index for event in walk.log if event.type is EventType.FRAME_EMITTED]
    assert frames == list(range(walk.run.frame_count))
