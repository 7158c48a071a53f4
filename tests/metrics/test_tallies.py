"""Counting of committed events: what is counted, and that names never get more than there may be."""

from __future__ import annotations

from penstock.engine.domain import limits
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.run import Flight, Run
from penstock.engine.runtime.tallies import OTHER, Tallies
from tests.domain.graphs import graph


def add(tallies: Tallies, flow: str, run: Run, *events: Event) -> None:
    tallies.of(flow, run.graph.names).add(events, run)


def test_a_node_that_succeeds_is_timed_from_the_start_of_its_attempt() -> None:
    tallies, run = Tallies(), Run(graph("boil -> steep"))
    add(tallies, "tea", run, Event(4, EventType.NODE_SUCCEEDED, 3_000, 0, 1, 2_000))
    node = next(iter(tallies.flows())).nodes["boil"]
    assert (node.success_count, node.times.histogram.count, node.times.histogram.sum) == (1, 1, 1_000)


def test_an_end_without_a_start_is_timed_from_what_is_on_record() -> None:
    tallies, run = Tallies(), Run(graph("boil -> steep"))
    run.flights[0] = Flight(since_us=1_000)
    add(tallies, "tea", run, Event(4, EventType.NODE_SUCCEEDED, 3_000, 0, 1))
    node = next(iter(tallies.flows())).nodes["boil"]
    assert (node.success_count, node.times.histogram.sum) == (1, 2_000)


def test_an_end_whose_start_nobody_knows_is_counted_and_not_timed() -> None:
    tallies, run = Tallies(), Run(graph("boil -> steep"))
    add(tallies, "tea", run, Event(4, EventType.NODE_SUCCEEDED, 3_000, 0, 1))
    node = next(iter(tallies.flows())).nodes["boil"]
    assert (node.success_count, node.times.histogram.count) == (1, 0)


def test_an_execution_is_timed_from_its_acceptance() -> None:
    tallies, run = Tallies(), Run(graph("boil -> steep"))
    run.create_us = 1_000
    add(tallies, "tea", run, Event(5, EventType.EXECUTION_FAILED, 4_000))
    flow = next(iter(tallies.flows()))
    assert (flow.counts[EventType.EXECUTION_FAILED], flow.times.histogram.sum) == (1, 3_000)


def test_versions_of_a_flow_count_together() -> None:
    tallies, run = Tallies(), Run(graph("boil -> steep"))
    for _ in range(2):
        events = (Event(1, EventType.EXECUTION_ACCEPTED, 1), Event(2, EventType.EXECUTION_STARTED, 1))
        tallies.of("tea", run.graph.names).accept(events, run)
    assert [(flow.name, flow.accepted_count) for flow in tallies.flows()] == [("tea", 2)]


def test_flows_beyond_the_limit_count_as_other() -> None:
    tallies = Tallies()
    for number in range(limits.METRIC_FLOWS_MAX + 5):
        tallies.of(f"flow_{number}", ["node"])
    flows = list(tallies.flows())
    assert len(flows) == limits.METRIC_FLOWS_MAX + 1
    assert (flows[-1].name, list(flows[-1].nodes)) == (OTHER, [OTHER])
    assert tallies.of("flow_0", ["node"]).flow.name == "flow_0"


def test_nodes_beyond_the_limit_count_as_other() -> None:
    tallies = Tallies()
    tallies.of("large", [f"node_{number}" for number in range(limits.METRIC_NODES_MAX + 5)])
    program = tallies.of("small", ["one", "two"])
    assert [node.name for node in program.nodes] == [OTHER, OTHER]
    assert sum(len(flow.nodes) for flow in tallies.flows()) == limits.METRIC_NODES_MAX + 2
