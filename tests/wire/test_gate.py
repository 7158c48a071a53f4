"""What the gate tells of a change beyond the verdict: where, what, for whom; and what buf has no word for."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.wire.gate import Change, GraphChange, GraphMove, Level, breaks, compare, compare_graphs, sentences
from penstock.wire.gen.artifact_pb2 import Artifact, Plan, PlannedEdge, PlannedGate, PlannedNode
from penstock.wire.gen.flow_pb2 import PausePolicy
from penstock.wire.gen.retries_pb2 import Retries
from tests.wire.gate_cases import Case, artifacts

W, J, S = Level.WIRE, Level.JSON, Level.SOURCE


def changed(tmp_path: Path, before: str, after: str) -> tuple[Artifact, Artifact]:
    """An artifact before and after the messages changed."""
    head = 'syntax = "proto3"; package shop;\n'
    case = Case("shop", frozenset(), {"messages.proto": head + before}, {"messages.proto": head + after})
    sides = [artifacts([case], side, tmp_path / side)["shop"] for side in ("before", "after")]
    return sides[0], sides[1]


ITEMS = """
message In { repeated Item items = 1; map<string, Item> by_name = 2; }
message Item { string name = 1; int32 quantity = 2; }
message Out { Item best = 1; }
"""


def test_a_change_tells_the_path_what_was_what_is_and_whom_it_breaks(tmp_path: Path) -> None:
    changes = compare(*changed(tmp_path, ITEMS, ITEMS.replace("int32 quantity", "string quantity")))
    what = "field shop.Item.quantity (number 2) was int32 and is string"
    assert changes == (
        Change("FIELD_WIRE_COMPATIBLE_TYPE", frozenset({W}), "input.items.quantity", what),
        Change("FIELD_WIRE_JSON_COMPATIBLE_TYPE", frozenset({J}), "input.items.quantity", what),
        Change("FIELD_SAME_TYPE", frozenset({S}), "input.items.quantity", what),
    )
    assert changes[0].message == f"{what}: breaks protobuf callers"
    assert sentences(changes) == [
        ("input.items.quantity", f"{what}: breaks protobuf callers, JSON callers and code that uses the SDKs")
    ]


def test_a_field_that_goes_is_told_once_for_each_rule(tmp_path: Path) -> None:
    changes = compare(*changed(tmp_path, ITEMS, ITEMS.replace("int32 quantity = 2;", "reserved 2;")))
    assert [(change.path, change.message) for change in changes] == [
        (
            "input.items.quantity",
            "field shop.Item.quantity (number 2) is gone, its name not reserved: breaks JSON callers",
        ),
        ("input.items.quantity", "field shop.Item.quantity (number 2) is gone: breaks code that uses the SDKs"),
    ]
    assert (breaks(changes, W), breaks(changes, J), breaks(changes, W, J)) == (False, True, True)


@pytest.mark.parametrize(
    ("before", "after", "path", "message"),
    [
        (
            "message In { map<string, Item> m = 1; } message Item { string a = 1; } message Out {}",
            "message In { map<string, Item> m = 1; } message Item { string b = 1; } message Out {}",
            "input.m.a",
            "field shop.Item.a (number 1) was called a and is called b: "
            "breaks JSON callers and code that uses the SDKs",
        ),
        (
            "message In {} message Out { C c = 1; } enum C { ZERO = 0; ONE = 1; }",
            "message In {} message Out { C c = 1; } enum C { ZERO = 0; UNO = 1; }",
            "output.c",
            "value 1 of shop.C, ONE, is called UNO: breaks JSON callers and code that uses the SDKs",
        ),
        (
            "message In { oneof o { string a = 1; int32 b = 2; } } message Out {}",
            "message In { string a = 1; oneof o { int32 b = 2; } } message Out {}",
            "input.a",
            "field shop.In.a (number 1) was in oneof o and is in no oneof: "
            "breaks protobuf callers, JSON callers and code that uses the SDKs",
        ),
        (
            "message In { string a = 1; } message Out {}",
            "message In { optional string a = 1; } message Out {}",
            "input.a",
            "field shop.In.a (number 1) was optional without presence and is optional with presence: "
            "breaks code that uses the SDKs",
        ),
        (
            "message In { reserved 2 to 4; } message Out {}",
            "message In { reserved 2 to 3; } message Out {}",
            "input",
            "number 4 of shop.In was reserved and is not: "
            "breaks protobuf callers, JSON callers and code that uses the SDKs",
        ),
        (
            "message In {} message Out {}",
            "message In {} message Result {}",
            "Invoke",
            "method Invoke gave shop.Out and gives shop.Result: "
            "breaks protobuf callers, JSON callers and code that uses the SDKs",
        ),
    ],
)
def test_the_first_sentence_says_it(tmp_path: Path, before: str, after: str, path: str, message: str) -> None:
    assert (path, message) in sentences(compare(*changed(tmp_path, before, after)))


def test_a_message_that_callers_no_longer_get_at_is_gone_even_when_the_file_still_has_it(tmp_path: Path) -> None:
    after = "message In {reserved 1; reserved 'a';} message Item { int32 changed = 1; } message Out {}"
    before = "message In { Item a = 1; } message Item { string name = 1; } message Out {}"
    changes = compare(*changed(tmp_path, before, after))
    assert {change.rule: change.path for change in changes} == {
        "FIELD_NO_DELETE": "input.a",
        "MESSAGE_NO_DELETE": "input.a",
    }


def test_well_known_types_are_no_part_of_the_contract(tmp_path: Path) -> None:
    fields = "google.protobuf.Struct a = 1; google.protobuf.NullValue b = 2;"
    before = f'import "google/protobuf/struct.proto"; message In {{ {fields} }} message Out {{}}'
    after = "message In { reserved 1 to 2; reserved 'a', 'b'; } message Out {}"
    assert [change.path for change in compare(*changed(tmp_path, before, after))] == ["input.a", "input.b"]


def test_a_unary_flow_that_becomes_a_pipeline_breaks_everybody(tmp_path: Path) -> None:
    before, after = changed(tmp_path, ITEMS, ITEMS)
    after.mode = Artifact.PIPELINE
    assert [(change.rule, sorted(change.levels)) for change in compare(before, after)] == [
        ("FLOW_MODE_COMPATIBLE", [W, J, S]),
        ("RPC_NO_DELETE", [S]),
    ]
    assert compare(after, before) == ()


def test_versions_are_no_change(tmp_path: Path) -> None:
    before, after = changed(tmp_path, ITEMS, ITEMS)
    after.version = 2
    assert compare(before, after) == ()


def test_an_artifact_of_another_flow_has_another_service(tmp_path: Path) -> None:
    before, after = changed(tmp_path, ITEMS, ITEMS)
    after.flow = "store"
    assert [(change.rule, change.what) for change in compare(before, after)] == [
        ("SERVICE_NO_DELETE", "the service was flows.shop.Shop and is flows.store.Store")
    ]


def test_graphs_are_compared_by_the_names_of_nodes() -> None:
    price = PlannedNode(name="price", package="orders", function="price", input_type="Order", output_type="Quote")
    charge = PlannedNode(name="charge", package="orders", function="charge", input_type="Quote", output_type="Receipt")
    label = PlannedNode(name="label", package="orders", function="label", input_type="Quote", output_type="Receipt")
    price.timeout.FromSeconds(60)
    before = Artifact(plan=Plan(nodes=[price, charge], edges=[PlannedEdge(source=0, target=1)]))
    before.packages["orders"] = "a" * 64
    price.timeout.FromSeconds(5)
    edges = [PlannedEdge(source=0, target=1, when="output.cents > 0"), PlannedEdge(source=0, target=2, otherwise=True)]
    after = Artifact(plan=Plan(nodes=[price, charge, label], edges=edges))
    after.packages["orders"] = "b" * 64
    assert compare_graphs(before, after) == (
        GraphChange(
            GraphMove.CHANGED,
            "node price",
            "was orders/price (Order -> Quote, 60 s) and is orders/price (Order -> Quote, 5 s)",
        ),
        GraphChange(GraphMove.ADDED, "node label", "is orders/label (Quote -> Receipt, 0 s)"),
        GraphChange(GraphMove.CHANGED, "edge price -> charge", "was always and is when output.cents > 0"),
        GraphChange(GraphMove.ADDED, "edge price -> label", "is otherwise"),
        GraphChange(GraphMove.CHANGED, "package orders", "was aaaaaaaaaaaa and is bbbbbbbbbbbb"),
    )
    assert compare_graphs(after, after) == ()


def test_whatever_a_node_does_its_changes_are_told() -> None:
    ask = PlannedNode(name="ask", input_type="Quote", output_type="Quote", pause=PausePolicy(prompt="Pay?"))
    join = PlannedNode(name="join", output_type="Both", gate=PlannedGate(required=2, transform="Both{}", reads=[0]))
    ship = PlannedNode(name="ship", input_type="Both", output_type="Parcel", flow="shipping@live")
    before = Artifact(plan=Plan(nodes=[ask, join, ship]))
    after = Artifact(plan=Plan(nodes=[ask, join, ship], finish_branches=True))
    after.plan.deadline.seconds = 60
    after.plan.nodes[0].pause.prompt = "Pay now?"
    after.plan.nodes[1].gate.reads[:] = [3]
    after.plan.nodes[2].flow = "shipping@prod"
    assert compare_graphs(before, after) == (
        GraphChange(
            GraphMove.CHANGED,
            "flow",
            "was deadline none, failure at once, compensated on cancel no and "
            "is deadline 60 s, failure branches finish, compensated on cancel no",
        ),
        GraphChange(
            GraphMove.CHANGED,
            "node ask",
            'was pause (Quote -> Quote) with pause { prompt: "Pay?" } and '
            'is pause (Quote -> Quote) with pause { prompt: "Pay now?" }',
        ),
        GraphChange(
            GraphMove.CHANGED,
            "node ship",
            "was flow shipping@live (Both -> Parcel) and is flow shipping@prod (Both -> Parcel)",
        ),
    )


def test_retries_of_a_function_are_told() -> None:
    before = Artifact(plan=Plan(nodes=[PlannedNode(name="pay", package="shop", function="pay")]))
    after = Artifact()
    after.CopyFrom(before)
    after.plan.nodes[0].retries.CopyFrom(Retries(max_attempts=3))
    [change] = compare_graphs(before, after)
    assert change.what == "was shop/pay ( -> , 0 s) and is shop/pay ( -> , 0 s) with retries { max_attempts: 3 }"
