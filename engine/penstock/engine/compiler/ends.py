"""The messages that each placed node takes and gives, whatever it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from penstock.wire.compat import mismatch
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow, FlowNode
from penstock.wire.gen.package_pb2 import PackageNode
from penstock.wire.types import TypePool, UnknownType


@dataclass(frozen=True, slots=True)
class Ends:
    """Full names of messages, "" when they are not known. A gate takes none: its input is always ""."""

    input: str
    output: str


UNKNOWN = Ends("", "")


class EndsFinder:
    """Finds the ends of one node after the other."""

    def __init__(
        self,
        flow: Flow,
        functions: Mapping[str, PackageNode],
        subflows: Mapping[str, Artifact],
        types: TypePool | None,
    ) -> None:
        self._flow = flow
        self._functions = functions
        self._subflows = subflows
        self._types = types
        self._finders: dict[str, Callable[[str, FlowNode, Sequence[str]], Ends]] = {
            "use": self._of_function,
            "pause": self._of_pause,
            "gate": self._of_gate,
            "map": self._of_map,
            "flow": self._of_flow,
            "sleep": self._of_sleep,
        }

    def find(self, name: str, kind: str, brought: Sequence[str] | None) -> Ends:
        """`brought` are the messages that the edges into the node carry, None when one of them has a map."""
        finder = self._finders.get(kind)
        return finder(name, self._flow.nodes[name], brought or ()) if finder else UNKNOWN

    def _of_function(self, name: str, node: FlowNode, brought: Sequence[str]) -> Ends:
        function = self._functions.get(name)
        return Ends(function.input, function.output) if function else UNKNOWN

    def _of_pause(self, name: str, node: FlowNode, brought: Sequence[str]) -> Ends:
        taken = self._taken(node, brought)
        return Ends(taken, self._known(node.output) if node.output else taken)

    def _of_gate(self, name: str, node: FlowNode, brought: Sequence[str]) -> Ends:
        return Ends("", self._known(node.gate.output))

    def _of_map(self, name: str, node: FlowNode, brought: Sequence[str]) -> Ends:
        return Ends(self._taken(node, brought), self._known(node.output))

    def _of_flow(self, name: str, node: FlowNode, brought: Sequence[str]) -> Ends:
        artifact = self._subflows.get(node.flow)
        return Ends(self._known(artifact.input_type), self._known(artifact.output_type)) if artifact else UNKNOWN

    def _of_sleep(self, name: str, node: FlowNode, brought: Sequence[str]) -> Ends:
        taken = self._taken(node, brought)
        return Ends(taken, taken)

    def _taken(self, node: FlowNode, brought: Iterable[str]) -> str:
        if node.input:
            return self._known(node.input)
        candidates = sorted(set(brought) - {""})
        return next((name for name in candidates if self._can_read(name, candidates)), "".join(candidates[:1]))

    def _can_read(self, target: str, sources: Iterable[str]) -> bool:
        """Whether messages of all the sources can be read as the target."""
        if self._types is None:
            return False
        descriptor = self._types.descriptor(target)
        return all(mismatch(self._types.descriptor(source), descriptor) is None for source in sources)

    def _known(self, message: str) -> str:
        try:
            return self._types.descriptor(message).full_name if self._types else ""
        except UnknownType:
            return ""
