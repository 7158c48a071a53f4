"""What a change of an artifact does inside: its nodes, edges and packages, which no caller sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from penstock.wire.gen.artifact_pb2 import Artifact, Plan, PlannedEdge, PlannedNode


class GraphMove(IntEnum):
    """Numbers as in penstock.v1.GraphChange.Kind."""

    ADDED = 1
    REMOVED = 2
    CHANGED = 3


@dataclass(frozen=True, slots=True)
class GraphChange:
    """`subject` is "node price", "edge price -> charge" or "package orders"; `what` says what was and what is."""

    move: GraphMove
    subject: str
    what: str = ""


def compare_graphs(before: Artifact, after: Artifact) -> tuple[GraphChange, ...]:
    """Nodes, edges and packages that came, went or changed. Both artifacts are in the FULL view."""
    return tuple(
        change for was, now in zip(_parts(before), _parts(after), strict=True) for change in _changes(was, now)
    )


def _parts(artifact: Artifact) -> tuple[Mapping[str, str], ...]:
    """Nodes, edges and packages: subject -> all about it that matters, in words."""
    plan = artifact.plan
    return (
        {f"node {node.name}": _node(node) for node in plan.nodes},
        _edges(plan),
        {f"package {name}": digest[:12] for name, digest in sorted(artifact.packages.items())},
    )


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[GraphChange]:
    for subject, was in before.items():
        if subject not in after:
            yield GraphChange(GraphMove.REMOVED, subject, f"was {was}")
        elif after[subject] != was:
            yield GraphChange(GraphMove.CHANGED, subject, f"was {was} and is {after[subject]}")
    for subject, now in after.items():
        if subject not in before:
            yield GraphChange(GraphMove.ADDED, subject, f"is {now}")


def _node(node: PlannedNode) -> str:
    timeout = f"{node.timeout.ToMicroseconds() / 1_000_000:g} s"
    return f"{node.package}/{node.function} ({node.input_type} -> {node.output_type}, {timeout})"


def _edges(plan: Plan) -> dict[str, str]:
    """Edges between the same two nodes, if there are several, are one entry."""
    edges: dict[str, list[str]] = {}
    for edge in plan.edges:
        subject = f"edge {plan.nodes[edge.source].name} -> {plan.nodes[edge.target].name}"
        edges.setdefault(subject, []).append(_edge(edge))
    return {subject: ", and ".join(words) for subject, words in edges.items()}


def _edge(edge: PlannedEdge) -> str:
    when = f"when {edge.when}" if edge.HasField("when") else "otherwise" if edge.otherwise else "always"
    return f"{when}, mapped by {edge.transform}" if edge.HasField("transform") else when
