"""Whatever a flow is made of: it compiles to a plan that holds together, or is refused."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.wire.expressions import Expressions
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import CachePolicy, Flow, FlowEdge, FlowNode, GatePolicy, MapPolicy, PausePolicy
from penstock.wire.gen.retries_pb2 import Retries
from penstock.wire.types import TypePool
from tests.compiler.shop import PACKAGES, SHIPPING, SHOP, WATCHING

NAMES = ["a", "b", "c", "d", "e", "import", "input"]
EXPRESSIONS = ["a.id", "b.total_cents", "output.id", "input", "import.id", "1", "", "a", "'x'", "{", "in"]
FIELDS = ["id", "total", "total_cents", "value", "x", "in", ""]
FLOWS = ["shipping", "watching@live", "f", "f@live", "", "@", "x@y"]
TYPES = ["", "shop.Quote", "shop.Order", "shop.Reservations", "shop.Decision", "shop.Nothing", "Quote", ".", "shop"]

names = st.sampled_from(NAMES)
uses = st.sampled_from([f"shop/{node.name}" for node in SHOP.nodes] + ["", "shop/", "x/y", "/"])
types = st.sampled_from(TYPES)
expressions = st.sampled_from(EXPRESSIONS)
durations = st.none() | st.builds(Duration, seconds=st.integers(-5, 10**9), nanos=st.integers(-5, 5))
fields = st.dictionaries(st.sampled_from(FIELDS), expressions, max_size=2)
retries = st.none() | st.builds(
    Retries,
    max_attempts=st.none() | st.integers(-1, 101),
    multiplier=st.none() | st.floats(),
    jitter=st.none() | st.floats(),
    initial_backoff=durations,
    retry_on=st.lists(st.sampled_from(["PROVIDER", "", "x"]), max_size=2),
)
kinds = st.one_of(
    st.builds(lambda use: {"use": use}, uses),
    st.builds(lambda use: {"use": use}, st.just("shop/round")),
    st.just({"pause": PausePolicy()}),
    st.builds(lambda timeout, end: {"pause": PausePolicy(timeout=timeout, on_timeout=end)}, durations, expressions),
    st.builds(lambda span: {"sleep": span or Duration()}, durations),
    st.builds(
        lambda wait, output, found: {"gate": GatePolicy(wait_for=wait, output=output, fields=found)},
        st.sampled_from(["", "all", "any", "1", "2", "-1", "²", "x"]),
        types,
        fields,
    ),
    st.builds(
        lambda over, use, least: {"map": MapPolicy(over=over, use=use, min_successes=least)},
        st.sampled_from(["input.lines", "output.lines", "output", "input.", ".", "", "input.lines.sku", "output..x"]),
        uses,
        st.sampled_from(["", "1", "0.5", "1.5", ".5", "1.", "-1", "²", "nan", "1e3"]),
    ),
    st.builds(lambda flow: {"flow": flow}, st.sampled_from(FLOWS)),
)
extras = st.fixed_dictionaries(
    {},
    optional={
        "timeout": durations,
        "retries": retries,
        "compensate": uses,
        "fallback": uses,
        "cache": st.builds(CachePolicy, ttl=durations),
        "output": types,
        "input": types,
    },
)
nodes = st.builds(lambda kind, extra: FlowNode(**{**extra, **kind}), kinds, st.just({}) | extras)
edges = st.builds(
    lambda source, to, when, otherwise, found: FlowEdge(
        **{"from": source, "to": to, "when": when, "otherwise": otherwise, "map": found}
    ),
    names,
    names,
    st.none() | st.none() | expressions,
    st.sampled_from([False, False, True]),
    st.just({}) | fields,
)
flows = st.builds(
    Flow,
    flow=st.just("f"),
    nodes=st.dictionaries(names, nodes, min_size=1, max_size=6),
    edges=st.lists(edges, max_size=8),
    deadline=st.none() | durations,
    failure_policy=st.sampled_from(["", "fail_at_once", "x"]),
)
SUBFLOWS = {"shipping": SHIPPING, "watching@live": WATCHING, "f@live": SHIPPING}


@settings(max_examples=400)
@given(flows)
def test_flow_compiles_or_is_refused(flow: Flow) -> None:
    try:
        artifact = compile_flow(flow, PACKAGES, SUBFLOWS)
    except FlowDoesNotCompile as refusal:
        assert refusal.problems
    else:
        check_plan(artifact)


# A chain of nodes that fit, with anything between them: most of these compile.
chains = st.lists(
    st.sampled_from(
        [
            FlowNode(use="shop/round"),
            FlowNode(use="shop/round", cache=CachePolicy()),
            FlowNode(use="shop/charge", compensate="shop/void", fallback="shop/invoice"),
            FlowNode(pause=PausePolicy()),
            FlowNode(sleep=Duration(seconds=1)),
            FlowNode(use="shop/window"),
            FlowNode(use="shop/watch"),
        ]
    ),
    max_size=4,
)


@given(chains)
def test_chain_of_nodes_that_fit_compiles_or_is_refused(chain: list[FlowNode]) -> None:
    placed = {"n0": FlowNode(use="shop/price")} | {f"n{index}": node for index, node in enumerate(chain, 1)}
    links = [FlowEdge(**{"from": f"n{index}", "to": f"n{index + 1}"}) for index in range(len(chain))]
    try:
        artifact = compile_flow(Flow(flow="f", nodes=placed, edges=links), PACKAGES)
    except FlowDoesNotCompile:
        assert any(node.use in ("shop/window", "shop/watch") for node in chain)
    else:
        check_plan(artifact)


def check_plan(artifact: Artifact) -> None:
    """Every type of the plan is known, and every expression loads with what the engine gives it."""
    pool, plan = TypePool(artifact.descriptors), artifact.plan
    assert artifact.input_type == plan.nodes[plan.entry].input_type
    for node in plan.nodes:
        pool.descriptor(node.output_type)
        assert (node.input_type == "") == node.HasField("gate")
        if node.HasField("gate"):
            read = {plan.nodes[index].name: plan.nodes[index].output_type for index in node.gate.reads}
            Expressions(pool, {**read, "input": artifact.input_type}).load_transform(node.gate.transform)
        if node.HasField("map"):
            pool.descriptor(node.map.item_type)
            pool.descriptor(node.map.result_type)
    for edge in plan.edges:
        expressions = Expressions(pool, {"output": plan.nodes[edge.source].output_type, "input": artifact.input_type})
        if edge.HasField("when"):
            expressions.condition(edge.when)
        if edge.HasField("transform"):
            expressions.load_transform(edge.transform)
