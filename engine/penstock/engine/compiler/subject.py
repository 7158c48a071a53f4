"""A flow as the checks look at it: what can be made of it, however wrong the rest is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from penstock.wire.expressions import ANY_TYPE, Expressions
from penstock.wire.gen.flow_pb2 import Flow, FlowEdge
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


@dataclass(frozen=True, slots=True)
class Subject:
    """`functions` holds the function of each placed node whose `use` is known, by the node's name.

    `edges` are those whose ends exist, in the order of the flow. `entries` are the nodes without an incoming
    edge and `terminals` those without an outgoing one, by name. `entry` is the function of the one entry node,
    None unless there is exactly one and it is known. `types` is None when the message files of the packages
    cannot be put together. `expressions` are those over `output` and `input`, by the type of `output`: they
    are shared, because the first expression of each takes as long as forty that follow.
    """

    flow: Flow
    packages: Mapping[str, Package]
    functions: Mapping[str, PackageNode]
    edges: tuple[Edge, ...]
    outgoing: Mapping[str, tuple[Edge, ...]]
    incoming: Mapping[str, tuple[Edge, ...]]
    entries: tuple[str, ...]
    terminals: tuple[str, ...]
    entry: PackageNode | None
    types: TypePool | None
    expressions: Mapping[str, Expressions]


def split_use(use: str) -> tuple[str, str]:
    """Package and node of "package/node"; both "" when it has another form."""
    package, slash, node = use.partition("/")
    return (package, node) if slash and package and node and "/" not in node else ("", "")


def make_subject(flow: Flow, packages: Mapping[str, Package], types: TypePool | None) -> Subject:
    """Takes what is well-formed from the flow. Never fails: what is missing is for the checks to report."""
    found = {name: _function(node.use, packages) for name, node in flow.nodes.items()}
    functions = {name: function for name, function in found.items() if function is not None}
    edges = tuple(_edges(flow))
    outgoing = _grouped(flow, ((edge.source, edge) for edge in edges))
    incoming = _grouped(flow, ((edge.target, edge) for edge in edges))
    entries = tuple(sorted(name for name, edges in incoming.items() if not edges))
    entry = functions.get(entries[0]) if len(entries) == 1 else None
    return Subject(
        flow=flow,
        packages=packages,
        functions=functions,
        edges=edges,
        outgoing=outgoing,
        incoming=incoming,
        entries=entries,
        terminals=tuple(sorted(name for name, edges in outgoing.items() if not edges)),
        entry=entry,
        types=types,
        expressions=_expressions(functions.values(), entry, types) if types else {},
    )


def _function(use: str, packages: Mapping[str, Package]) -> PackageNode | None:
    package_name, node_name = split_use(use)
    package = packages.get(package_name)
    return next((node for node in package.nodes if node.name == node_name), None) if package else None


def _expressions(
    functions: Iterable[PackageNode], entry: PackageNode | None, types: TypePool
) -> dict[str, Expressions]:
    input_type = entry.input if entry else ANY_TYPE
    output_types = {function.output for function in functions}
    return {output: Expressions(types, {"output": output, "input": input_type}) for output in output_types}


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
