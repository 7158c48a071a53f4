"""What a change of an artifact does inside: its nodes, edges and packages, which no caller sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from google.protobuf.text_format import MessageToString

from penstock.wire.gen.artifact_pb2 import Artifact, Plan, PlannedEdge, PlannedNode

_SAID = ("name", "package", "function", "pipeline", "input_type", "output_type", "timeout", "flow")
"""Fields of a node that are words of their own, or follow from others."""


class GraphMove(IntEnum):
    """Numbers as in penstock.v1.GraphChange.Kind."""

    ADDED = 1
    REMOVED = 2
    CHANGED = 3


@dataclass(frozen=True, slots=True)
class GraphChange:
    """`subject` is "flow", "node price", "edge price -> charge" or "package orders".

    `what` says what was and what is.
    """

    move: GraphMove
    subject: str
    what: str = ""


def compare_graphs(before: Artifact, after: Artifact) -> tuple[GraphChange, ...]:
    """The flow itself, its nodes, edges and packages that came, went or changed.

    Both artifacts are in the FULL view.
    """
    return tuple(
        change for was, now in zip(_parts(before), _parts(after), strict=True) for change in _changes(was, now)
    )


def _parts(artifact: Artifact) -> tuple[Mapping[str, str], ...]:
    """The whole, nodes, edges and packages: subject -> all about it that matters, in words."""
    plan = artifact.plan
    return (
        {"flow": _whole(plan)},
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
    work = f"{node.package}/{node.function}"
    if not node.function:
        work = f"flow {node.flow}" if node.HasField("flow") else str(node.WhichOneof("kind"))
    timeout = f", {node.timeout.ToMicroseconds() / 1_000_000:g} s" if node.function else ""
    rest = PlannedNode()
    rest.CopyFrom(node)
    for field in _SAID:
        rest.ClearField(field)
    if rest.HasField("gate"):
        rest.gate.ClearField("reads")  # places in the plan, which other nodes move
    more = MessageToString(rest, as_one_line=True)
    return f"{work} ({node.input_type} -> {node.output_type}{timeout})" + (f" with {more}" if more else "")


def _whole(plan: Plan) -> str:
    deadline = f"{plan.deadline.ToMicroseconds() / 1_000_000:g} s" if plan.HasField("deadline") else "none"
    failure = "branches finish" if plan.finish_branches else "at once"
    undone = "yes" if plan.compensate_on_cancel else "no"
    return f"deadline {deadline}, failure {failure}, compensated on cancel {undone}"


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
