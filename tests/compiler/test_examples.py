"""The examples: each compiles, and gives what its folder says it gives.

They are followed here edge by edge without the engine, so that a wrong example and a wrong engine can be told
apart.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.artifact import NodeKind
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.engine.nodes.archive import digest, pack
from penstock.engine.nodes.authoring import NodeContext, NodeError, current
from penstock.engine.nodes.loader import load_package
from penstock.engine.nodes.package import LoadedNode, LoadedPackage
from penstock.wire.expressions import Expressions
from penstock.wire.gen.artifact_pb2 import Artifact, PlannedEdge
from penstock.wire.types import TypePool

EXAMPLES = Path(__file__).parents[2] / "examples"


class Example:
    """A loaded example with its one flow, compiled."""

    def __init__(self, name: str, package: LoadedPackage) -> None:
        self.folder = EXAMPLES / name
        self.package = package
        source = (self.folder / "flows" / f"{name}.yaml").read_bytes()
        self.artifact: Artifact = compile_flow(read_flow(source), {name: package.to_proto()})
        self.types = TypePool(self.artifact.descriptors)

    def input(self) -> Any:
        return json.loads((self.folder / "input.json").read_bytes())

    def expected(self) -> list[object]:
        """Every frame; of a unary flow the one output."""
        if self.artifact.mode == Artifact.Mode.UNARY:
            return [json.loads((self.folder / "expected.json").read_bytes())]
        return [json.loads(line) for line in (self.folder / "expected.jsonl").read_bytes().splitlines()]

    async def run(self, value: object) -> list[object]:
        """What the flow gives for an input as JSON."""
        entry_type = self.types.descriptor(self.artifact.input_type)
        flow_input = self.types.json.decoder(entry_type)(value).SerializeToString()
        encode = self.types.json.encoder(self.types.descriptor(self.artifact.output_type))
        outputs = [frame async for frame in self._from(self.artifact.plan.entry, flow_input, flow_input)]
        return [encode(self.types.message(self.artifact.output_type).FromString(output)) for output in outputs]

    async def _from(self, index: int, payload: bytes, flow_input: bytes) -> AsyncIterator[bytes]:
        planned = self.artifact.plan.nodes[index]
        async for output in _call(self.package.nodes[planned.function], payload):
            if index == self.artifact.plan.terminal:
                yield output
                continue
            edge, carried = self._next(index, output, flow_input)
            async for result in self._from(edge.target, carried, flow_input):
                yield result

    def _next(self, index: int, output: bytes, flow_input: bytes) -> tuple[PlannedEdge, bytes]:
        output_type = self.artifact.plan.nodes[index].output_type
        expressions = Expressions(self.types, {"output": output_type, "input": self.artifact.input_type})
        messages = {
            "output": self.types.message(output_type).FromString(output),
            "input": self.types.message(self.artifact.input_type).FromString(flow_input),
        }
        edges = [edge for edge in self.artifact.plan.edges if edge.source == index]
        for edge in sorted(edges, key=lambda edge: edge.otherwise):
            if not edge.HasField("when") or expressions.condition(edge.when).holds(**messages):
                transform = expressions.load_transform(edge.transform) if edge.HasField("transform") else None
                return edge, transform.apply(**messages) if transform else output
        raise AssertionError("no edge is taken")


async def _call(node: LoadedNode, payload: bytes) -> AsyncIterator[bytes]:
    result = node.function(node.decode(payload))
    if node.kind is NodeKind.PIPELINE:
        assert isinstance(result, Iterator)
        for frame in result:
            yield node.encode(frame)
    else:
        yield node.encode(await result if asyncio.iscoroutine(result) else result)


async def load(name: str) -> Example:
    folder = EXAMPLES / name
    return Example(name, await load_package(folder, digest(pack(folder)), None))


@pytest.fixture(autouse=True)
def running_node() -> Iterator[None]:
    token = current.set(NodeContext(execution_id="0" * 32, node="test"))
    yield
    current.reset(token)


@pytest.mark.parametrize("name", ["hello", "orders", "logs"])
async def test_example_gives_what_its_folder_says(name: str) -> None:
    example = await load(name)
    assert await example.run(example.input()) == example.expected()


async def test_order_without_a_card_takes_the_other_branch() -> None:
    example = await load("orders")
    order = example.input()
    del order["customer"]["card"]
    assert await example.run(order) == [
        {
            "order_id": "A-1001",
            "method": "INVOICE",
            "amount_cents": 4086,
            "text": "Thank you! Order A-1001 is on its way: 40.86 EUR, payable within 30 days of delivery.",
        }
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": []}, "EMPTY_ORDER"),
        ({"lines": [{"sku": "TEA"}]}, "UNKNOWN_SKU"),
        ({"lines": [{"sku": "POT-IRON", "quantity": 0}]}, "BAD_QUANTITY"),
        ({"customer": {"name": "Eve", "card": "4242424242424241"}}, "BAD_CARD_NUMBER"),
        ({"customer": {"name": "Eve", "card": "4000000000009979"}}, "CARD_REFUSED"),
    ],
)
async def test_order_that_cannot_be_filled_fails_with_a_code(change: dict[str, object], code: str) -> None:
    example = await load("orders")
    with pytest.raises(NodeError) as caught:
        await example.run(example.input() | change)
    assert caught.value.code == code


async def test_scan_keeps_the_records_it_is_asked_for() -> None:
    example = await load("logs")
    frames = await example.run({"file": "access.log", "path_prefix": "/tea/"})
    assert [(f["record"]["line"], f["severity"]) for f in frames] == [
        (4, "INFO"),
        (6, "WARNING"),
        (7, "INFO"),
        (21, "WARNING"),
    ]


async def test_scan_of_an_unknown_file_names_those_there_are() -> None:
    example = await load("logs")
    with pytest.raises(NodeError) as caught:
        await example.run({"file": "../nodes.py"})
    assert str(caught.value) == "there is no file '../nodes.py'; there is access.log"


async def test_misspelled_field_in_an_example_is_explained() -> None:
    example = await load("orders")
    source = (EXAMPLES / "orders/flows/orders.yaml").read_text().replace("output.total_cents", "output.total")
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(read_flow(source.encode()), {"orders": example.package.to_proto()})
    [problem] = caught.value.problems
    assert problem.where == "edge price -> charge"
    assert problem.message == (
        "map amount_cents: orders.Quote has no field total; did you mean total_cents? (at character 7)"
    )
