"""What a correct flow becomes."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.digest import digest
from penstock.engine.compiler.flow_file import read_flow
from penstock.wire.gen.artifact_pb2 import Artifact, Plan, PlannedEdge, PlannedNode
from penstock.wire.gen.flow_pb2 import Flow
from tests.compiler.packages import LABELS, ORDERS, PACKAGES, descriptor_set, message, message_file, node

BRANCHES = read_flow(b"""
flow: fulfil
nodes:
  close: {use: orders/close, timeout: 1.5s}
  waive: {use: orders/waive}
  charge: {use: orders/charge}
  price: {use: orders/price}
  print: {use: labels/print}
edges:
  - waive -> close
  - {from: price, to: waive, otherwise: true}
  - {from: price, to: charge, when: output.total_cents > 100 && !input.customer.vip}
  - {from: close, to: print, map: {name: output.id, boxes: uint(size(input.quantities))}}
  - charge -> close
""")


def planned(name: str, package: str, input_type: str, output_type: str, timeout: Duration) -> PlannedNode:
    return PlannedNode(
        name=name, package=package, function=name, input_type=input_type, output_type=output_type, timeout=timeout
    )


def test_flow_becomes_an_artifact_with_its_nodes_in_topological_order() -> None:
    artifact = compile_flow(BRANCHES, PACKAGES)
    descriptors = b"".join((LABELS.descriptors, ORDERS.descriptors))  # two sets in a row are their union
    packages = {"orders": ORDERS.digest, "labels": LABELS.digest}
    assert artifact == Artifact(
        flow="fulfil",
        digest=digest(BRANCHES, packages, descriptors),
        mode=Artifact.Mode.UNARY,
        input_type="orders.Order",
        output_type="labels.Label",
        definition=BRANCHES,
        plan=Plan(
            nodes=[
                planned("price", "orders", "orders.Order", "orders.Priced", Duration(seconds=20)),
                planned("charge", "orders", "orders.Priced", "orders.Receipt", Duration(seconds=300)),
                planned("waive", "orders", "orders.Priced", "orders.Receipt", Duration(seconds=300)),
                planned("close", "orders", "orders.Receipt", "orders.Receipt", Duration(seconds=1, nanos=500_000_000)),
                planned("print", "labels", "labels.Label", "labels.Label", Duration(seconds=300)),
            ],
            edges=[
                PlannedEdge(source=0, target=2, otherwise=True),
                PlannedEdge(source=0, target=1, when="output.total_cents > 100 && !input.customer.vip"),
                PlannedEdge(source=1, target=3),
                PlannedEdge(source=2, target=3),
                PlannedEdge(
                    source=3, target=4, transform="labels.Label{name: output.id, boxes: uint(size(input.quantities))}"
                ),
            ],
            entry=0,
            terminal=4,
        ),
        descriptors=descriptors,
        packages=packages,
    )


def test_one_node_is_a_flow() -> None:
    artifact = compile_flow(read_flow(b"flow: price\nnodes: {price: {use: orders/price}}"), PACKAGES)
    assert artifact.plan == Plan(
        nodes=[planned("price", "orders", "orders.Order", "orders.Priced", Duration(seconds=20))], entry=0, terminal=0
    )


def test_only_packages_that_are_used_go_into_the_artifact() -> None:
    artifact = compile_flow(read_flow(b"flow: price\nnodes: {price: {use: orders/price}}"), PACKAGES)
    assert (dict(artifact.packages), artifact.descriptors) == ({"orders": ORDERS.digest}, ORDERS.descriptors)


def test_flow_with_a_pipeline_node_answers_with_frames() -> None:
    source = b"flow: watch\nnodes: {watch: {use: orders/watch}, close: {use: orders/close}}\nedges: [watch -> close]"
    artifact = compile_flow(read_flow(source), PACKAGES)
    assert (artifact.mode, [n.pipeline for n in artifact.plan.nodes]) == (Artifact.Mode.PIPELINE, [True, False])


def test_wire_compatible_messages_need_no_map() -> None:
    source = b"flow: f\nnodes: {close: {use: orders/close}, file: {use: labels/file}}\nedges: [close -> file]"
    artifact = compile_flow(read_flow(source), PACKAGES)
    assert (artifact.input_type, artifact.output_type) == ("orders.Receipt", "labels.Paid")


def test_branch_without_otherwise_compiles() -> None:
    source = b"""
flow: f
nodes: {price: {use: orders/price}, charge: {use: orders/charge}}
edges: [{from: price, to: charge, when: output.total_cents > 0}]
"""
    [edge] = compile_flow(read_flow(source), PACKAGES).plan.edges
    assert edge == PlannedEdge(source=0, target=1, when="output.total_cents > 0")


def test_one_target_may_be_reached_in_two_ways() -> None:
    source = b"""
flow: f
nodes: {price: {use: orders/price}, print: {use: labels/print}}
edges:
  - {from: price, to: print, when: output.customer.vip, map: {name: "'VIP'"}}
  - {from: price, to: print, otherwise: true, map: {name: output.customer.name}}
"""
    assert [edge.transform for edge in compile_flow(read_flow(source), PACKAGES).plan.edges] == [
        "labels.Label{name: 'VIP'}",
        "labels.Label{name: output.customer.name}",
    ]


def test_what_the_server_sets_on_a_draft_stays_out_of_the_definition() -> None:
    draft = Flow()
    draft.CopyFrom(BRANCHES)
    draft.create_time.CopyFrom(Timestamp(seconds=1))
    draft.update_time.CopyFrom(Timestamp(seconds=2))
    draft.live_graph_id = "01J00000000000000000000000"
    assert compile_flow(draft, PACKAGES) == compile_flow(BRANCHES, PACKAGES)


def test_order_of_edges_of_different_sources_gives_the_same_plan() -> None:
    other = Flow(flow=BRANCHES.flow, nodes=BRANCHES.nodes, edges=[BRANCHES.edges[i] for i in (4, 3, 1, 2, 0)])
    first, second = compile_flow(BRANCHES, PACKAGES), compile_flow(other, PACKAGES)
    assert (first.plan, first.digest) == (second.plan, second.digest)


def test_names_that_are_keywords_compile() -> None:
    words = ORDERS.__class__(
        name="import",
        digest="3" * 64,
        descriptors=descriptor_set(message_file("import", message("Message", **{"class": "string", "in": "string"}))),
        nodes=[node("def", "import.Message", "import.Message")],
    )
    source = b"""
flow: class
nodes: {from: {use: import/def}, none: {use: import/def}}
edges: [{from: from, to: none, when: output.class != '', map: {in: output.class, class: output.`in`}}]
"""
    [edge] = compile_flow(read_flow(source), {"import": words}).plan.edges
    assert edge.transform == "import.Message{class: output.`in`, `in`: output.class}"


def test_largest_flow_compiles() -> None:
    nodes = "".join(f"  n{i}: {{use: orders/close}}\n" for i in range(1000))
    edges = "".join(f"  - n{i} -> n{i + 1}\n" for i in range(999))
    artifact = compile_flow(read_flow(f"flow: long\nnodes:\n{nodes}edges:\n{edges}".encode()), PACKAGES)
    assert [node.name for node in artifact.plan.nodes] == [f"n{i}" for i in range(1000)]
