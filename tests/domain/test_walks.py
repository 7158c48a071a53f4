"""Whatever happens in whatever order, an execution makes only the moves that are allowed and never stands still."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.engine.domain import occurrence as o
from penstock.engine.domain.artifact import Graph, Mode, Rules, Work
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType, expand
from penstock.engine.domain.fold import apply, fold
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import EXECUTION_MOVES, NODE_MOVES, Decision, ExecutionStatus, NodeStatus, Wait
from penstock.engine.domain.step import decide
from tests.domain.news import news, occurrences

STEPS_MAX = 40
POLICIES = [None, None, RetryPolicy(2, 2, retry_on=frozenset()), RetryPolicy(3, 1, retry_on=frozenset({"WRONG"}))]
PLACED = [Work.FUNCTION] * 5 + [Work.PAUSE, Work.SLEEP, Work.MAP, Work.FLOW]
UNDER_WAY = {NodeStatus.QUEUED, NodeStatus.RUNNING, NodeStatus.WAITING}
DONE = {NodeStatus.SUCCEEDED, NodeStatus.RECOVERED}


@dataclass(frozen=True, slots=True)
class Walk:
    """A run, and every event that is recorded of it."""

    run: Run
    log: list[Event] = field(default_factory=list)

    @property
    def whole_log(self) -> list[Event]:
        return list(expand(self.log, 0))


@st.composite
def chains(draw: st.DrawFn) -> Graph:
    """A pipeline's flow: a chain of up to six nodes; those before the pipeline may choose to go past it."""
    count = draw(st.integers(1, 6))
    pipeline = draw(st.integers(0, count - 1))
    successors, rules = [], []
    for node in range(count):
        ahead = list(range(node + 1, count))
        shortcuts = draw(st.sets(st.sampled_from(ahead))) if ahead else set()
        targets = shortcuts | set(ahead[:1])
        successors.append(tuple(sorted(targets)))
        choices = frozenset(targets) if len(targets) > 1 else frozenset()
        rules.append(Rules(choices=choices, retries=draw(st.sampled_from(POLICIES))))
    return Graph(tuple("abcdef"[:count]), tuple(successors), 0, count - 1, Mode.PIPELINE, pipeline, tuple(rules))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to nine nodes of every kind: one entry, one terminal, and a gate wherever branches meet."""
    count = draw(st.integers(1, 9))
    edges: list[set[int]] = [set() for _ in range(count)]
    for node in range(1, count):
        edges[draw(st.integers(max(0, node - 3), node - 1))].add(node)
    for node in range(count - 1):
        ahead = list(range(node + 1, count))
        if not edges[node]:
            edges[node].add(draw(st.sampled_from(ahead)))
        edges[node] |= draw(st.sets(st.sampled_from(ahead), max_size=1))
    incoming = [sum(node in targets for targets in edges) for node in range(count)]
    read = draw(st.sets(st.integers(0, count - 1)))
    rules = []
    for node in range(count):
        is_gate = incoming[node] > 1
        work = Work.GATE if is_gate else draw(st.sampled_from(PLACED))
        can_fail = work not in (Work.GATE, Work.PAUSE, Work.SLEEP)
        is_function = work is Work.FUNCTION
        rules.append(
            Rules(
                work=work,
                choices=frozenset(draw(st.sets(st.sampled_from(sorted(edges[node]))))) if edges[node] else frozenset(),
                required=draw(st.integers(1, incoming[node])) if is_gate else 0,
                retries=draw(st.sampled_from(POLICIES)) if can_fail else None,
                fallback=draw(st.sampled_from(POLICIES)) if is_function or work is Work.MAP else None,
                undo=draw(st.sampled_from(POLICIES)) if can_fail else None,
                wait_us=draw(st.sampled_from([0, 50])) if work is Work.PAUSE else 5,
                on_timeout=draw(st.sampled_from([Decision.APPROVED, Decision.REJECTED, Decision.EXPIRED])),
                is_read=node in read,
                min_successes=draw(st.sampled_from([-1, -1, 0, 2])),
                min_success_ratio=draw(st.sampled_from([1.0, 0.5])),
            )
        )
    return Graph(
        tuple("abcdefghi"[:count]),
        tuple(tuple(sorted(targets)) for targets in edges),
        0,
        count - 1,
        Mode.UNARY,
        rules=tuple(rules),
        deadline_us=draw(st.sampled_from([0, 1000])),
        finish_branches=draw(st.booleans()),
        compensate_on_cancel=draw(st.booleans()),
    )


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    """An execution and what happened to it, each step checked by `take`."""
    walk = Walk(Run(draw(st.one_of(graphs(), graphs(), graphs(), chains()))))
    take(walk, o.Accepted(draw(st.integers(0, 3)) > 0), 1)
    for time_us in range(2, draw(st.integers(6, STEPS_MAX)) + 1):
        take(walk, draw(occurrences(walk.run)), time_us)
    return walk


def take(walk: Walk, occurrence: o.Occurrence, at_us: int) -> None:
    """Decides and applies. Checks purity, sequences, refusals, and that what is recorded is what is lived."""
    run = walk.run
    before = deepcopy(run, {id(run.graph): run.graph})
    try:
        step = decide(run, occurrence, at_us)
    except Conflict:
        assert run == before
        check_conflict(run, occurrence, at_us)
        return
    except ValueError:
        assert isinstance(occurrence, o.Accepted) and run.sequence > 0
        return
    assert run == before, "deciding changed the run"
    sequences = [event.sequence for event in expand(step.events, run.sequence)]
    assert sequences == list(range(run.sequence + 1, run.sequence + 1 + len(sequences)))
    for event in step.events:
        assert not run.status.is_terminal, "an event after the end"
        apply(run, event)
    walk.log.extend(step.events)
    assert fold(run.graph, walk.log) == run
    assert step.is_end is (run.status.is_terminal and not before.status.is_terminal)
    check_starts(before, run, step.start, step.is_general or step.is_end)
    check_stands(run)


def check_conflict(run: Run, occurrence: o.Occurrence, at_us: int) -> None:
    ends = run.status.is_terminal or run.undoing is not None
    match occurrence:
        case o.CancelRequested():
            assert ends
        case o.SignalReceived():
            assert ends or run.status is ExecutionStatus.QUEUED
        case o.PauseDecided(node):
            assert (
                node not in run.flights
                or run.flights[node].wait is None
                or run.graph.rules[node].work is not Work.PAUSE
            )
        case o.RetryRequested(node):
            flights = run.flights.values() if node < 0 else filter(None, [run.flights.get(node)])
            assert not any(flight.wait is Wait.RETRY and flight.due_us > at_us for flight in flights)
        case _:
            raise AssertionError(f"{occurrence} is never refused")


def check_starts(before: Run, run: Run, start: int, is_general: bool) -> None:
    """A step that is not general starts `start` and nothing else, and moves no wait."""
    if is_general:
        assert start == -1
        return
    waits = {node: (flight.wait, flight.due_us) for node, flight in run.flights.items()}
    waited = {node: (flight.wait, flight.due_us) for node, flight in before.flights.items()}
    started = {node for node in waits if waits[node][0] is None and node not in waited}
    assert started == ({start} if start >= 0 else set())
    assert {node: waits[node] for node in waits if node not in started}.items() <= waited.items()


def check_stands(run: Run) -> None:
    """What has not ended has something in flight that can move it; what has ended has nothing under way."""
    statuses = node_statuses(run)
    if run.status.is_terminal:
        assert not run.flights
        assert UNDER_WAY.isdisjoint(statuses)
        if run.status is ExecutionStatus.COMPLETED and run.graph.mode is Mode.UNARY:
            assert statuses[run.graph.terminal] is NodeStatus.SUCCEEDED
            assert run.output is not None
        return
    if run.status is ExecutionStatus.QUEUED:
        assert not run.flights
        return
    movers = [each for node in run.flights for each in news(run, node)]
    assert movers, "nothing can move it any more"
    if run.undoing is not None:
        assert run.status is ExecutionStatus.COMPENSATING and len(run.flights) == 1
        return
    for node in run.flights:
        assert statuses[node] in UNDER_WAY
        if node != run.graph.entry and run.graph.rules[node].work is not Work.GATE:
            (source,) = (p for p in run.graph.predecessors[node] if is_from(run, p, node))
            assert run.outputs[source] is not None, "what the node gets is forgotten"
    for node, rules in enumerate(run.graph.rules):
        if rules.undo is not None and statuses[node] in DONE:
            assert run.completed is not None and node in run.completed and run.outputs[node] is not None


def is_from(run: Run, source: int, node: int) -> bool:
    is_chosen = node not in run.graph.rules[source].choices or (run.branches or {}).get(source) == node
    return run.node_statuses[source] in DONE and is_chosen


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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_makes_only_allowed_moves(walk: Walk) -> None:
    execution, nodes = moves(walk)
    assert [(a, b) for a, b in pairwise(execution) if b not in EXECUTION_MOVES[a]] == []
    assert [(a, b) for way in nodes for a, b in pairwise(way) if b not in NODE_MOVES[a]] == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(walks())
def test_log_of_a_random_walk_folds_to_one_run_with_and_without_its_implied_starts(walk: Walk) -> None:
    graph = walk.run.graph
    stored = [event._replace(payload=None) if event.type is EventType.FRAME_EMITTED else event for event in walk.log]
    assert fold(graph, stored) == walk.run
    assert fold(graph, walk.whole_log) == walk.run


@settings(max_examples=100, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_starts_each_attempt_once_and_no_node_after_its_end(walk: Walk) -> None:
    starts, done = set(), set()
    for event in walk.whole_log:
        if event.type is EventType.NODE_STARTED:
            assert (event.node, event.attempt) not in starts
            assert event.node not in done
            starts.add((event.node, event.attempt))
        elif event.type in (EventType.NODE_SUCCEEDED, EventType.NODE_SKIPPED):
            assert event.node not in done
            done.add(event.node)
    assert walk.run.attempt_count == len(starts)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_ends_at_most_once_and_with_its_last_event(walk: Walk) -> None:
    ends = [event for event in walk.log if event.type in TERMINAL_EVENTS]
    assert ends == (walk.log[-1:] if walk.run.status.is_terminal else [])
    assert [event.attempt for event in ends] == [walk.run.attempt_count] * len(ends)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(walks())
def test_random_walk_numbers_frames_without_a_gap(walk: Walk) -> None:
    count = 0
    for event in walk.log:
        if event.type is EventType.FRAME_EMITTED:
            assert event.frame_index == count
            count += 1
        elif event.type is EventType.FRAMES_ROLLED_BACK:
            assert event.frame_index < count
            count = event.frame_index
    assert walk.run.frame_count == count


@settings(max_examples=100, deadline=None, derandomize=True)
@given(walks())
def test_nodes_of_a_random_walk_are_undone_newest_first_and_each_once(walk: Walk) -> None:
    undo = [rules.undo is not None for rules in walk.run.graph.rules]
    done = [event.node for event in walk.log if event.type is EventType.NODE_SUCCEEDED and undo[event.node]]
    tried = (EventType.NODE_COMPENSATED, EventType.COMPENSATION_FAILED)
    undone = [event.node for event in walk.log if event.type in tried]
    assert undone == done[::-1][: len(undone)]
    is_whole = walk.run.status.is_terminal and walk.run.undoing is not None
    assert len(undone) == len(done) or not is_whole


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data(), st.one_of(graphs(), chains()))
def test_run_that_is_only_moved_on_comes_to_its_end(data: st.DataObject, graph: Graph) -> None:
    walk = Walk(Run(graph))
    take(walk, o.Accepted(True), 1)
    for time_us in range(2, 400):
        if walk.run.status.is_terminal:
            return
        ahead = [each for node in sorted(walk.run.flights) for each in news(walk.run, node) if leads_on(walk.run, each)]
        take(walk, data.draw(st.sampled_from(ahead)), time_us)
    raise AssertionError("it goes on for ever")


def leads_on(run: Run, occurrence: o.Occurrence) -> bool:
    """Whether a run can see it only so often."""
    if isinstance(occurrence, o.NodeStarted):
        return not run.has_start(occurrence.node)
    if isinstance(occurrence, o.PolicyDecided):
        # Before a node it would decide again and again.
        return occurrence.completed is not None
    return not isinstance(occurrence, o.Reported | o.SignalAwaited | o.FramesEmitted)
