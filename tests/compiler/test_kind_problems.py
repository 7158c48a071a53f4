"""Flows whose nodes are not used as their kind is, each with all that is said about it."""

from __future__ import annotations

import pytest

from penstock.engine.compiler.flow_file import read_flow
from penstock.wire.gen.flow_pb2 import Flow, FlowNode, PausePolicy
from tests.compiler.shop import problems_in, problems_of

DURATION = "expected 1ms to 87600h, found"


def test_node_that_does_nothing_and_one_that_does_two_things() -> None:
    flow = Flow(flow="f", nodes={"a": FlowNode(), "b": FlowNode(use="shop/price", pause=PausePolicy())})
    assert problems_of(flow)[:2] == [
        "node a: has none of use, pause, gate, map, flow, sleep",
        "node b: has use and pause; a node has one of them",
    ]


@pytest.mark.parametrize(
    ("node", "problems"),
    [
        # Keys that do not go with the kind.
        ("{pause: {}, input: shop.Order, timeout: 1s}", ["node a: a pause has no timeout"]),
        ("{sleep: 1s, input: shop.Order, output: shop.Order}", ["node a: a sleep has no output"]),
        (
            "{flow: shipping, retries: {}, input: shop.Order}",
            ["node a: a sub-flow has no retries", "node a: a sub-flow has no input"],
        ),
        ("{use: shop/price, output: shop.Quote}", ["node a: a function has no output"]),
        (
            "{map: {over: input.lines, use: shop/reserve}, input: shop.Order, output: shop.Reservations, cache: {}}",
            ["node a: a map has no cache"],
        ),
        # Retries.
        (
            "{use: shop/price, retries: {max_attempts: 0, max_system_attempts: 101}}",
            [
                "node a: retries.max_attempts out of range (expected 1 to 100, found 0)",
                "node a: retries.max_system_attempts out of range (expected 1 to 100, found 101)",
            ],
        ),
        (
            "{use: shop/price, retries: {multiplier: 0.5, jitter: 1.1}}",
            [
                "node a: retries.multiplier out of range (expected 1 to 100, found 0.5)",
                "node a: retries.jitter out of range (expected 0 to 1, found 1.1)",
            ],
        ),
        (
            "{use: shop/price, retries: {initial_backoff: 25h, max_backoff: 24h1ms}}",
            [
                "node a: retries.initial_backoff out of range (expected 0s to 24h, found 25h)",
                "node a: retries.max_backoff out of range (expected 0s to 24h, found 24h1ms)",
            ],
        ),
        (
            "{use: shop/price, retries: {retry_on: [TIMEOUT, timeout]}}",
            [
                "node a: wrong retries.retry_on "
                '(expected a code such as NODE_TIMEOUT or a class such as PROVIDER, found "timeout")'
            ],
        ),
        # Compensation.
        (
            "{use: shop/charge, compensate: shop/refnd}",
            ["node a: compensate: package shop has no node refnd; did you mean refund?"],
        ),
        (
            "{use: shop/charge, compensate: bank/refund}",
            ["node a: compensate: there is no package bank; there is shop"],
        ),
        (
            "{use: shop/charge, compensate: refund}",
            ['node a: wrong compensate (expected package/node, found "refund")'],
        ),
        (
            "{use: shop/charge, compensate: shop/rewatch}",
            ["node a: compensate: shop/rewatch is a pipeline; a function that gives one message is needed"],
        ),
        (
            "{use: shop/score, compensate: shop/refund}",
            [
                "node a: compensate: shop/refund cannot read what a gives: field id (number 1): expected string, "
                "found double (expected shop.Charge, found shop.Score)"
            ],
        ),
        (
            "{use: shop/watch, compensate: shop/invoice}",
            ["node a: shop/watch is a pipeline; only a function that gives one message has a compensate"],
        ),
        # Fallback.
        (
            "{use: shop/charge, fallback: shop/x/y}",
            ['node a: wrong fallback (expected package/node, found "shop/x/y")'],
        ),
        (
            "{use: shop/charge, fallback: shop/score}",
            [
                "node a: fallback: what shop/score gives cannot be read as what the node gives: "
                "field id (number 1): expected string, found double (expected shop.Charge, found shop.Score)"
            ],
        ),
        (
            "{use: shop/score, fallback: shop/score_charge}",
            [
                "node a: fallback: shop/score_charge cannot read what the node takes: field paid (number 3): "
                "expected bool, found no field of that number in shop.Quote (expected shop.Charge, found shop.Quote)"
            ],
        ),
        (
            "{use: shop/rewatch, fallback: shop/round}",
            ["node a: shop/rewatch is a pipeline; only a function that gives one message has a fallback"],
        ),
        # Cache.
        (
            f"{{use: shop/price, cache: {{version: {'v' * 65}, ttl: 999ms}}}}",
            [
                "node a: cache.version is too long (expected at most 64 characters, found 65)",
                "node a: cache.ttl out of range (expected 1s to 87600h, found 999ms)",
            ],
        ),
        (
            "{use: shop/watch, cache: {}}",
            ["node a: shop/watch is a pipeline; only a function that gives one message has a cache"],
        ),
        # Pauses and sleeps.
        (
            f"{{pause: {{prompt: {'x' * 4097}}}, input: shop.Order}}",
            ["node a: the prompt is too long (expected at most 4096 characters, found 4097)"],
        ),
        (
            "{pause: {timeout: 0s, on_timeout: ignore}, input: shop.Order}",
            [
                f"node a: pause.timeout out of range ({DURATION} 0s)",
                'node a: wrong on_timeout (expected approve, reject or fail, found "ignore")',
            ],
        ),
        (
            "{pause: {timeout: 1h, on_timeout: approve}, input: shop.Order, output: shop.Quote}",
            [
                "node a: on_timeout cannot approve: nobody would give the shop.Quote that the pause needs "
                "(expected reject or fail, found approve)"
            ],
        ),
        ("{pause: {}}", ["node a: nothing comes before it, so it needs input, the message that it takes"]),
        ("{sleep: 87601h, input: shop.Order}", [f"node a: sleep out of range ({DURATION} 87601h)"]),
        ("{sleep: 1s}", ["node a: nothing comes before it, so it needs input, the message that it takes"]),
        ("{sleep: 1s, input: shop.Ordr}", ["node a: input: there is no message shop.Ordr; did you mean shop.Order?"]),
        # Maps.
        (
            "{map: {over: input.lines, use: shop/reserve}}",
            [
                "node a: nothing comes before it, so it needs input, the message that it takes",
                "node a: a map needs output, the message that takes the results",
            ],
        ),
        (
            "{map: {over: lines, use: shop/reserv}, input: shop.Order, output: shop.Reservations}",
            [
                "node a: map.use: package shop has no node reserv; did you mean reserve?",
                'node a: map.over: expected a path such as input.lines or output.lines, found "lines"',
            ],
        ),
        (
            "{map: {over: input.line, use: shop/reserve}, input: shop.Order, output: shop.Reservations}",
            ["node a: map.over: input is shop.Order, which has no field line; did you mean lines?"],
        ),
        (
            "{map: {over: input.first, use: shop/reserve}, input: shop.Order, output: shop.Reservations}",
            ["node a: map.over: input.first is not a repeated message field"],
        ),
        (
            "{map: {over: input.tags, use: shop/reserve}, input: shop.Order, output: shop.Reservations}",
            ["node a: map.over: input.tags is not a repeated message field"],
        ),
        (
            "{map: {over: output.lines.sku, use: shop/reserve}, input: shop.Order, output: shop.Reservations}",
            ["node a: map.over: output.lines is not a message, so it has no field sku"],
        ),
        (
            "{map: {over: output.lines, use: shop/score}, input: shop.Order, output: shop.Reservations}",
            [
                "node a: map.use: shop/score cannot read an item of output.lines: field total_cents (number 2): "
                "expected int64, found int32 (expected shop.Quote, found shop.Line)",
                "node a: shop.Reservations must have one repeated field that takes what shop/score gives, shop.Score "
                "(expected 1, found 0)",
            ],
        ),
        (
            "{map: {over: output.lines, use: shop/rewatch}, input: shop.Order, output: shop.Reservations}",
            ["node a: map.use: shop/rewatch is a pipeline; a function that gives one message is needed"],
        ),
        (
            "{map: {over: output.lines, use: shop/reserve}, input: shop.Order, output: shop.Two}",
            [
                "node a: shop.Two must have one repeated field that takes what shop/reserve gives, shop.Reservation "
                "(expected 1, found 2: first, second)"
            ],
        ),
        (
            "{map: {over: output.lines, use: shop/reserve, max_concurrency: 1001, min_successes: 1.5}, "
            "input: shop.Order, output: shop.Reservations}",
            [
                "node a: map.max_concurrency out of range (expected 1 to 1000, found 1001)",
                "node a: wrong map.min_successes "
                '(expected a number from 0 to 100000, or a ratio from 0.0 to 1.0, found "1.5")',
            ],
        ),
        # Sub-flows.
        ("{flow: Shipping}", ['node a: wrong flow (expected name or name@alias, found "Shipping")']),
        ("{flow: shipping@}", ['node a: wrong flow (expected name or name@alias, found "shipping@")']),
        ("{flow: shiping@live}", ["node a: there is no flow shiping@live"]),
        (
            "{flow: f@prod}",
            ["node a: the flow runs itself, and there is no f@prod yet; compile it without this node first"],
        ),
        ("{flow: watching}", ["node a: flow watching is a pipeline; a sub-flow gives one message"]),
        # Gates.
        (
            "{gate: {}}",
            [
                "node a: a gate joins branches (expected at least 2 edges to it, found 0)",
                "node a: a gate needs output, the message that it gives",
            ],
        ),
    ],
)
def test_wrong_node_is_explained_in_exact_sentences(node: str, problems: list[str]) -> None:
    assert problems_in(f"flow: f\nnodes:\n  a: {node}") == problems


def test_wrong_flow_members_are_explained() -> None:
    assert problems_in("flow: f\ndeadline: 0s\nfailure_policy: stop\nnodes: {a: {use: shop/price}}") == [
        f"flow: deadline out of range ({DURATION} 0s)",
        'flow: wrong failure_policy (expected fail_at_once or finish_branches, found "stop")',
    ]


def test_node_that_is_wrong_in_kind_causes_no_other_problem() -> None:
    flow = read_flow(b"flow: f\nnodes: {price: {use: shop/price}, x: {sleep: 1s}}\nedges: [price -> x]")
    flow.nodes["x"].Clear()
    assert problems_of(flow) == ["node x: has none of use, pause, gate, map, flow, sleep"]
