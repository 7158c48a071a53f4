"""Graphs in which gates, parallel branches and pipelines do not go together, each with all that is said about it."""

from __future__ import annotations

import pytest

from tests.compiler.shop import problems_in

NODES = """
flow: f
nodes:
  price: {use: shop/price}
  score: {use: shop/score}
  invoice: {use: shop/invoice}
  ask: {pause: {}}
"""
EDGES = "edges: [price -> score, price -> invoice, score -> join, invoice -> join, join -> decide]"


def gated(gate: str, edges: str = EDGES) -> str:
    return f"""
flow: f
nodes:
  price: {{use: shop/price}}
  score: {{use: shop/score}}
  invoice: {{use: shop/invoice}}
  join: {{gate: {{output: shop.Decision, {gate}}}}}
  decide: {{use: shop/decide}}
{edges}
"""


KNOWN = "is not known; the variables are input, invoice, price, score"
START = "edges: [price -> score, price -> invoice"
UNNAMED = "means something else in CEL, so the gate cannot read the node of that name"
MEETING = "can both be taken in one run; branches that run at once join at a gate"


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        (gated("wait_for: some"), ['node join: wrong wait_for (expected all, any or 1 to 2, found "some")']),
        (gated("wait_for: 3"), ['node join: wrong wait_for (expected all, any or 1 to 2, found "3")']),
        (gated("wait_for: 0"), ['node join: wrong wait_for (expected all, any or 1 to 2, found "0")']),
        (
            gated("fields: {risk: scor.value}"),
            [f"node join: fields risk: scor.value {KNOWN} (at character 5)"],
        ),
        (
            gated("fields: {risk: decide.risk}"),
            [f"node join: fields risk: decide.risk {KNOWN} (at character 7)"],
        ),
        (
            gated("fields: {risk: score.valu}"),
            ["node join: fields risk: shop.Score has no field valu; did you mean value? (at character 6)"],
        ),
        (
            gated("fields: {risk: price.total_cents, totl: price.total_cents}"),
            [
                "node join: fields risk: wrong type; write double(…) (expected double, found int)",
                "node join: fields totl: shop.Decision has no field totl; did you mean total?",
            ],
        ),
        (
            gated("").replace("shop.Decision", "shop.Decison"),
            ["node join: gate.output: there is no message shop.Decison; did you mean shop.Decision?"],
        ),
        (
            gated(
                "",
                f"{START}, {{from: score, to: join, map: {{risk: output.value}}}}, invoice -> join, join -> decide]",
            ),
            ["edge score -> join: a gate takes no message, so there is nothing to map; see fields of join"],
        ),
        (
            gated(
                "",
                f"{START}, score -> join, {{from: invoice, to: join, when: output.paid}}, "
                "{from: invoice, to: join, otherwise: true}, join -> decide]",
            ),
            ["node join: 2 edges lead from invoice to the gate; it waits for one of a node"],
        ),
        (
            gated("fields: {total: import.total_cents}")
            .replace("price", "import")
            .replace("shop/import", "shop/price"),
            [f"node join: fields total: import {UNNAMED}"],
        ),
        (
            gated("", "edges: [price -> invoice, invoice -> join, join -> decide]").replace("  score:", "  #"),
            ["node join: a gate joins branches (expected at least 2 edges to it, found 1)"],
        ),
        # Joins.
        (
            NODES + START + ", {from: score, to: ask, map: {id: input.id}}, invoice -> ask]",
            [
                f"node ask: score -> ask and invoice -> ask {MEETING}",
                "node ask: edge score -> ask has a map, so ask needs input, the message that the map builds",
            ],
        ),
        (
            "flow: f\nnodes: {price: {use: shop/price}, ask: {pause: {}}}\nedges: [price -> ask, price -> ask]",
            [f"node ask: price -> ask (1 of 2) and price -> ask (2 of 2) {MEETING}"],
        ),
        # The messages that a pause and a sub-flow take.
        (
            "flow: f\nnodes: {price: {use: shop/price}, ask: {pause: {}, input: shop.Score}}\nedges: [price -> ask]",
            [
                "edge price -> ask: ask cannot read what price gives: field value (number 1): expected double, "
                "found string; a map can convert it (expected shop.Score, found shop.Quote)"
            ],
        ),
        (
            "flow: f\nnodes: {price: {use: shop/price}, ship: {flow: shipping}}\nedges: [price -> ship]",
            [
                "edge price -> ship: ship cannot read what price gives: field total (number 1): expected int64, "
                "found string; a map can convert it (expected shop.Decision, found shop.Quote)"
            ],
        ),
        # A misspelled end does not make an entry or a gate without branches.
        (
            gated("", EDGES.replace("score -> join, invoice -> join", "scor -> join, invoic -> join")),
            [
                "edge scor -> join: there is no node scor; did you mean score?",
                "edge invoic -> join: there is no node invoic; did you mean invoice?",
            ],
        ),
    ],
)
def test_wrong_graph_is_explained_in_exact_sentences(source: str, problems: list[str]) -> None:
    assert problems_in(source) == problems


PIPELINE = """
flow: f
nodes:
  watch: {{use: shop/watch}}
  {nodes}
edges: {edges}
"""


@pytest.mark.parametrize(
    ("nodes", "edges", "problems"),
    [
        (
            "rewatch: {use: shop/rewatch}",
            "[watch -> rewatch]",
            ["flow: has several pipeline nodes (expected at most 1, found 2: rewatch, watch)"],
        ),
        (
            "nap: {sleep: 1s}",
            "[watch -> nap]",
            ["node nap: a sleep can stand only before the pipeline watch"],
        ),
        (
            "charge: {use: shop/charge, compensate: shop/refund}",
            "[watch -> charge]",
            ["node charge: it runs once for each frame of watch, so it has no compensate"],
        ),
        (
            "score: {use: shop/score}\n  charge: {use: shop/charge}\n  join: {gate: {output: shop.Decision}}",
            "[watch -> score, watch -> charge, score -> join, charge -> join]",
            [
                "node join: a gate can stand only before the pipeline watch",
                "node watch: several of its edges are always taken, which is possible only before the pipeline watch",
            ],
        ),
        (
            "window: {use: shop/window}\n  round: {use: shop/round}",
            "[{from: watch, to: window, when: output.id == ''}, {from: watch, to: round, otherwise: true}, "
            "window -> round]",
            [
                "node window: shop/window takes a stream of messages, "
                "so each way from watch to the end must lead through it"
            ],
        ),
        (
            "window: {use: shop/window}\n  price: {use: shop/price}",
            "[price -> window, {from: window, to: watch, map: {id: output.id}}]",
            ["node window: shop/window takes a stream of messages, so it must stand behind watch"],
        ),
    ],
)
def test_wrong_pipeline_is_explained_in_exact_sentences(nodes: str, edges: str, problems: list[str]) -> None:
    assert problems_in(PIPELINE.format(nodes=nodes, edges=edges)) == problems


def test_node_that_takes_frames_needs_a_pipeline() -> None:
    assert problems_in("flow: f\nnodes: {price: {use: shop/price}, w: {use: shop/window}}\nedges: [price -> w]") == [
        "node w: shop/window takes a stream of messages, and no pipeline before it gives one"
    ]
