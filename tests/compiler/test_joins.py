"""Whether branches that run at once meet only at gates: what is accepted, and that no run proves it wrong."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.engine.compiler.checks import joins
from penstock.engine.compiler.graph import topological
from penstock.engine.compiler.message_files import merge
from penstock.engine.compiler.subject import Subject, make_subject
from penstock.wire.gen.flow_pb2 import Flow, FlowEdge, FlowNode, GatePolicy
from tests.compiler.shop import PACKAGES

FILES = merge(PACKAGES)
BARE, WHEN, OTHERWISE = "", "when", "otherwise"


def subject_of(edges: list[tuple[str, str, str]], gates: str = "") -> Subject:
    """A flow of nodes with one letter; those in `gates` are gates."""
    names = {name for source, target, _ in edges for name in (source, target)}
    flow = Flow(
        flow="f",
        nodes={n: FlowNode(gate=GatePolicy()) if n in gates else FlowNode(use="shop/round") for n in names},
        edges=[
            FlowEdge(**{"from": s, "to": t, "when": "true" if how == WHEN else None, "otherwise": how == OTHERWISE})
            for s, t, how in edges
        ],
    )
    return make_subject(flow, PACKAGES, {}, FILES)


def drawn(text: str) -> list[tuple[str, str, str]]:
    """Edges as text: "ab" is always taken, "ab?" when a condition holds, "ab:" otherwise."""
    marks = {"?": WHEN, ":": OTHERWISE}
    return [(word[0], word[1], marks.get(word[2:], BARE)) for word in text.split()]


@pytest.mark.parametrize(
    ("edges", "gates"),
    [
        ("ab bc cd", ""),
        ("ab? ac: bd cd", ""),
        ("ab? ac: bd? be: df ef cf fg", ""),
        ("ab ac bd cd", "d"),
        ("ab ac bd? be: df ef cg fg", "g"),
        # One branch after the gate goes two exclusive ways.
        ("ab ac bd cd de? df: eg fg", "d"),
        # A conditional edge past a gate that the other way leads through.
        ("ab? ah: bc bd ce de eh", "e"),
        # Three exclusive ways, one of them through a gate of its own.
        ("ab? ac? ad: be bf eg fg gh ch dh", "g"),
    ],
)
def test_flow_whose_branches_meet_rightly_is_accepted(edges: str, gates: str) -> None:
    assert list(joins.check(subject_of(drawn(edges), gates))) == []


@pytest.mark.parametrize(
    ("edges", "gates", "wrong"),
    [
        ("ab ac bd cd", "", ["d"]),
        ("ab? ac bd cd", "", ["d"]),
        ("ab ac bd? be: df ef cf", "", ["f"]),
        ("ab? ac: bd be df ef cf", "", ["f"]),
        # The conditions of two nodes are not held against each other.
        ("ab ac bd? be: cd? ce: df ef", "f", ["d", "e"]),
        ("ab ac bd cd ae df ef", "d", ["f"]),
        ("ab ab", "", ["b"]),
        ("ab ab?", "", ["b"]),
    ],
)
def test_branches_that_run_at_once_and_meet_at_no_gate_are_refused(edges: str, gates: str, wrong: list[str]) -> None:
    found = [problem.where for problem in joins.check(subject_of(drawn(edges), gates))]
    assert found == [f"node {name}" for name in wrong]


def test_node_on_a_cycle_is_not_judged() -> None:
    assert list(joins.check(subject_of(drawn("ab bc cb bd ad")))) == []


names = "abcdefgh"
graphs = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 7), st.sampled_from([BARE, WHEN, WHEN, OTHERWISE])).map(
        lambda drawn: (names[min(drawn[:2])], names[max(drawn[:2])], drawn[2])
    ),
    min_size=1,
    max_size=14,
).map(lambda edges: [edge for edge in edges if edge[0] != edge[1]])


@settings(max_examples=300)
@given(graphs, st.sets(st.sampled_from(names)).map(lambda gates: "".join(sorted(gates))), st.integers(0, 2**32))
def test_in_no_run_of_an_accepted_flow_two_edges_lead_to_a_node_that_is_no_gate(
    edges: list[tuple[str, str, str]], gates: str, seed: int
) -> None:
    subject = subject_of(edges, gates)
    if len(subject.entries) != 1:
        return
    wrong = {problem.where.removeprefix("node ") for problem in joins.check(subject)}
    for run in range(20):
        for name, count in taken_edges(subject, random.Random(seed + run)).items():
            assert count < 2 or name in gates or name in wrong


def taken_edges(subject: Subject, chance: random.Random) -> dict[str, int]:
    """How many edges led to each node in a run that went as chance would have it."""
    arrived = dict.fromkeys(subject.flow.nodes, 0)
    arrived[subject.entries[0]] = 1
    for name in topological(subject):
        if not arrived[name]:
            continue
        choices = [edge for edge in subject.outgoing[name] if edge.is_exclusive]
        chosen = chance.choice(choices) if choices else None
        for edge in subject.outgoing[name]:
            if edge is chosen or not edge.is_exclusive:
                arrived[edge.target] += 1
    return arrived


def test_wide_flow_is_judged_in_good_time() -> None:
    """The largest flow there can be: 5,000 edges between two halves of 500 nodes that run at once."""
    chance = random.Random(1)
    edges = [("root", f"s{i}", BARE) for i in range(499)]
    edges += [(f"s{i}", f"t{chance.randrange(500)}", BARE) for i in range(499) for _ in range(9)]
    assert len(list(joins.check(subject_of(edges)))) > 400
