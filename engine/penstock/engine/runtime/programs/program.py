"""An artifact made ready to run: its graph with the code of its nodes and the expressions of its edges and gates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from google.protobuf.message import Message

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.frontier import sources
from penstock.engine.domain.run import Run
from penstock.engine.nodes.package import LoadedPackage
from penstock.engine.runtime.programs.binding import BoundNode, bind
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.engine.runtime.programs.searching import searcher
from penstock.engine.runtime.programs.sensitive import sensitive_types
from penstock.engine.runtime.running.cache import OutputCache
from penstock.engine.runtime.tallies import Tallies
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.wire.expressions import Condition, Expressions, Transform
from penstock.wire.gen.artifact_pb2 import Artifact, PlannedEdge, PlannedNode
from penstock.wire.typed import service_descriptors
from penstock.wire.types import TypePool

_LENGTH_DELIMITED = 2
"""Wire type of a message within a message."""


class _Edge:
    """One edge: whether it is taken, and what it hands on."""

    __slots__ = ("condition", "is_bare", "target", "transform")

    def __init__(self, target: int, is_bare: bool, condition: Condition | None, transform: Transform | None) -> None:
        """`is_bare` says that it is always taken."""
        self.target = target
        self.is_bare = is_bare
        self.condition = condition
        self.transform = transform


class Program:
    """Immutable like the artifact behind it; shared by all executions of it in this process."""

    def __init__(self, artifact: Artifact, packages: Mapping[str, LoadedPackage], tallies: Tallies) -> None:
        """`packages` by name, each in the version that the artifact names. Its executions count in `tallies`."""
        plan = artifact.plan
        self.artifact = artifact
        self.summary = summary_of(artifact)
        self.graph_id = artifact.graph_id
        self.mode = Mode(artifact.mode)
        self.types = TypePool(artifact.descriptors)
        self.sensitive = sensitive_types(artifact, self.types)
        self.data_key: DataKey | None = None
        """Seals what flows before it is stored; None for an artifact without sensitive fields."""
        self.sealing_problem: MasterKeyError | None = None
        """Why there is no key although it takes one."""
        self.input_class = self.types.message(artifact.input_type)
        self.output_class = self.types.message(artifact.output_type)
        self.nodes = tuple(self._bound(index, node, packages) for index, node in enumerate(plan.nodes))
        self.graph = graph_of(artifact)
        self.tally = tallies.of(artifact.flow, self.graph.names)
        self.searched_input = searcher(self.input_class, "input", plan.searchable)
        self.searched_output = searcher(self.output_class, "output", plan.searchable)
        self._output_classes = tuple(self.types.message(node.output_type) for node in plan.nodes)
        self._edges = tuple(
            tuple(self._edge(edge) for edge in _in_order(artifact, source)) for source in range(len(plan.nodes))
        )
        self._joins = {index: self._join(node) for index, node in enumerate(plan.nodes) if node.HasField("gate")}
        # Where an output goes that needs no look at the message: the target's index, else None.
        self._straight = tuple(
            edges[0].target if len(edges) == 1 and edges[0].is_bare and edges[0].transform is None else None
            for edges in self._edges
        )

    def sealing_key(self) -> DataKey | None:
        """What seals its payloads; None when nothing has to. Raises MasterKeyError when there is no key to do it."""
        problem = self.sealing_problem
        if problem is not None:
            raise MasterKeyError(str(problem), facts=problem.facts)
        return self.data_key

    @cached_property
    def service_types(self) -> TypePool:
        """The types with the artifact's typed services over them."""
        return TypePool(service_descriptors(self.artifact))

    def _bound(self, index: int, node: PlannedNode, packages: Mapping[str, LoadedPackage]) -> BoundNode:
        bound = bind(index, node, packages)
        if self.sensitive is None:
            return bound
        return self.sensitive.watched(bound, node, self.subject_type(index, is_input=True))

    def _edge(self, edge: PlannedEdge) -> _Edge:
        source_type = self.artifact.plan.nodes[edge.source].output_type
        expressions = Expressions(self.types, {"output": source_type, "input": self.artifact.input_type})
        return _Edge(
            edge.target,
            not edge.HasField("when") and not edge.otherwise,
            expressions.condition(edge.when) if edge.HasField("when") else None,
            expressions.load_transform(edge.transform) if edge.HasField("transform") else None,
        )

    def _join(self, node: PlannedNode) -> Transform:
        reads = [self.artifact.plan.nodes[index] for index in node.gate.reads]
        variables = {each.name: each.output_type for each in reads} | {"input": self.artifact.input_type}
        return Expressions(self.types, variables).load_transform(node.gate.transform)

    def route(self, node: int, output: bytes, run_input: bytes) -> tuple[int, bytes | None]:
        """What is chosen of the nodes behind an output, -1 for none, and the message that the next node gets.

        The message is None when several nodes come next, or none. Raises EvaluationError when a condition or a mapping
        cannot be evaluated.
        """
        target = self._straight[node]
        if target is not None:
            return target, output
        edges = self._edges[node]
        if not edges:
            return -1, None
        messages = self._messages(node, output, run_input)
        taken = [edge for edge in edges if edge.is_bare]
        branch = -1
        for edge in edges:
            if not edge.is_bare and (edge.condition is None or edge.condition.holds(**messages)):
                branch = edge.target
                taken.append(edge)
                break
        if len(taken) != 1:
            return branch, None
        only = taken[0]
        return only.target, output if only.transform is None else only.transform.apply(**messages)

    def message(self, node: int, run: Run, run_input: bytes) -> bytes:
        """What a node that is reached gets: the entry node the input, others what the one edge that was taken gives.

        Raises EvaluationError.
        """
        if node == self.graph.entry:
            return run_input
        source = sources(run, node)[0]
        checkpoint = run.outputs[source]
        assert checkpoint is not None
        return self._hand_on(source, node, checkpoint.payload or b"", run_input)

    def _hand_on(self, node: int, target: int, output: bytes, run_input: bytes) -> bytes:
        """The message that `target` gets from a recorded output of `node`: the branch is not decided again."""
        edges = [edge for edge in self._edges[node] if edge.target == target]
        edge = edges[0]
        if len(edges) > 1:
            # Edges that differ in their maps: the one that was taken is the first whose condition holds.
            messages = self._messages(node, output, run_input)
            edge = next(each for each in edges if each.condition is None or each.condition.holds(**messages))
        if edge.transform is None:
            return output
        return edge.transform.apply(**self._messages(node, output, run_input))

    def join(self, gate: int, run: Run, run_input: bytes) -> bytes:
        """The output of a gate that has what it needs. A node that did not run reads as an empty message.

        Raises EvaluationError.
        """
        messages = {"input": self.input_class.FromString(run_input)}
        for index in self.artifact.plan.nodes[gate].gate.reads:
            checkpoint = run.outputs[index]
            payload = b"" if checkpoint is None else checkpoint.payload or b""
            messages[self.graph.names[index]] = self._output_classes[index].FromString(payload)
        return self._joins[gate].apply(**messages)

    def subject(self, node: int, message: bytes, run_input: bytes) -> bytes:
        """What a node works on: what the edge carries, or, of a map over the flow's input, that."""
        return run_input if self.artifact.plan.nodes[node].map.from_input else message

    def subject_type(self, node: int, *, is_input: bool) -> str:
        """Full name of the message that a node works on, or of what it gives."""
        plan = self.artifact.plan.nodes[node]
        if not is_input:
            return str(plan.output_type)
        return str(self.artifact.input_type if plan.map.from_input else plan.input_type)

    def items(self, node: int, message: bytes, run_input: bytes) -> list[bytes]:
        """What a map runs over, each item serialized. `message` is what the edge carries."""
        plan = self.artifact.plan.nodes[node]
        value: Any = self.input_class.FromString(run_input)
        if not plan.map.from_input:
            value = self.types.message(plan.input_type).FromString(message)
        for name in plan.map.path:
            value = getattr(value, name)
        return [item.SerializeToString() for item in value]

    def collect(self, node: int, results: Mapping[int, bytes]) -> bytes:
        """The output of a map: the results that there are, in the order of their items."""
        plan = self.artifact.plan.nodes[node]
        field = self.types.descriptor(plan.output_type).fields_by_name[plan.map.results]
        tag = varint(field.number << 3 | _LENGTH_DELIMITED)
        parts: list[bytes] = []
        for item in sorted(results):
            result = results[item]
            parts += (tag, varint(len(result)), result)
        return b"".join(parts)

    def cache_key(self, account: str, node: BoundNode, message: bytes) -> bytes:
        """What an output of a node is kept under: equal for equal code, version and input."""
        package = node.use.partition("/")[0]
        identity = f"{self.artifact.packages[package]} {node.use}".encode()
        assert node.cache is not None
        plan = self.artifact.plan.nodes[node.index]
        canonical = self.types.message(plan.input_type).FromString(message).SerializeToString(deterministic=True)
        key = OutputCache.key(account, identity, node.cache.version, canonical)
        return key if self.data_key is None else self.data_key.fingerprint(key)

    def _messages(self, node: int, output: bytes, run_input: bytes) -> dict[str, Message]:
        return {
            "output": self._output_classes[node].FromString(output),
            "input": self.input_class.FromString(run_input),
        }


def varint(number: int) -> bytes:
    """As protobuf writes it."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


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
