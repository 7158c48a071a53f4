"""Turns a checked flow into the plan that the engine runs."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.order import topological
from penstock.engine.compiler.subject import Edge, Subject, split_use
from penstock.engine.domain import limits
from penstock.wire.gen.artifact_pb2 import Plan, PlannedEdge, PlannedNode
from penstock.wire.gen.package_pb2 import PackageNode


def make_plan(subject: Subject) -> Plan:
    """The plan of a flow without problems. Equal flows have equal plans, whatever order their maps are in."""
    order = topological(subject)
    index = {name: place for place, name in enumerate(order)}
    return Plan(
        nodes=[_node(subject, name) for name in order],
        edges=[_edge(subject, edge, index) for name in order for edge in subject.outgoing[name]],
        entry=index[subject.entries[0]],
        terminal=index[subject.terminals[0]],
    )


def _node(subject: Subject, name: str) -> PlannedNode:
    placed, function = subject.flow.nodes[name], subject.functions[name]
    package, function_name = split_use(placed.use)
    return PlannedNode(
        name=name,
        package=package,
        function=function_name,
        pipeline=function.type == PackageNode.Type.PIPELINE,
        input_type=function.input,
        output_type=function.output,
        timeout=_timeout(placed.timeout if placed.HasField("timeout") else None, function),
    )


def _timeout(placed: Duration | None, function: PackageNode) -> Duration:
    if placed is not None:
        return placed
    if function.HasField("timeout"):
        return function.timeout
    return Duration(seconds=int(limits.NODE_TIMEOUT_S_DEFAULT))


def _edge(subject: Subject, edge: Edge, index: dict[str, int]) -> PlannedEdge:
    planned = PlannedEdge(source=index[edge.source], target=index[edge.target], otherwise=edge.otherwise)
    if edge.when is not None:
        planned.when = edge.when
    if edge.map:
        source, target = subject.functions[edge.source], subject.functions[edge.target]
        planned.transform = subject.expressions[source.output].transform(target.input, edge.map).text
    return planned
