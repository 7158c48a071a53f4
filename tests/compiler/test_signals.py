"""A signal has one type in a flow."""

from __future__ import annotations

import pytest

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.wire.gen.flow_pb2 import Flow, FlowNode
from penstock.wire.gen.package_pb2 import Package, PackageNode, PackageSignal
from tests.compiler.packages import descriptor_set, message, message_file, node

FILE = message_file("post", message("Letter", text="string"), message("Visa", number="string"))


def waiting(name: str, **signals: str) -> PackageNode:
    placed = node(name, "post.Letter", "post.Letter")
    placed.signals.extend(PackageSignal(name=signal, type=kind) for signal, kind in signals.items())
    return placed


def flow_of(*nodes: PackageNode) -> tuple[Flow, dict[str, Package]]:
    package = Package(name="post", digest="1" * 64, descriptors=descriptor_set(FILE), nodes=nodes)
    placed = {each.name: FlowNode(use=f"post/{each.name}") for each in nodes}
    flow = Flow(flow="mail", nodes=placed)
    flow.edges.add(to="second", **{"from": "first"})
    return flow, {"post": package}


def test_nodes_may_wait_for_the_same_signal() -> None:
    artifact = compile_flow(*flow_of(waiting("first", go="post.Visa"), waiting("second", go="post.Visa")))
    assert [signal.type for planned in artifact.plan.nodes for signal in planned.signals] == ["post.Visa"] * 2


def test_signal_with_two_types_is_refused() -> None:
    with pytest.raises(FlowDoesNotCompile) as refused:
        compile_flow(*flow_of(waiting("first", go="post.Visa"), waiting("second", go="post.Letter")))
    assert [str(problem) for problem in refused.value.problems] == [
        "node second: waits for the signal go with another message than first (expected post.Visa, found post.Letter)"
    ]
