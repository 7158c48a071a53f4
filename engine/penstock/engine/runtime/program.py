"""An artifact made ready to run: its graph with the code of its nodes and the expressions of its edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.protobuf.message import Message

from penstock.engine.domain.artifact import Graph, Mode
from penstock.engine.nodes.package import LoadedPackage
from penstock.wire.expressions import Condition, Expressions, Transform
from penstock.wire.gen.artifact_pb2 import Artifact, PlannedEdge, PlannedNode
from penstock.wire.typed import service_descriptors
from penstock.wire.types import TypePool


@dataclass(frozen=True, slots=True)
class BoundNode:
    """A placed node and its code."""

    index: int
    name: str
    is_pipeline: bool
    is_async: bool
    timeout_us: int
    function: Callable[[Any], Any]
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


class _Edge:
    """One edge: whether it is taken, and what it hands on."""

    __slots__ = ("condition", "target", "transform")

    def __init__(self, target: int, condition: Condition | None, transform: Transform | None) -> None:
        self.target = target
        self.condition = condition
        self.transform = transform


class Program:
    """Immutable like the artifact behind it; shared by all executions of it in this process."""

    def __init__(self, artifact: Artifact, packages: Mapping[str, LoadedPackage]) -> None:
        """`packages` by name, each in the version that the artifact names."""
        plan = artifact.plan
        self.artifact = artifact
        self.summary = summary_of(artifact)
        self.graph_id = artifact.graph_id
        self.mode = Mode(artifact.mode)
        self.types = TypePool(artifact.descriptors)
        self.input_class = self.types.message(artifact.input_type)
        self.output_class = self.types.message(artifact.output_type)
        self.nodes = tuple(_bind(index, node, packages) for index, node in enumerate(plan.nodes))
        successors: list[list[int]] = [[] for _ in plan.nodes]
        for edge in plan.edges:
            successors[edge.source].append(edge.target)
        self.graph = Graph(
            names=tuple(node.name for node in plan.nodes),
            successors=tuple(tuple(targets) for targets in successors),
            entry=plan.entry,
            terminal=plan.terminal,
            mode=self.mode,
            pipeline=next((node.index for node in self.nodes if node.is_pipeline), -1),
        )
        self._output_classes = tuple(self.types.message(node.output_type) for node in plan.nodes)
        self._edges = tuple(
            tuple(self._edge(edge) for edge in _in_order(artifact, source)) for source in range(len(plan.nodes))
        )
        # Where an output goes that needs no look at the message: the target's index, else None.
        self._straight = tuple(
            edges[0].target if len(edges) == 1 and edges[0].condition is None and edges[0].transform is None else None
            for edges in self._edges
        )

    @cached_property
    def service_types(self) -> TypePool:
        """The types with the artifact's typed services over them."""
        return TypePool(service_descriptors(self.artifact))

    def _edge(self, edge: PlannedEdge) -> _Edge:
        source_type = self.artifact.plan.nodes[edge.source].output_type
        expressions = Expressions(self.types, {"output": source_type, "input": self.artifact.input_type})
        return _Edge(
            edge.target,
            expressions.condition(edge.when) if edge.HasField("when") else None,
            expressions.load_transform(edge.transform) if edge.HasField("transform") else None,
        )

    def route(self, node: int, output: bytes, run_input: bytes) -> tuple[int, bytes]:
        """The node that an output goes to and the message that this node gets; (-1, b"") when no edge is taken.

        Raises EvaluationError when a condition or a mapping cannot be evaluated.
        """
        target = self._straight[node]
        if target is not None:
            return target, output
        edges = self._edges[node]
        if not edges:
            return -1, b""
        messages = self._messages(node, output, run_input)
        for edge in edges:
            if edge.condition is None or edge.condition.holds(**messages):
                return edge.target, output if edge.transform is None else edge.transform.apply(**messages)
        return -1, b""

    def hand_on(self, node: int, target: int, output: bytes, run_input: bytes) -> bytes:
        """The message that `target` gets from a recorded output of `node`: the branch is not decided again."""
        edge = next(edge for edge in self._edges[node] if edge.target == target)
        if edge.transform is None:
            return output
        return edge.transform.apply(**self._messages(node, output, run_input))

    def _messages(self, node: int, output: bytes, run_input: bytes) -> dict[str, Message]:
        return {
            "output": self._output_classes[node].FromString(output),
            "input": self.input_class.FromString(run_input),
        }


def summary_of(artifact: Artifact) -> Artifact:
    """The artifact in the BASIC view."""
    summary = Artifact()
    summary.CopyFrom(artifact)
    for field in ("definition", "plan", "descriptors", "packages"):
        summary.ClearField(field)
    return summary


def _in_order(artifact: Artifact, source: int) -> list[PlannedEdge]:
    """Edges of one source in the order in which they are tried: `otherwise` last."""
    edges = [edge for edge in artifact.plan.edges if edge.source == source]
    return sorted(edges, key=lambda edge: edge.otherwise)


def _bind(index: int, node: PlannedNode, packages: Mapping[str, LoadedPackage]) -> BoundNode:
    loaded = packages[node.package].nodes[node.function]
    return BoundNode(
        index=index,
        name=node.name,
        is_pipeline=node.pipeline,
        is_async=loaded.is_async,
        timeout_us=node.timeout.ToMicroseconds(),
        function=loaded.function,
        decode=loaded.decode,
        encode=loaded.encode,
    )
