"""What a flow takes from outside: packages and other flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from penstock.wire.gen.flow_pb2 import Flow, FlowNode
from penstock.wire.gen.package_pb2 import Package, PackageNode


def split_use(use: str) -> tuple[str, str]:
    """Package and node of "package/node"; both "" when it has another form."""
    package, slash, node = use.partition("/")
    return (package, node) if slash and package and node and "/" not in node else ("", "")


def find_function(use: str, packages: Mapping[str, Package]) -> PackageNode | None:
    """The function behind "package/node"; None when there is none."""
    package_name, node_name = split_use(use)
    package = packages.get(package_name)
    return next((node for node in package.nodes if node.name == node_name), None) if package else None


def packages_of(flow: Flow) -> set[str]:
    """Names of the packages that it may use: those of its functions, and those whose messages it names.

    There need not be a package of each name.
    """
    names = {name for node in flow.nodes.values() for name in _names(node)}
    return names - {""}


def flows_of(flow: Flow) -> set[str]:
    """The flows that it runs, each a name or name@alias as it is written."""
    return {node.flow for node in flow.nodes.values() if node.HasField("flow")}


def _names(node: FlowNode) -> Iterator[str]:
    for use in (node.use, node.compensate, node.fallback, node.map.use):
        yield split_use(use)[0]
    for message in (node.input, node.output, node.gate.output):
        yield message.partition(".")[0]
