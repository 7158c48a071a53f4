"""A package whose messages and functions suit every kind of node, and a sub-flow that uses it."""

from __future__ import annotations

import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.gen.package_pb2 import Package, PackageNode, PackageSignal
from penstock.wire.gen.retries_pb2 import Retries
from tests.compiler.packages import descriptor_set, message, message_file, node

MESSAGES = message_file(
    "shop",
    message("Line", sku="string", quantity="int32"),
    message("Order", id="string", lines="repeated shop.Line", first="shop.Line", tags="repeated string"),
    message("Quote", id="string", total_cents="int64"),
    message("Charge", id="string", total_cents="int64", paid="bool"),
    message("Score", value="double"),
    message("Reservation", sku="string", place="string"),
    message("Reservations", items="repeated shop.Reservation", note="string"),
    message("Decision", total="int64", risk="double", lines="repeated shop.Line", charge="shop.Charge"),
    message("Two", first="repeated shop.Reservation", second="repeated shop.Reservation"),
    message("Parcel", number="string"),
)


def taker(name: str, input_type: str, output_type: str) -> PackageNode:
    """A pipeline that takes a stream of messages."""
    taking = node(name, input_type, output_type, pipeline=True)
    taking.takes_frames = True
    return taking


def patient(placed: PackageNode, **retries: object) -> PackageNode:
    """The node with retries of its own."""
    placed.retries.CopyFrom(Retries(**retries))  # type: ignore[arg-type]
    return placed


SHOP = Package(
    name="shop",
    version="1.0.0",
    digest="5" * 64,
    descriptors=descriptor_set(MESSAGES),
    nodes=[
        node("price", "shop.Order", "shop.Quote"),
        patient(
            node("charge", "shop.Quote", "shop.Charge", timeout_s=20),
            max_attempts=3,
            max_backoff=Duration(seconds=5),
            retry_on=["PROVIDER"],
        ),
        node("invoice", "shop.Quote", "shop.Charge"),
        node("refund", "shop.Charge", "shop.Charge", timeout_s=7),
        patient(node("void", "shop.Charge", "shop.Charge"), max_attempts=2),
        node("score", "shop.Quote", "shop.Score"),
        node("score_charge", "shop.Charge", "shop.Score"),
        node("reserve", "shop.Line", "shop.Reservation"),
        node("decide", "shop.Decision", "shop.Decision"),
        node("pack", "shop.Decision", "shop.Parcel"),
        node("send", "shop.Parcel", "shop.Parcel"),
        node("watch", "shop.Order", "shop.Quote", pipeline=True),
        node("rewatch", "shop.Quote", "shop.Quote", pipeline=True),
        node("round", "shop.Quote", "shop.Quote"),
        taker("window", "shop.Quote", "shop.Quote"),
    ],
)
SHOP.nodes[1].signals.append(PackageSignal(name="approved", type="shop.Quote"))

PACKAGES = {"shop": SHOP}


def compiled(source: str, **subflows: Artifact) -> Artifact:
    """`subflows` by the name of the flow, for name and name@live."""
    named = {name: artifact for flow, artifact in subflows.items() for name in (flow, f"{flow}@live")}
    return compile_flow(read_flow(source.encode()), PACKAGES, named)


def problems_of(flow: Flow, **subflows: Artifact) -> list[str]:
    """Everything that keeps the flow from being compiled."""
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(flow, PACKAGES, subflows)
    return [str(problem) for problem in caught.value.problems]


def problems_in(source: str) -> list[str]:
    """The same of a flow file, which may run the flows `shipping` and `watching`."""
    return problems_of(read_flow(source.encode()), shipping=SHIPPING, watching=WATCHING)


SHIPPING = compiled("flow: shipping\nnodes: {pack: {use: shop/pack}, send: {use: shop/send}}\nedges: [pack -> send]")
WATCHING = compiled("flow: watching\nnodes: {watch: {use: shop/watch}}")
