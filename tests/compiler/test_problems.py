"""Flows that do not compile, each with all that is said about it."""

from __future__ import annotations

import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.compile import PROBLEMS_MAX, compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.flow_pb2 import Flow, FlowNode
from penstock.wire.gen.package_pb2 import Package
from tests.compiler.packages import LABELS, ORDERS, PACKAGES, descriptor_set, message, message_file, node

NODES = """
flow: f
nodes:
  price: {use: orders/price}
  charge: {use: orders/charge}
  close: {use: orders/close}
"""
NAME = "a lower-case letter, then lower-case letters, digits or _, at most 63 in all"
NO_FIELD = "orders.Priced has no field cents; did you mean total_cents?"
THREE = "expected 1, found 3: charge, close, price"


def problems_of(flow: Flow, packages: dict[str, Package] = PACKAGES) -> list[str]:
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(flow, packages)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        # Nodes.
        ("flow: f\nnodes: {}", ["flow: wrong number of nodes (expected 1 to 1000, found 0)"]),
        ("flow: F-1\nnodes: {a: {use: orders/close}}", [f'flow: wrong name (expected {NAME}, found "F-1")']),
        (
            "flow: f\nnodes: {Pay it: {use: orders/close}}",
            [f'node Pay it: wrong name (expected {NAME}, found "Pay it")'],
        ),
        ("flow: f\nnodes: {a: {use: close}}", ['node a: wrong use (expected package/node, found "close")']),
        ("flow: f\nnodes: {a: {use: a/b/c}}", ['node a: wrong use (expected package/node, found "a/b/c")']),
        ("flow: f\nnodes: {a: {use: order/close}}", ["node a: there is no package order; did you mean orders?"]),
        ("flow: f\nnodes: {a: {use: x/y}}", ["node a: there is no package x; there is labels, orders"]),
        (
            "flow: f\nnodes: {a: {use: orders/close_it}}",
            ["node a: package orders has no node close_it; did you mean close?"],
        ),
        ("flow: f\nnodes: {a: {use: labels/zzz}}", ["node a: package labels has no node zzz; there is file, print"]),
        (
            "flow: f\nnodes: {a: {use: orders/close, timeout: 24h1ms}}",
            ["node a: timeout out of range (expected 1ms to 24h, found 24h1ms)"],
        ),
        (
            "flow: f\nnodes: {a: {use: orders/close, timeout: 0.9ms}}",
            ["node a: timeout out of range (expected 1ms to 24h, found 0.9ms)"],
        ),
        # The graph.
        (
            NODES + "edges: [price -> charge, charge -> clsoe]",
            ["edge charge -> clsoe: there is no node clsoe; did you mean close?"],
        ),
        (
            NODES + "edges: [price -> charge, x -> y]",
            [
                "edge x -> y: there is no node x; there is charge, close, price",
                "edge x -> y: there is no node y; there is charge, close, price",
            ],
        ),
        (
            NODES,
            [
                f"flow: must have one node without an incoming edge, its entry ({THREE})",
                f"flow: must have one node without an outgoing edge, its terminal ({THREE})",
            ],
        ),
        (
            "flow: f\nnodes: {a: {use: orders/close}, b: {use: orders/close}}\nedges: [b -> a, a -> b]",
            ["node a: is on a cycle: a -> b -> a"],
        ),
        ("flow: f\nnodes: {a: {use: orders/close}}\nedges: [a -> a]", ["node a: is on a cycle: a -> a"]),
        (
            "flow: f\nnodes: {a: {use: orders/watch}, b: {use: orders/rewatch}}\nedges: [a -> b]",
            ["flow: has several pipeline nodes (expected at most 1, found 2: a, b)"],
        ),
        # Branches.
        (
            NODES + "edges: [price -> charge, {from: price, to: close, map: {id: output.id}}, charge -> close]",
            [
                "node close: price -> close and charge -> close can both be taken in one run; "
                "branches that run at once join at a gate"
            ],
        ),
        (
            NODES + "edges: [{from: price, to: charge, otherwise: true}, charge -> close]",
            ["edge price -> charge: otherwise needs another edge of price with a when"],
        ),
        (
            NODES + "edges: [{from: price, to: charge, when: 'true', otherwise: true}, charge -> close]",
            ["edge price -> charge: has both when and otherwise; an edge has one of them"],
        ),
        (
            NODES
            + """
edges:
  - {from: price, to: charge, when: "output.total_cents > 1"}
  - {from: price, to: charge, otherwise: true}
  - {from: price, to: charge, otherwise: true}
  - charge -> close
""",
            [
                "edge price -> charge (2 of 3): only one edge of price can be its otherwise",
                "edge price -> charge (3 of 3): only one edge of price can be its otherwise",
            ],
        ),
        # Conditions and maps.
        (
            NODES + "edges: [{from: price, to: charge, when: output.cents > 1}, charge -> close]",
            [f"edge price -> charge: when: {NO_FIELD} (at character 7)"],
        ),
        (
            NODES + "edges: [{from: price, to: charge, when: input.customer}, charge -> close]",
            ["edge price -> charge: when: wrong type (expected bool, found orders.Customer)"],
        ),
        (
            NODES + "edges: [price -> charge, {from: charge, to: close, map: {idd: input.id, paid: input.id}}]",
            [
                "edge charge -> close: map idd: orders.Receipt has no field idd; did you mean id?",
                "edge charge -> close: map paid: wrong type (expected bool, found string)",
            ],
        ),
        (
            NODES + "edges: [price -> charge, {from: charge, to: close, map: {id: input.customer.nam}}]",
            [
                "edge charge -> close: map id: orders.Customer has no field nam; did you mean name? (at character 15)",
            ],
        ),
    ],
)
def test_wrong_flow_is_explained_in_exact_sentences(source: str, problems: list[str]) -> None:
    assert problems_of(read_flow(source.encode())) == problems


def test_edge_between_messages_that_do_not_fit_names_both_types() -> None:
    flow = read_flow((NODES + "edges: [price -> close, {from: close, to: charge, map: {id: output.id}}]").encode())
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(flow, PACKAGES)
    [problem] = caught.value.problems
    assert (problem.where, problem.expected, problem.found) == (
        "edge price -> close",
        "orders.Receipt",
        "orders.Priced",
    )
    assert problem.message.startswith("close cannot read what price gives: ")
    assert problem.message.endswith("; a map can convert it")


def test_all_problems_are_reported_at_once() -> None:
    source = """
flow: Fulfil
nodes:
  price: {use: orders/prize, timeout: 25h}
  charge: {use: orders/charge}
  close: {use: orders/close}
  print: {use: labels/print}
edges:
  - {from: price, to: charge, when: output.whatever}
  - {from: charge, to: close, when: "output.paid && input.anything"}
  - {from: charge, to: close, when: input.flag}
  - {from: charge, to: print, otherwise: true, map: {cents: "output.paid"}}
  - {from: close, to: charge, map: {id: "1"}}
  - close -> prnt
"""
    assert problems_of(read_flow(source.encode())) == [
        f'flow: wrong name (expected {NAME}, found "Fulfil")',
        "node price: package orders has no node prize; did you mean price?",
        "node price: timeout out of range (expected 1ms to 24h, found 25h)",
        "edge close -> prnt: there is no node prnt; did you mean print?",
        "node charge: is on a cycle: charge -> close -> charge",
        "edge charge -> print: map cents: wrong type (expected int, found bool)",
        "edge close -> charge: map id: wrong type; write string(…) (expected string, found int)",
    ]


def test_error_is_one_line_that_names_the_flow() -> None:
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(Flow(flow="f", nodes={"a": FlowNode(use="b")}), PACKAGES)
    assert str(caught.value) == 'flow f does not compile: node a: wrong use (expected package/node, found "b")'


def test_negative_timeout_is_out_of_range() -> None:
    flow = Flow(flow="f", nodes={"a": FlowNode(use="orders/close", timeout=Duration(seconds=-3))})
    assert problems_of(flow) == ["node a: timeout out of range (expected 1ms to 24h, found -3s)"]


def test_two_cycles_are_two_problems() -> None:
    nodes = ", ".join(f"{name}: {{use: orders/close}}" for name in "abcdefg")
    edges = "a -> b, b -> c, c -> a, b -> d, d -> e, e -> f, f -> e, f -> g, f -> b"
    report = problems_of(read_flow(f"flow: f\nnodes: {{{nodes}}}\nedges: [{edges}]".encode()))
    assert [line for line in report if "cycle" in line] == [
        "node a: is on a cycle: a -> b -> c -> a",
        "node e: is on a cycle: e -> f -> e",
    ]


def test_packages_whose_messages_collide_are_a_problem() -> None:
    other = Package(
        name="labels",
        descriptors=descriptor_set(message_file("orders", message("Order", id="int64"), name="labels/messages.proto")),
        nodes=[node("print", "orders.Order", "orders.Order")],
    )
    source = (
        b"flow: f\nnodes: {a: {use: labels/print}, b: {use: orders/price}}\nedges: [{from: a, to: b, when: nonsense}]"
    )
    assert problems_of(read_flow(source), {"orders": ORDERS, "labels": other}) == [
        "message orders.Order: packages labels and orders both define it, "
        "in labels/messages.proto and orders/messages.proto"
    ]


def test_flow_beyond_a_limit_is_not_looked_at_further() -> None:
    flow = Flow(flow="F", nodes={f"n{i}": FlowNode(use="?") for i in range(1_001)}, description="x" * 4_097)
    assert problems_of(flow) == [
        "flow: wrong number of nodes (expected 1 to 1000, found 1001)",
        "flow: the description is too long (expected at most 4096 characters, found 4097)",
    ]


def test_report_of_many_problems_is_bounded() -> None:
    flow = Flow(flow="f", nodes={f"n{i}": FlowNode(use="?") for i in range(500)})
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(flow, {"labels": LABELS})
    assert caught.value.problems[PROBLEMS_MAX:] == (Problem("", "only the first 100 problems are shown"),)
