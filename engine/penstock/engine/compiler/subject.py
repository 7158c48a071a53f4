"""A flow as the checks look at it: what can be made of it, however wrong the rest is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from penstock.engine.compiler.ends import Ends, EndsFinder
from penstock.engine.compiler.message_files import MessageFiles
from penstock.engine.compiler.order import topological_names
from penstock.engine.compiler.uses import find_function
from penstock.wire.expressions import ANY_TYPE, Expressions
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow, FlowEdge, FlowNode
from penstock.wire.gen.package_pb2 import Package, PackageNode
from penstock.wire.types import TypePool


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge whose both ends are placed nodes. `where` names it in problems."""

    source: str
    target: str
    where: str
    when: str | None
    otherwise: bool
    map: Mapping[str, str]

    @property
    def is_exclusive(self) -> bool:
        """Whether it is one of those of its source of which at most one is taken; others always are."""
        return self.when is not None or self.otherwise


@dataclass(frozen=True, slots=True)
class Subject:
    """`kinds` says by the node's name what it does: "use" or the key of another kind, "" unless it is exactly one.
    `functions` holds the function of each node of kind "use" that is known, and `ends` what each node takes and gives.

    `edges` are those whose ends exist, in the order of the flow. `entries` are the nodes without an incoming
    edge and `terminals` those without an outgoing one, by name. `input_type` is what the flow takes, "" unless
    there is exactly one entry and its input is known. `types` is None when the message files cannot be put
    together; `messages` are the full names in them. `expressions` are those over `output` and `input`, by the type
    of `output`: they are shared, because the first expression of each takes as long as forty that follow.
    """

    flow: Flow
    packages: Mapping[str, Package]
    subflows: Mapping[str, Artifact]
    kinds: Mapping[str, str]
    functions: Mapping[str, PackageNode]
    ends: Mapping[str, Ends]
    edges: tuple[Edge, ...]
    outgoing: Mapping[str, tuple[Edge, ...]]
    incoming: Mapping[str, tuple[Edge, ...]]
    entries: tuple[str, ...]
    terminals: tuple[str, ...]
    input_type: str
    types: TypePool | None
    messages: tuple[str, ...]
    expressions: Mapping[str, Expressions]

    def of_kind(self, kind: str) -> list[tuple[str, FlowNode]]:
        """Names and nodes of one kind, by name."""
        return [(name, self.flow.nodes[name]) for name, found in sorted(self.kinds.items()) if found == kind]

    @property
    def is_connected(self) -> bool:
        """Whether each edge of the flow is one here. Otherwise a misspelled end looks like a missing edge."""
        return len(self.edges) == len(self.flow.edges)


def make_subject(
    flow: Flow, packages: Mapping[str, Package], subflows: Mapping[str, Artifact], files: MessageFiles
) -> Subject:
    """Takes what is well-formed from the flow. Never fails: what is missing is for the checks to report."""
    kinds = {name: _kind(node) for name, node in flow.nodes.items()}
    found = {name: find_function(node.use, packages) for name, node in flow.nodes.items() if kinds[name] == "use"}
    functions = {name: function for name, function in found.items() if function is not None}
    edges = tuple(_edges(flow))
    outgoing = _grouped(flow, ((edge.source, edge) for edge in edges))
    incoming = _grouped(flow, ((edge.target, edge) for edge in edges))
    finder = EndsFinder(flow, functions, subflows, files.types)
    ends = _ends(finder, kinds, outgoing, incoming)
    entries = tuple(sorted(name for name, edges in incoming.items() if not edges))
    input_type = ends[entries[0]].input if len(entries) == 1 else ""
    return Subject(
        flow=flow,
        packages=packages,
        subflows=subflows,
        kinds=kinds,
        functions=functions,
        ends=ends,
        edges=edges,
        outgoing=outgoing,
        incoming=incoming,
        entries=entries,
        terminals=tuple(sorted(name for name, edges in outgoing.items() if not edges)),
        input_type=input_type,
        types=files.types,
        messages=files.messages,
        expressions=_expressions(ends.values(), input_type, files.types) if files.types else {},
    )


def _kind(node: FlowNode) -> str:
    kind = node.WhichOneof("kind")
    if node.use:
        return "" if kind else "use"
    return kind or ""


def _ends(
    finder: EndsFinder,
    kinds: Mapping[str, str],
    outgoing: Mapping[str, tuple[Edge, ...]],
    incoming: Mapping[str, tuple[Edge, ...]],
) -> dict[str, Ends]:
    ordered = topological_names(
        {name: len(edges) for name, edges in incoming.items()},
        {name: [edge.target for edge in edges] for name, edges in outgoing.items()},
    )
    ends: dict[str, Ends] = {}
    # What is on a cycle or behind one comes last: it has no ends unless they are declared.
    for name in dict.fromkeys([*ordered, *kinds]):
        mapped = any(edge.map for edge in incoming[name])
        brought = [ends[edge.source].output for edge in incoming[name] if edge.source in ends]
        ends[name] = finder.find(name, kinds[name], None if mapped else brought)
    return ends


def _expressions(ends: Iterable[Ends], input_type: str, types: TypePool) -> dict[str, Expressions]:
    output_types = {each.output for each in ends} - {""}
    return {output: Expressions(types, {"output": output, "input": input_type or ANY_TYPE}) for output in output_types}


def _grouped(flow: Flow, edges: Iterable[tuple[str, Edge]]) -> dict[str, tuple[Edge, ...]]:
    groups: dict[str, list[Edge]] = {name: [] for name in flow.nodes}
    for name, edge in edges:
        groups[name].append(edge)
    return {name: tuple(group) for name, group in groups.items()}


def source_of(edge: FlowEdge) -> str:
    """The edge's `from`, whose name is a keyword of Python."""
    return str(getattr(edge, "from"))


def _edges(flow: Flow) -> Iterable[Edge]:
    pairs = [(source_of(edge), edge.to) for edge in flow.edges]
    count, seen = Counter(pairs), Counter[tuple[str, str]]()
    for edge, pair in zip(flow.edges, pairs, strict=True):
        seen[pair] += 1
        source, target = pair
        if source in flow.nodes and target in flow.nodes:
            place = f" ({seen[pair]} of {count[pair]})" if count[pair] > 1 else ""
            when = edge.when if edge.HasField("when") else None
            yield Edge(source, target, f"edge {source} -> {target}{place}", when, edge.otherwise, dict(edge.map))
