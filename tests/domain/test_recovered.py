"""Wherever an execution stopped, another one goes on from there: nothing twice, nothing left out."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from penstock.engine.domain import occurrence as o
from penstock.engine.domain.artifact import Graph, Work
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType
from penstock.engine.domain.policy import Action
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import Decision, ExecutionStatus, NodeStatus
from penstock.engine.domain.step import decide
from penstock.engine.runtime.origin import Origin, origin_of
from tests.domain.graphs import graph
from tests.domain.news import news
from tests.domain.test_walks import DONE, Walk, chains, graphs, leads_on, take, walks

STARTS = (EventType.NODE_STARTED, EventType.NODE_WAITING, EventType.NODE_SUCCEEDED, EventType.NODE_SKIPPED)
STEPS_MAX = 400


@st.composite
def stopped(draw: st.DrawFn) -> Walk:
    """An execution that ended without completing, after whatever happened to it."""
    walk = draw(walks())
    for _ in range(STEPS_MAX):
        if walk.run.status.is_terminal:
            break
        # Those that are undone take a step each.
        undoing = [each for node in sorted(walk.run.flights) for each in news(walk.run, node)]
        take(walk, draw(st.sampled_from(undoing)) if walk.run.undoing is not None else o.CancelRequested("enough"), 50)
    assert walk.run.status.is_terminal
    assume(walk.run.status is not ExecutionStatus.COMPLETED)
    return walk


def origin(walk: Walk) -> Origin:
    return origin_of(walk.run.graph, [event for event in walk.log if event.type not in TERMINAL_EVENTS])


def recovered(walk: Walk) -> tuple[Origin, Walk]:
    """What an execution leaves to one that goes on from it, and that one as it is accepted."""
    begun, again = origin(walk), Walk(Run(walk.run.graph))
    take(again, o.Accepted(True, begun.recovered, begun.items), 1)
    return begun, again


def finish(data: st.DataObject, walk: Walk) -> None:
    """Has it go on until it ends, and nothing fail."""
    for time_us in range(2, STEPS_MAX):
        if walk.run.status.is_terminal:
            return
        ahead = [each for node in sorted(walk.run.flights) for each in news(walk.run, node)]
        take(walk, data.draw(st.sampled_from([each for each in ahead if is_well(walk.run, each)])), time_us)
    raise AssertionError("it goes on for ever")


def is_well(run: Run, occurrence: o.Occurrence) -> bool:
    """Whether it leads on and nothing is lost by it."""
    match occurrence:
        case o.NodeCompleted(node, branch=branch):
            return branch >= 0 or bool(run.graph.taken(node, branch)) or node == run.graph.terminal
        case o.PauseDecided(node, decision, branch=branch):
            leads = branch >= 0 or bool(run.graph.taken(node, branch)) or node == run.graph.terminal
            return leads and decision in (Decision.APPROVED, Decision.RESUMED)
        case o.PolicyDecided(completed=completed, rulings=rulings):
            # Before a node it would decide again and again.
            return completed is not None and rulings[-1].action is not Action.BLOCK and is_well(run, completed)
        case o.NodeFailed() | o.NodeTimedOut() | o.ItemFailed() | o.NotUndone():
            return False
    return leads_on(run, occurrence)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.data(), stopped())
def test_recovered_run_completes_when_nothing_fails_and_runs_nothing_twice(data: st.DataObject, walk: Walk) -> None:
    begun, again = recovered(walk)
    finish(data, again)
    assert again.run.status is ExecutionStatus.COMPLETED, again.run.failure
    done = {each.node for each in begun.recovered}
    twice = [event for event in again.log if event.type in STARTS and event.node in done]
    assert twice == []
    items = [(event.node, event.frame_index) for event in again.log if event.type is EventType.ITEM_SUCCEEDED]
    assert len(items) == len(set(items))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(stopped())
def test_what_is_recovered_had_its_output_and_so_had_all_before_it(walk: Walk) -> None:
    begun, again = recovered(walk)
    done = [each.node for each in begun.recovered]
    outputs = {event.node: event for event in walk.log if event.type is EventType.NODE_SUCCEEDED}
    assert [(each.output, each.branch) for each in begun.recovered] == [
        (outputs[node].payload, outputs[node].branch) for node in done
    ]
    assert all(walk.run.node_statuses[node] is NodeStatus.SUCCEEDED for node in done)
    assert done == sorted(done)
    assert set(done) == {node for node, status in enumerate(again.run.node_statuses) if status in DONE}
    assert EventType.NODE_SUCCEEDED not in {event.type for event in again.log}


@settings(max_examples=50, deadline=None, derandomize=True)
@given(stopped())
def test_what_a_recovered_run_leaves_is_what_it_began_with(walk: Walk) -> None:
    begun, again = recovered(walk)
    left = origin(again)
    assert (left.recovered, left.items) == (begun.recovered, begun.items)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data(), stopped())
def test_run_that_is_recovered_twice_keeps_what_both_did(data: st.DataObject, walk: Walk) -> None:
    begun, again = recovered(walk)
    for time_us in range(2, data.draw(st.integers(2, 12))):
        ahead = [each for node in sorted(again.run.flights) for each in news(again.run, node)]
        well = [each for each in ahead if is_well(again.run, each)]
        if well and not again.run.status.is_terminal:
            take(again, data.draw(st.sampled_from(well)), time_us)
    assume(again.run.status is not ExecutionStatus.COMPLETED)
    kept = {each.node for each in origin(again).recovered}
    stream = set() if again.run.graph.pipeline < 0 else {again.run.graph.pipeline, again.run.graph.terminal}
    assert kept >= {each.node for each in begun.recovered} - stream
    _, third = recovered(again)
    finish(data, third)
    assert third.run.status is ExecutionStatus.COMPLETED


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data(), st.one_of(graphs(), chains()))
def test_fork_has_what_led_to_its_node_and_runs_the_rest(data: st.DataObject, flow: Graph) -> None:
    walk = Walk(Run(flow))
    take(walk, o.Accepted(True), 1)
    finish(data, walk)
    node = data.draw(st.integers(0, len(flow.names) - 1))
    before = {each for each in range(len(flow.names)) if node in reaches(flow, each)}
    log = [event for event in walk.log if event.type not in TERMINAL_EVENTS]
    begun = origin_of(flow, log, before)
    done = {each.node for each in begun.recovered}
    assert done <= before
    assume(node in done and node != flow.terminal)
    again = Walk(Run(flow))
    take(again, o.Accepted(True, begun.recovered), 1)
    finish(data, again)
    assert again.run.status is ExecutionStatus.COMPLETED
    assert [event for event in again.log if event.type in STARTS and event.node in done] == []


def reaches(flow: Graph, node: int) -> set[int]:
    return {node}.union(*(reaches(flow, target) for target in flow.successors[node]))


def test_pipeline_gives_its_frames_anew() -> None:
    flow = graph("a -> p -> b", "p")
    walk = Walk(Run(flow))
    for time_us, each in enumerate(
        [
            o.Accepted(True),
            o.NodeCompleted(0, 1, b"A", 1),
            o.FramesEmitted(1, 2, (b"x", b"y"), (2,)),
            o.CancelRequested(""),
        ],
        1,
    ):
        take(walk, each, time_us)
    begun, again = recovered(walk)
    assert begun.recovered == (o.Recovered(0, b"A", 1),)
    assert (again.run.frame_count, set(again.run.flights)) == (0, {1})


def test_node_that_took_no_branch_runs_again() -> None:
    walk = Walk(Run(graph("a -> b ?> c -> e, b ?> d -> e", "", ["gate e any"])))
    names = walk.run.graph.names
    for time_us, each in enumerate(
        [o.Accepted(True), o.NodeCompleted(0, 1, b"A", 1), o.NodeCompleted(names.index("b"), 2, b"B", -1)], 1
    ):
        take(walk, each, time_us)
    assert walk.run.failure is not None
    assert walk.run.failure.code == "NO_BRANCH_TAKEN"
    begun, again = recovered(walk)
    assert [names[each.node] for each in begun.recovered] == ["a"]
    assert [names[node] for node in again.run.flights] == ["b"]


def test_acceptance_of_a_recovered_run_is_one_step() -> None:
    flow = graph("a -> b -> d, a -> c -> d", "", ["gate d all", "map c"])
    a, b, c = (flow.names.index(name) for name in "abc")
    begun = (o.Recovered(a, b"A", -1), o.Recovered(b, b"B", flow.terminal))
    step = decide(Run(flow), o.Accepted(True, begun, (o.RecoveredItems(c, 3, ((0, b"x"), (2, b"z"))),)), 9)
    assert [(event.sequence, event.type.name, event.node, event.frame_index) for event in step.events] == [
        (1, "EXECUTION_ACCEPTED", -1, -1),
        (2, "EXECUTION_STARTED", -1, -1),
        (3, "NODE_RECOVERED", a, -1),
        (4, "NODE_RECOVERED", b, -1),
        (5, "NODE_WAITING", flow.terminal, -1),
        (6, "NODE_STARTED", c, -1),
        (7, "ITEM_SUCCEEDED", c, 0),
        (8, "ITEM_SUCCEEDED", c, 2),
    ]
    assert step.is_general
    assert flow.rules[c].work is Work.MAP
    assert isinstance(step.events[0], Event)
