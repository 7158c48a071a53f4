"""What nodes of each kind become in the plan."""

from __future__ import annotations

import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.wire.expressions import Expressions
from penstock.wire.gen.artifact_pb2 import (
    Artifact,
    PlannedEdge,
    PlannedFunction,
    PlannedGate,
    PlannedMap,
    PlannedNode,
)
from penstock.wire.gen.flow_pb2 import CachePolicy, PausePolicy
from penstock.wire.gen.package_pb2 import PackageSignal
from penstock.wire.gen.retries_pb2 import Retries
from penstock.wire.types import TypePool
from tests.compiler.shop import PACKAGES, SHIPPING, compiled

FULFIL = """
flow: fulfil
description: Price an order, ask a person above a limit, charge it, ship it.
deadline: 48h
failure_policy: finish_branches
compensate_on_cancel: true
nodes:
  price:
    use: shop/price
    timeout: 10s
    retries: {max_attempts: 3, initial_backoff: 0.2s, multiplier: 2, max_backoff: 30s}
  approve: {pause: {prompt: "Approve this order?", timeout: 24h, on_timeout: reject}}
  charge:  {use: shop/charge, compensate: shop/refund, fallback: shop/invoice, cache: {version: 1, ttl: 1h}}
  score:   {use: shop/score}
  join:    {gate: {wait_for: all, output: shop.Decision, fields: {total: charge.total_cents, risk: score.value}}}
  lines:   {map: {over: input.lines, use: shop/reserve, max_concurrency: 4}, output: shop.Reservations}
  ship:    {flow: shipping@live}
  nap:     {sleep: 2s}
edges:
  - {from: price, to: approve, when: "output.total_cents > 100000"}
  - {from: price, to: charge, otherwise: true}
  - approve -> charge
  - charge -> lines
  - charge -> score
  - lines -> join
  - score -> join
  - join -> ship
  - ship -> nap
"""

RETRIES = Retries(
    max_attempts=3,
    initial_backoff=Duration(nanos=200_000_000),
    multiplier=2,
    max_backoff=Duration(seconds=30),
    jitter=0.2,
    max_system_attempts=3,
)
ONCE = Duration(seconds=300)


def planned(artifact: Artifact, name: str) -> PlannedNode:
    return next(node for node in artifact.plan.nodes if node.name == name)


def one_node(text: str) -> PlannedNode:
    """The only node of a flow."""
    return compiled(f"flow: f\nnodes:\n  only: {text}").plan.nodes[0]


def test_flow_with_every_kind_of_node_compiles() -> None:
    artifact = compiled(FULFIL, shipping=SHIPPING)
    plan = artifact.plan
    assert (artifact.mode, artifact.input_type, artifact.output_type) == (
        Artifact.Mode.UNARY,
        "shop.Order",
        "shop.Parcel",
    )
    assert [node.name for node in plan.nodes] == [
        "price",
        "approve",
        "charge",
        "lines",
        "score",
        "join",
        "ship",
        "nap",
    ]
    assert (plan.entry, plan.terminal) == (0, 7)
    assert (plan.deadline, plan.finish_branches, plan.compensate_on_cancel) == (Duration(seconds=48 * 3600), True, True)
    price, approve, charge, lines, score, join, ship, nap = plan.nodes
    assert price == PlannedNode(
        name="price",
        package="shop",
        function="price",
        input_type="shop.Order",
        output_type="shop.Quote",
        timeout=Duration(seconds=10),
        retries=RETRIES,
    )
    assert approve == PlannedNode(
        name="approve",
        input_type="shop.Quote",
        output_type="shop.Quote",
        pause=PausePolicy(prompt="Approve this order?", timeout=Duration(seconds=86_400), on_timeout="reject"),
    )
    assert charge == PlannedNode(
        name="charge",
        package="shop",
        function="charge",
        input_type="shop.Quote",
        output_type="shop.Charge",
        timeout=Duration(seconds=20),
        retries=Retries(
            max_attempts=3,
            initial_backoff=Duration(nanos=200_000_000),
            multiplier=2,
            max_backoff=Duration(seconds=5),
            jitter=0.2,
            retry_on=["PROVIDER"],
            max_system_attempts=3,
        ),
        compensate=PlannedFunction(
            package="shop",
            function="refund",
            timeout=Duration(seconds=7),
            retries=Retries(
                max_attempts=5,
                initial_backoff=Duration(seconds=1),
                multiplier=2,
                max_backoff=Duration(seconds=30),
                jitter=0.2,
                max_system_attempts=5,
            ),
        ),
        fallback=PlannedFunction(package="shop", function="invoice", timeout=ONCE),
        cache=CachePolicy(version="1", ttl=Duration(seconds=3600)),
        signals=[PackageSignal(name="approved", type="shop.Quote")],
    )
    assert lines == PlannedNode(
        name="lines",
        package="shop",
        function="reserve",
        input_type="shop.Charge",
        output_type="shop.Reservations",
        timeout=ONCE,
        map=PlannedMap(
            path=["lines"],
            from_input=True,
            results="items",
            max_concurrency=4,
            min_success_ratio=1,
            item_type="shop.Line",
            result_type="shop.Reservation",
        ),
    )
    assert score == PlannedNode(
        name="score",
        package="shop",
        function="score",
        input_type="shop.Quote",
        output_type="shop.Score",
        timeout=ONCE,
    )
    assert join == PlannedNode(
        name="join",
        output_type="shop.Decision",
        gate=PlannedGate(
            required=2, transform="shop.Decision{total: charge.total_cents, risk: score.value}", reads=[2, 4]
        ),
    )
    assert ship == PlannedNode(name="ship", input_type="shop.Decision", output_type="shop.Parcel", flow="shipping@live")
    assert nap == PlannedNode(
        name="nap", input_type="shop.Parcel", output_type="shop.Parcel", sleep=Duration(seconds=2)
    )
    assert plan.edges[3:5] == [PlannedEdge(source=2, target=3), PlannedEdge(source=2, target=4)]
    assert dict(artifact.packages) == {"shop": "5" * 64}


def test_transform_of_a_gate_loads_with_the_nodes_that_it_reads() -> None:
    artifact = compiled(FULFIL, shipping=SHIPPING)
    types, nodes = TypePool(artifact.descriptors), artifact.plan.nodes
    gate = planned(artifact, "join").gate
    read = {nodes[index].name: nodes[index].output_type for index in gate.reads}
    transform = Expressions(types, {**read, "input": artifact.input_type}).load_transform(gate.transform)
    built = transform.apply(
        charge=types.message("shop.Charge")(total_cents=42),
        score=types.message("shop.Score")(value=0.5),
        input=types.message("shop.Order")(),
    )
    assert types.message("shop.Decision").FromString(built) == types.message("shop.Decision")(total=42, risk=0.5)


GATE = """
flow: f
nodes:
  price: {{use: shop/price}}
  score: {{use: shop/score}}
  invoice: {{use: shop/invoice}}
  join: {{gate: {gate}}}
edges: [price -> score, price -> invoice, score -> join, invoice -> join]
"""


@pytest.mark.parametrize(
    ("wait_for", "required"),
    [("", 2), ("wait_for: all,", 2), ("wait_for: any,", 1), ("wait_for: 1,", 1), ('wait_for: "2",', 2)],
)
def test_gate_waits_for_as_many_as_it_says(wait_for: str, required: int) -> None:
    artifact = compiled(GATE.format(gate=f"{{{wait_for} output: shop.Decision}}"))
    assert planned(artifact, "join").gate == PlannedGate(required=required, transform="shop.Decision{}")


def test_gate_reads_what_its_expressions_mean_and_nothing_that_is_only_spelled_alike() -> None:
    fields = '{total: "input.id == \'price\' ? 1 : 2", lines: "input.lines.filter(score, score.quantity > 1)"}'
    gate = planned(compiled(GATE.format(gate=f"{{output: shop.Decision, fields: {fields}}}")), "join").gate
    assert list(gate.reads) == []
    gate = planned(compiled(GATE.format(gate="{output: shop.Decision, fields: {charge: invoice}}")), "join").gate
    names = [node.name for node in compiled(GATE.format(gate="{output: shop.Decision}")).plan.nodes]
    assert [names[index] for index in gate.reads] == ["invoice"]


def test_gate_reads_a_node_that_is_called_like_a_package() -> None:
    source = """
flow: f
nodes:
  shop: {use: shop/price}
  a: {use: shop/score}
  b: {use: shop/score}
  join: {gate: {output: shop.Decision, fields: {total: shop.total_cents}}}
edges: [shop -> a, shop -> b, a -> join, b -> join]
"""
    assert planned(compiled(source), "join").gate == PlannedGate(
        required=2, transform="shop.Decision{total: shop.total_cents}", reads=[0]
    )


@pytest.mark.parametrize(
    ("text", "count", "ratio"),
    [("5", 5, 0.0), ("0", 0, 0.0), ("0.9", None, 0.9), ("1.0", None, 1.0), ("1", 1, 0.0), ('"0.25"', None, 0.25)],
)
def test_least_successes_are_a_number_or_a_ratio(text: str, count: int | None, ratio: float) -> None:
    node = one_node(
        f"{{map: {{over: input.lines, use: shop/reserve, min_successes: {text}}}, "
        "input: shop.Order, output: shop.Reservations}"
    )
    found = node.map.min_successes if node.map.HasField("min_successes") else None
    assert (found, node.map.min_success_ratio, node.map.max_concurrency) == (count, ratio, 8)


def test_map_has_timeout_and_retries_for_each_item() -> None:
    node = one_node(
        "{map: {over: output.lines, use: shop/reserve}, input: shop.Order, output: shop.Reservations, "
        "timeout: 3s, retries: {max_attempts: 3}}"
    )
    assert (node.timeout, node.retries, node.map.from_input) == (Duration(seconds=3), RETRIES, False)


def test_retries_of_the_flow_come_before_those_of_the_package_and_both_before_the_default() -> None:
    node = one_node("{use: shop/charge, retries: {initial_backoff: 1.5s, jitter: 0, max_system_attempts: 9}}")
    assert node.retries == Retries(
        max_attempts=3,
        initial_backoff=Duration(seconds=1, nanos=500_000_000),
        multiplier=2,
        max_backoff=Duration(seconds=5),
        jitter=0,
        retry_on=["PROVIDER"],
        max_system_attempts=9,
    )
    assert list(one_node("{use: shop/charge, retries: {retry_on: [LOGIC, MY_CODE]}}").retries.retry_on) == [
        "LOGIC",
        "MY_CODE",
    ]
    assert not one_node("{use: shop/score}").HasField("retries")
    assert one_node("{use: shop/score, retries: {}}").retries.max_attempts == 1


def test_what_undoes_a_node_is_tried_as_often_as_its_package_says() -> None:
    undo = one_node("{use: shop/charge, compensate: shop/void}").compensate
    assert (undo.retries.max_attempts, undo.retries.max_system_attempts, undo.timeout) == (2, 2, ONCE)


def test_pause_may_give_a_value_of_another_type() -> None:
    node = one_node("{pause: {prompt: How much?}, input: shop.Order, output: shop.Quote}")
    assert node == PlannedNode(
        name="only", input_type="shop.Order", output_type="shop.Quote", pause=PausePolicy(prompt="How much?")
    )


def test_pause_takes_the_message_that_all_edges_into_it_can_be_read_as() -> None:
    # A Charge can be read as a Quote, a Quote not as a Charge.
    source = """
flow: f
nodes: {price: {use: shop/price}, charge: {use: shop/charge}, ask: {pause: {}}}
edges: [{from: price, to: charge, when: "true"}, charge -> ask, {from: price, to: ask, otherwise: true}]
"""
    assert planned(compiled(source), "ask").input_type == "shop.Quote"


def test_order_of_edges_of_different_sources_gives_the_same_plan() -> None:
    lines = FULFIL[FULFIL.index("edges:\n") + 7 :].splitlines(keepends=True)
    other = FULFIL[: FULFIL.index("edges:\n") + 7] + "".join([*lines[2:], *lines[:2]])
    first, second = compiled(FULFIL, shipping=SHIPPING), compiled(other, shipping=SHIPPING)
    assert [node.SerializeToString(deterministic=True) for node in first.plan.nodes] == [
        node.SerializeToString(deterministic=True) for node in second.plan.nodes
    ]
    assert first.digest == second.digest


def test_map_on_an_edge_builds_the_input_that_a_pause_names() -> None:
    source = """
flow: f
nodes: {price: {use: shop/price}, ask: {pause: {}, input: shop.Line}}
edges: [{from: price, to: ask, map: {sku: output.id}}]
"""
    artifact = compiled(source)
    assert (planned(artifact, "ask").output_type, artifact.plan.edges[0].transform) == (
        "shop.Line",
        "shop.Line{sku: output.id}",
    )


def test_package_that_is_named_by_a_message_alone_is_one_of_the_flow() -> None:
    source = "flow: f\nnodes: {ask: {pause: {}, input: shop.Order}}"
    assert dict(compile_flow(read_flow(source.encode()), PACKAGES).packages) == {"shop": "5" * 64}


def test_pipeline_may_be_retried_and_be_followed_by_one_that_takes_its_frames() -> None:
    source = """
flow: f
nodes:
  ask: {pause: {}, input: shop.Order}
  watch: {use: shop/watch, retries: {max_attempts: 3}}
  window: {use: shop/window}
  round: {use: shop/round}
edges: [ask -> watch, watch -> window, window -> round]
"""
    artifact = compiled(source)
    assert [(node.pipeline, node.takes_frames) for node in artifact.plan.nodes] == [
        (False, False),
        (True, False),
        (True, True),
        (False, False),
    ]
    assert (artifact.mode, planned(artifact, "watch").retries) == (Artifact.Mode.PIPELINE, RETRIES)


def test_branches_may_run_at_once_before_a_pipeline() -> None:
    source = """
flow: f
nodes:
  price: {use: shop/price}
  score: {use: shop/score}
  nap: {sleep: 1s}
  join: {gate: {output: shop.Order, fields: {id: nap.id}}}
  watch: {use: shop/watch}
  large: {use: shop/round}
  small: {use: shop/round}
  last: {use: shop/round}
edges:
  - price -> score
  - price -> nap
  - score -> join
  - nap -> join
  - join -> watch
  - {from: watch, to: large, when: output.total_cents > 100}
  - {from: watch, to: small, otherwise: true}
  - large -> last
  - small -> last
"""
    assert compiled(source).mode == Artifact.Mode.PIPELINE
