"""Flow files: what is read, and what is refused with its line."""

from __future__ import annotations

import orjson
import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import example, given
from hypothesis import strategies as st

from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.wire.gen.flow_pb2 import CachePolicy, Flow, FlowEdge, FlowNode, GatePolicy, MapPolicy, PausePolicy
from penstock.wire.gen.retries_pb2 import Retries


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
        "line 7: nodes.ship has none of use, pause, gate, map, flow, sleep",
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


def test_every_key_is_read() -> None:
    source = """\
flow: fulfil
deadline: 1h
failure_policy: finish_branches
compensate_on_cancel: true
nodes:
  price:
    use: orders/price
    timeout: 10s
    retries:
      max_attempts: 3
      initial_backoff: 0.2s
      multiplier: 2
      max_backoff: 30s
      jitter: 0.5
      retry_on: [PROVIDER, NODE_TIMEOUT]
      max_system_attempts: 9
    compensate: orders/refund
    fallback: orders/guess
    cache: {version: 1.5, ttl: 24h}
  approve: {pause: {prompt: "Approve?", timeout: 24h, on_timeout: reject}, input: orders.Priced, output: orders.Order}
  join: {gate: {wait_for: 2, output: orders.Decision, fields: {total: charge.total_cents}}}
  first: {gate: {wait_for: any}}
  lines: {map: {over: input.lines, use: orders/reserve, max_concurrency: 8, min_successes: 0.90}, output: orders.Held}
  all: {map: {min_successes: 1.0}}
  one: {map: {min_successes: 1}}
  ship: {flow: shipping@live}
  nap: {sleep: 2s}
"""
    assert read_flow(source.encode()) == Flow(
        flow="fulfil",
        deadline=Duration(seconds=3600),
        failure_policy="finish_branches",
        compensate_on_cancel=True,
        nodes={
            "price": FlowNode(
                use="orders/price",
                timeout=Duration(seconds=10),
                retries=Retries(
                    max_attempts=3,
                    initial_backoff=Duration(nanos=200_000_000),
                    multiplier=2,
                    max_backoff=Duration(seconds=30),
                    jitter=0.5,
                    retry_on=["PROVIDER", "NODE_TIMEOUT"],
                    max_system_attempts=9,
                ),
                compensate="orders/refund",
                fallback="orders/guess",
                cache=CachePolicy(version="1.5", ttl=Duration(seconds=86_400)),
            ),
            "approve": FlowNode(
                pause=PausePolicy(prompt="Approve?", timeout=Duration(seconds=86_400), on_timeout="reject"),
                input="orders.Priced",
                output="orders.Order",
            ),
            "join": FlowNode(
                gate=GatePolicy(wait_for="2", output="orders.Decision", fields={"total": "charge.total_cents"})
            ),
            "first": FlowNode(gate=GatePolicy(wait_for="any")),
            "lines": FlowNode(
                map=MapPolicy(over="input.lines", use="orders/reserve", max_concurrency=8, min_successes="0.9"),
                output="orders.Held",
            ),
            "all": FlowNode(map=MapPolicy(min_successes="1.0")),
            "one": FlowNode(map=MapPolicy(min_successes="1")),
            "ship": FlowNode(flow="shipping@live"),
            "nap": FlowNode(sleep=Duration(seconds=2)),
        },
    )


def test_empty_members_are_there() -> None:
    read = read_flow(b"flow: f\nnodes: {a: {use: b/c, retries: {}, cache: {}}, d: {pause: {}}}")
    assert (read.nodes["a"].HasField("retries"), read.nodes["a"].HasField("cache")) == (True, True)
    assert read.nodes["d"].WhichOneof("kind") == "pause"


def test_wrong_keys_and_types_of_every_kind_are_reported_with_their_line() -> None:
    source = """\
flow: fulfil
deadline: 3600
failure_policy: [fail]
compensate_on_cancel: maybe
nodes:
  a: {use: b/c, retries: 3, compensate: {use: b/d}, fallback: 1, cache: yes}
  d:
    use: b/c
    retries:
      max_attempts: 1.5
      initial_backoff: 200
      multiplier: two
      retry_on: PROVIDER
      max_system_attempts: 99999999999
      max_atempts: 3
  e: {pause: {promt: x, timeout: 24, on_timeout: false}}
  f: {gate: {wait_for: 1.5, fields: {total: 3}, outputs: x}}
  g: {map: {over: [input, lines], use: 3, max_concurrency: "8", min_successes: all, function: x}}
  h: {flow: {name: shipping}}
  i: {sleep: 2}
  j: {use: b/c, pause: {}}
  k: {sleep: 1s, gate: {}, map: {}}
  l: {cache: {version: [1], ttl: 3, key: x}}
"""
    time = "a length of time such as 10s, 1.5s, 200ms, 5m, 24h or 1h30m"
    assert problems_of(source) == [
        f"line 2: deadline has the wrong type (expected {time}, found 3600)",
        "line 3: failure_policy has the wrong type (expected fail_at_once or finish_branches, found a list)",
        'line 4: compensate_on_cancel has the wrong type (expected true or false, found "maybe")',
        "line 6: nodes.a.retries has the wrong type (expected retries such as {max_attempts: 3}, found 3)",
        "line 6: nodes.a.compensate has the wrong type (expected package/node, found a mapping)",
        "line 6: nodes.a.fallback has the wrong type (expected package/node, found 1)",
        'line 6: nodes.a.cache has the wrong type (expected a cache such as {version: v1, ttl: 1h}, found "yes")',
        "line 10: nodes.d.retries.max_attempts has the wrong type (expected a whole number from 1 to 100, found 1.5)",
        f"line 11: nodes.d.retries.initial_backoff has the wrong type (expected {time}, found 200)",
        'line 12: nodes.d.retries.multiplier has the wrong type (expected a number from 1 to 100, found "two")',
        "line 13: nodes.d.retries.retry_on has the wrong type "
        '(expected a list of codes and classes of failures, found "PROVIDER")',
        "line 14: nodes.d.retries.max_system_attempts has the wrong form "
        "(expected a whole number from 1 to 100, found 99999999999)",
        "line 15: unknown key max_atempts in nodes.d.retries; did you mean max_attempts?",
        f"line 16: nodes.e.pause.timeout has the wrong type (expected {time}, found 24)",
        "line 16: nodes.e.pause.on_timeout has the wrong type (expected approve, reject or fail, found false)",
        "line 16: unknown key promt in nodes.e.pause; did you mean prompt?",
        "line 17: nodes.f.gate.wait_for has the wrong type (expected all, any or a number of branches, found 1.5)",
        "line 17: nodes.f.gate.fields.total has the wrong type (expected CEL as text, found 3)",
        "line 17: unknown key outputs in nodes.f.gate; did you mean output?",
        "line 18: nodes.g.map.over has the wrong type "
        "(expected a path such as input.lines or output.lines, found a list)",
        "line 18: nodes.g.map.use has the wrong type (expected package/node, found 3)",
        'line 18: nodes.g.map.max_concurrency has the wrong type (expected a whole number from 1 to 1000, found "8")',
        "line 18: unknown key function in nodes.g.map; the keys are over, use, max_concurrency, min_successes",
        "line 19: nodes.h.flow has the wrong type (expected the name of a flow, or name@alias, found a mapping)",
        f"line 20: nodes.i.sleep has the wrong type (expected {time}, found 2)",
        "line 21: nodes.j has use and pause; a node has one of them",
        "line 22: nodes.k has gate and map and sleep; a node has one of them",
        "line 23: nodes.l.cache.version has the wrong type (expected text, found a list)",
        f"line 23: nodes.l.cache.ttl has the wrong type (expected {time}, found 3)",
        "line 23: unknown key key in nodes.l.cache; the keys are version, ttl",
        "line 23: nodes.l has none of use, pause, gate, map, flow, sleep",
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


_KINDS = ["pause", "gate", "map", "retries", "sleep", "1.5"]
_PIECES = ["flow", "nodes", "edges", "use", "timeout", "a/b", "10s", "a -> b", "[", "]", "{", "}", ",", "- ", "  "]
_MARKS = [": ", ":", "\n", "\t", "'", '"', "&x ", "*x", "!!int ", "? ", "|", "> ", "---", "...", "#", "%", "\\", "~"]


@given(
    st.lists(st.sampled_from([*_KINDS, *_PIECES, *_MARKS]), max_size=40).map("".join).map(str.encode)
    | st.binary(max_size=40)
)
@example(b"flow: f\nnodes: {a: {use: b/c}}")
def test_whatever_is_in_a_file_it_is_a_flow_or_a_refusal(source: bytes) -> None:
    try:
        read = read_flow(source)
    except FlowDoesNotCompile as refusal:
        assert all(problem.where.startswith("line ") for problem in refusal.problems)
    else:
        assert Flow.FromString(read.SerializeToString()) == read
