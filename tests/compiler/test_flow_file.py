"""Flow files: what is read, and what is refused with its line."""

from __future__ import annotations

import orjson
import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import example, given
from hypothesis import strategies as st

from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.wire.gen.flow_pb2 import Flow, FlowEdge, FlowNode


def edge(source: str, to: str, **rest: object) -> FlowEdge:
    return FlowEdge(**{"from": source, "to": to, **rest})


FULFIL = Flow(
    flow="fulfil",
    description="Price an order and charge it.",
    nodes={
        "price": FlowNode(use="orders/price", timeout=Duration(seconds=1, nanos=500_000_000)),
        "charge": FlowNode(use="orders/charge"),
        "waive": FlowNode(use="orders/waive"),
    },
    edges=[
        edge("price", "charge", when="output.total_cents > 0", map={"cents": "output.total_cents"}),
        edge("price", "waive", otherwise=True),
        edge("charge", "waive"),
    ],
)

YAML = """\
flow: fulfil
description: Price an order and charge it.
nodes:
  price: {use: orders/price, timeout: 1.5s}
  charge: {use: orders/charge}
  waive:
    use: "orders/waive"
edges:
  - {from: price, to: charge, when: "output.total_cents > 0", map: {cents: output.total_cents}}
  - from: price
    to: waive
    otherwise: true
  - charge -> waive
"""

JSON = {
    "flow": "fulfil",
    "description": "Price an order and charge it.",
    "nodes": {
        "price": {"use": "orders/price", "timeout": "1.5s"},
        "charge": {"use": "orders/charge"},
        "waive": {"use": "orders/waive"},
    },
    "edges": [
        {"from": "price", "to": "charge", "when": "output.total_cents > 0", "map": {"cents": "output.total_cents"}},
        {"from": "price", "to": "waive", "otherwise": True},
        "charge -> waive",
    ],
}


def problems_of(source: str | bytes) -> list[str]:
    with pytest.raises(FlowDoesNotCompile) as caught:
        read_flow(source.encode() if isinstance(source, str) else source)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "source",
    [
        YAML.encode(),
        b"\xef\xbb\xbf" + YAML.encode(),
        YAML.replace("\n", "\r\n").encode(),
        orjson.dumps(JSON),
        orjson.dumps(JSON, option=orjson.OPT_INDENT_2).replace(b"  ", b"\t"),
    ],
    ids=["yaml", "yaml with a mark", "yaml of Windows", "json", "json with tabs"],
)
def test_flow_reads_the_same_in_every_style(source: bytes) -> None:
    assert read_flow(source) == FULFIL


def test_smallest_flow_has_one_node_and_no_edges() -> None:
    assert read_flow(b"flow: hello\nnodes: {greet: {use: hello/greet}}") == Flow(
        flow="hello", nodes={"greet": FlowNode(use="hello/greet")}
    )


def test_words_that_older_yaml_takes_for_booleans_are_names() -> None:
    read = read_flow(b"flow: on\nnodes: {yes: {use: a/b}, off: {use: c/no}}\nedges: [yes -> off]")
    assert read == Flow(
        flow="on", nodes={"yes": FlowNode(use="a/b"), "off": FlowNode(use="c/no")}, edges=[edge("yes", "off")]
    )


def test_character_that_json_escapes_in_halves_is_one_character() -> None:
    read = read_flow(rb'{"flow": "f", "description": "\ud83d\ude00", "nodes": {"a": {"use": "b/c"}}}')
    assert read.description == "\N{GRINNING FACE}"


def test_empty_condition_is_kept_for_the_compiler_to_refuse() -> None:
    read = read_flow(b"flow: f\nnodes: {a: {use: b/c}}\nedges: [{from: a, to: a, when: ''}]")
    assert read.edges[0].HasField("when")


def test_every_problem_is_reported_with_its_line() -> None:
    source = """\
flow: 3
descripton: x
nodes:
  price: {use: orders/price, tiemout: 10s}
  price: {use: orders/price, tiemout: 10s}
  charge: {use: [1], timeout: 10}
  ship: {timeout: 10 seconds}
  empty:
  short: orders/score
edges:
  - {from: price, when: 3, otherwise: yes, map: {name: 3}}
  - approve > charge
  - [a, b]
  - {from: charge, to: label, mapping: {}}
create_time: now
"""
    time = "a length of time such as 10s, 1.5s, 200ms, 5m, 24h or 1h30m"
    assert problems_of(source) == [
        "line 1: flow has the wrong type (expected the name of the flow, found 3)",
        "line 2: unknown key descripton in the file; did you mean description?",
        "line 4: unknown key tiemout in nodes.price; did you mean timeout?",
        "line 5: the key price is here again; it is on line 4",
        "line 6: nodes.charge.use has the wrong type (expected package/node, found a list)",
        f"line 6: nodes.charge.timeout has the wrong type (expected {time}, found 10)",
        f'line 7: nodes.ship.timeout has the wrong form (expected {time}, found "10 seconds")',
        "line 7: nodes.ship has no use",
        "line 8: nodes.empty has the wrong type (expected a node such as {use: package/node}, found nothing)",
        'line 9: nodes.short has the wrong type (expected a node such as {use: package/node}, found "orders/score")',
        "line 11: edges[0].when has the wrong type (expected CEL as text, found 3)",
        'line 11: edges[0].otherwise has the wrong type (expected true or false, found "yes")',
        "line 11: edges[0].map.name has the wrong type (expected CEL as text, found 3)",
        "line 11: edges[0] has no to",
        'line 12: edges[1] has the wrong form (expected source -> target, found "approve > charge")',
        "line 13: edges[2] has the wrong type "
        "(expected an edge: source -> target, or {from: source, to: target}, found a list)",
        "line 14: unknown key mapping in edges[3]; did you mean map?",
        "line 15: create_time is set by the server; leave it out",
    ]


def test_what_this_version_cannot_run_yet_is_named() -> None:
    source = """\
flow: fulfil
nodes:
  price: {use: orders/price, retries: {max_attempts: 3}}
  approve: {pause: {prompt: "Approve?"}}
  charge: {use: orders/charge, compensate: orders/refund}
  join: {gate: {wait_for: all, output: orders.Decision, fields: {total: charge.total_cents}}}
  lines: {map: {over: input.lines, use: orders/reserve}, output: orders.Reservations}
  ship: {flow: shipping@live}
  nap: {sleep: 2s}
"""
    assert problems_of(source) == [
        "line 3: nodes.price.retries: this version does not have retries yet",
        "line 4: nodes.approve.pause: this version does not have pauses yet",
        "line 5: nodes.charge.compensate: this version does not have compensation yet",
        "line 6: nodes.join.gate: this version does not have gates yet",
        "line 7: nodes.lines.map: this version does not have nodes that run once an item yet",
        "line 7: nodes.lines.output: this version does not have output messages of a node yet",
        "line 8: nodes.ship.flow: this version does not have sub-flows yet",
        "line 9: nodes.nap.sleep: this version does not have sleeps yet",
    ]


NOT_A_FLOW = "(expected a flow with its name, nodes and edges, found"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"", "line 1: the file is empty"),
        (b"# nothing\n", "line 1: the file is empty"),
        (b"---\n", f"line 1: the file has the wrong type {NOT_A_FLOW} nothing)"),
        (b"[]", f"line 1: the file has the wrong type {NOT_A_FLOW} a list)"),
        (b"nodes: {a: {use: b/c}}", "line 1: the file has no flow"),
        (b"flow: f", "line 1: the file has no nodes"),
        (b"flow: f\nnodes: {}\nedges:\n", "line 3: edges has the wrong type (expected a list of edges, found nothing)"),
        (b"flow: f\n---\nflow: g", "line 2: a second document; a file holds one flow"),
        (b"flow: &x f\nnodes: *x", "line 2: the alias *x is not followed; write the value out"),
        (b"flow: !!python/name:os.system f", "line 1: the tag !!python/name:os.system is not read; leave it out"),
        (b"flow: f\nnodes: a: b", "line 2: not YAML: mapping values are not allowed in this context"),
        (b"flow: f\nnodes: [", "line 3: not YAML: did not find expected node content"),
        (b"flow: f\nx: \xff", "line 2: not UTF-8 text"),
        (b"flow: \x00", "line 1: not YAML: control characters are not allowed"),
        (b"[a, b]: c", "line 1: a key must be text"),
        (b"flow: " + b"[" * 200 + b"]" * 200, "line 1: nested deeper than 32 levels"),
        (
            b"flow: '" + b"x" * 500 + b"'\nnodes: []",
            "line 2: nodes has the wrong type (expected nodes by name, found a list)",
        ),
    ],
)
def test_file_that_is_no_flow_is_refused_in_one_sentence(source: bytes, problem: str) -> None:
    assert problems_of(source) == [problem]


def test_long_values_are_shown_shortened() -> None:
    [problem] = problems_of(f"flow: f\nnodes: {'x' * 500}")
    assert problem == f'line 2: nodes has the wrong type (expected nodes by name, found "{"x" * 78}…)'


_PIECES = ["flow", "nodes", "edges", "use", "timeout", "a/b", "10s", "a -> b", "[", "]", "{", "}", ",", "- ", "  "]
_MARKS = [": ", ":", "\n", "\t", "'", '"', "&x ", "*x", "!!int ", "? ", "|", "> ", "---", "...", "#", "%", "\\", "~"]


@given(
    st.lists(st.sampled_from([*_PIECES, *_MARKS]), max_size=40).map("".join).map(str.encode) | st.binary(max_size=40)
)
@example(b"flow: f\nnodes: {a: {use: b/c}}")
def test_whatever_is_in_a_file_it_is_a_flow_or_a_refusal(source: bytes) -> None:
    try:
        read = read_flow(source)
    except FlowDoesNotCompile as refusal:
        assert all(problem.where.startswith("line ") for problem in refusal.problems)
    else:
        assert Flow.FromString(read.SerializeToString()) == read
