"""What a flow with a pipeline may not say of the nodes behind it."""

from __future__ import annotations

import pytest

from tests.compiler.shop import problems_in

FLOW = """
flow: f
nodes:
  price: {{use: shop/price}}
  watch: {{use: shop/watch}}
  {nodes}
edges: {edges}
"""
STREAM = "shop/window takes a stream of messages, so each way"


@pytest.mark.parametrize(
    ("nodes", "edges", "problems"),
    [
        (
            "round: {use: shop/round, retries: {max_attempts: 2}}",
            "[{from: price, to: watch, map: {id: output.id}}, watch -> round]",
            [
                "node round: it is tried again together with watch, whose retries are those of the whole pipeline:"
                " it has none of its own"
            ],
        ),
        (
            "round: {use: shop/round, cache: {version: '1'}, fallback: shop/round}",
            "[{from: price, to: watch, map: {id: output.id}}, watch -> round]",
            [
                "node round: it runs once for each frame of watch, so it has no fallback",
                "node round: it runs once for each frame of watch, so it has no cache",
            ],
        ),
        (
            "window: {use: shop/window}",
            "[{from: price, to: watch, when: output.id == '', map: {id: output.id}},"
            " {from: price, to: window, otherwise: true}, watch -> window]",
            [f"node window: {STREAM} to it must lead through watch"],
        ),
    ],
)
def test_wrong_pipeline_is_explained_in_exact_sentences(nodes: str, edges: str, problems: list[str]) -> None:
    assert problems_in(FLOW.format(nodes=nodes, edges=edges)) == problems
