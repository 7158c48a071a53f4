"""The digest of an artifact: equal for equal content, different for anything that changes what it does."""

from __future__ import annotations

import random

import orjson
import pytest
import yaml
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.digest import digest
from penstock.engine.compiler.flow_file import read_flow
from penstock.wire.gen.flow_pb2 import Flow, FlowEdge, FlowNode
from tests.compiler.packages import PACKAGES


def flow() -> Flow:
    return read_flow(b"""
flow: fulfil
description: Price and charge.
nodes:
  price: {use: orders/price, timeout: 10s}
  charge: {use: orders/charge}
  waive: {use: orders/waive}
  close: {use: orders/close}
edges:
  - {from: price, to: charge, when: "output.total_cents > 100"}
  - {from: price, to: waive, when: "output.customer.vip"}
  - {from: price, to: close, otherwise: true, map: {id: output.id, paid: "true"}}
  - charge -> close
  - waive -> close
""")


PACKAGE_DIGESTS = {"orders": "0" * 64, "labels": "1" * 64}


def digest_of(changed: Flow) -> str:
    return digest(changed, PACKAGE_DIGESTS, b"descriptors")


def described(changed: Flow) -> None:
    changed.description = "Something else."


def stamped(changed: Flow) -> None:
    changed.create_time.CopyFrom(Timestamp(seconds=1))
    changed.update_time.CopyFrom(Timestamp(seconds=2))
    changed.live_graph_id = "01J00000000000000000000000"


def sources_reordered(changed: Flow) -> None:
    edges = [*changed.edges[3:], *changed.edges[:3]]
    del changed.edges[:]
    changed.edges.extend(edges)


@pytest.mark.parametrize("change", [described, stamped, sources_reordered])
def test_what_does_not_change_the_run_does_not_change_the_digest(change) -> None:  # type: ignore[no-untyped-def]
    changed = flow()
    change(changed)
    assert digest_of(changed) == digest_of(flow())


def renamed(changed: Flow) -> None:
    changed.flow = "fulfill"


def slower(changed: Flow) -> None:
    changed.nodes["price"].timeout.seconds = 11


def other_function(changed: Flow) -> None:
    changed.nodes["waive"].use = "orders/charge"


def one_more_node(changed: Flow) -> None:
    changed.nodes["last"].use = "orders/close"


def other_condition(changed: Flow) -> None:
    changed.edges[0].when = "output.total_cents > 101"


def other_map(changed: Flow) -> None:
    changed.edges[2].map["paid"] = "false"


def siblings_reordered(changed: Flow) -> None:
    edges = [changed.edges[1], changed.edges[0], *changed.edges[2:]]
    del changed.edges[:]
    changed.edges.extend(edges)


def retried(changed: Flow) -> None:
    changed.nodes["price"].retries.max_attempts = 3


def undone(changed: Flow) -> None:
    changed.nodes["charge"].compensate = "orders/waive"


def slept(changed: Flow) -> None:
    changed.nodes["charge"].ClearField("use")
    changed.nodes["charge"].sleep.seconds = 2


def bounded(changed: Flow) -> None:
    changed.deadline.seconds = 60


def patient(changed: Flow) -> None:
    changed.failure_policy = "finish_branches"


CHANGES = [renamed, slower, other_function, one_more_node, other_condition, other_map, siblings_reordered]
CHANGES += [retried, undone, slept, bounded, patient]


def test_what_changes_the_run_changes_the_digest() -> None:
    digests = {digest_of(flow())}
    for change in CHANGES:
        changed = flow()
        change(changed)
        digests.add(digest_of(changed))
    assert len(digests) == len(CHANGES) + 1


def test_other_code_and_other_messages_change_the_digest() -> None:
    digests = {
        digest(flow(), PACKAGE_DIGESTS, b"descriptors"),
        digest(flow(), PACKAGE_DIGESTS, b"other descriptors"),
        digest(flow(), PACKAGE_DIGESTS | {"orders": "2" * 64}, b"descriptors"),
        digest(flow(), {"orders": "0" * 64}, b"descriptors"),
    }
    assert len(digests) == 4


def test_style_of_the_file_and_order_of_packages_change_nothing() -> None:
    source = {
        "flow": "hello",
        "nodes": {"price": {"use": "orders/price"}, "charge": {"use": "orders/charge", "timeout": "90s"}},
        "edges": ["price -> charge"],
    }
    other = {
        "edges": [{"to": "charge", "from": "price", "map": {}}],
        "nodes": {"charge": {"timeout": "1m30s", "use": "orders/charge"}, "price": {"use": "orders/price"}},
        "flow": "hello",
    }
    reversed_packages = dict(reversed(PACKAGES.items()))
    assert (
        compile_flow(read_flow(orjson.dumps(source)), PACKAGES).digest
        == compile_flow(read_flow(yaml.safe_dump(other).encode()), reversed_packages).digest
    )


def test_digest_is_the_same_in_later_releases() -> None:
    """A new way to count content needs a new format word: artifacts that exist are found by their digest."""
    assert (
        digest(flow(), {"orders": "0" * 64}, b"") == "a41d7cc7e1aa67ba82c4bd37b53cf601656c3e9c25cca459c5009e96c5a27948"
    )


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(max_size=20)
flows = st.builds(
    Flow,
    flow=names,
    description=texts,
    nodes=st.dictionaries(names, st.builds(FlowNode, use=texts), max_size=8),
    edges=st.lists(
        st.builds(
            lambda source, to, when, pairs: FlowEdge(**{"from": source, "to": to, "when": when, "map": pairs}),
            names,
            names,
            st.none() | texts,
            st.dictionaries(names, texts, max_size=4),
        ),
        max_size=8,
    ),
)


@given(flows, st.dictionaries(names, texts, max_size=4), st.randoms(use_true_random=False))
def test_digest_depends_on_content_alone(first: Flow, packages: dict[str, str], order: random.Random) -> None:
    second = Flow(flow=first.flow, edges=_shuffled_sources(first, order))
    for name in order.sample(sorted(first.nodes), len(first.nodes)):
        second.nodes[name].CopyFrom(first.nodes[name])
    shuffled = dict(order.sample(sorted(packages.items()), len(packages)))
    assert digest(second, shuffled, b"d") == digest(first, packages, b"d")


def _shuffled_sources(first: Flow, order: random.Random) -> list[FlowEdge]:
    """The edges with their sources in another order, those of one source in the same order."""
    sources = sorted({getattr(edge, "from") for edge in first.edges})
    order.shuffle(sources)
    return [edge for source in sources for edge in first.edges if getattr(edge, "from") == source]
