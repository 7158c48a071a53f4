"""Searchable fields of a flow: what the plan says of them, and what is refused."""

from __future__ import annotations

import pytest

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.wire.gen.artifact_pb2 import SearchableField
from tests.compiler.shop import PACKAGES, compiled

FLOW = "flow: sale\nnodes:\n  price: {use: shop/price}\nsearchable: [%s]\n"


def test_plan_says_how_each_field_is_compared() -> None:
    artifact = compiled(FLOW % "input.id, input.first.quantity, output.total_cents")
    assert list(artifact.plan.searchable) == [
        SearchableField(path="input.id", kind=SearchableField.TEXT),
        SearchableField(path="input.first.quantity", kind=SearchableField.NUMBER),
        SearchableField(path="output.total_cents", kind=SearchableField.NUMBER),
    ]
    assert artifact.digest != compiled(FLOW % "input.id").digest


@pytest.mark.parametrize(
    ("paths", "problem"),
    [
        ("id", 'flow: wrong searchable path (expected a path such as input.customer.id or output.total, found "id")'),
        ('"input..id"', "flow: wrong searchable path (expected a path such as input.customer.id or output.total, "
         'found "input..id")'),
        ("input.id, input.id", "flow: searchable input.id: is there more than once"),
        ("input.idd", "flow: searchable input.idd: input is shop.Order, which has no field idd; did you mean id?"),
        ("input.lines.sku", "flow: searchable input.lines.sku: input.lines has many values"),
        ("input.tags", "flow: searchable input.tags: input.tags has many values"),
        ("input.id.x", "flow: searchable input.id.x: input.id is not a message, so it has no field x"),
        ("input.first", "flow: searchable input.first: expected a text, number, bool, enum or "
         "google.protobuf.Timestamp, found a shop.Line"),
        (", ".join(f"input.a{i}" for i in range(17)),
         "flow: too many searchable fields (expected at most 16, found 17)"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused(paths: str, problem: str) -> None:
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(read_flow((FLOW % paths).encode()), PACKAGES)
    assert [str(each) for each in caught.value.problems] == [problem]
