"""What the typed services have for pauses and signals: names that never collide, requests that are those of the API."""

from __future__ import annotations

from itertools import product

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

from penstock.wire.gate import compare
from penstock.wire.gen.artifact_pb2 import Artifact, Plan, PlannedNode
from penstock.wire.gen.flow_pb2 import PausePolicy
from penstock.wire.gen.package_pb2 import PackageSignal
from penstock.wire.gen.pause_service_pb2 import ApprovePauseRequest
from penstock.wire.steering import Act, method_name
from penstock.wire.typed import service_descriptors
from penstock.wire.types import TypePool


def artifact(
    *pauses: str, flow: str = "ask", signals: tuple[str, ...] = (), messages: tuple[str, ...] = ()
) -> Artifact:
    """A flow with these pauses and signals over empty messages of its own."""
    names = ("In", "Out", "Value", *messages)
    file = FileDescriptorProto(
        name="own.proto", package="own", syntax="proto3", message_type=[DescriptorProto(name=name) for name in names]
    )
    nodes = [
        PlannedNode(name=name, input_type="own.In", output_type="own.Value", pause=PausePolicy()) for name in pauses
    ]
    listed = [PackageSignal(name=name, type="own.Value") for name in signals]
    nodes.append(PlannedNode(name="last", input_type="own.Value", output_type="own.Out", signals=listed))
    return Artifact(
        flow=flow,
        version=1,
        mode=Artifact.UNARY,
        input_type="own.In",
        output_type="own.Out",
        plan=Plan(nodes=nodes),
        descriptors=FileDescriptorSet(file=[file]).SerializeToString(),
    )


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("order", "ApproveOrder"),
        ("where_to", "ApproveWhereTo"),
        ("a__b", "ApproveA_B"),
        ("a_1", "ApproveA_1"),
        ("a1", "ApproveA1"),
        ("a_", "ApproveA_"),
        ("class", "ApproveClass"),
    ],
)
def test_a_method_is_the_act_and_the_name_in_camel_case(name: str, method: str) -> None:
    assert method_name(Act.APPROVE, name) == method


def test_no_two_names_have_one_method() -> None:
    names = [f"a{''.join(rest)}" for size in range(6) for rest in product("a_1", repeat=size)]
    methods = {method_name(act, name) for act in Act for name in names}
    assert len(methods) == len(Act) * len(names)


def test_a_request_is_the_bytes_of_the_fixed_one() -> None:
    types = TypePool(service_descriptors(artifact("decide")))
    request = types.message("flows.ask.v1.ApproveDecideRequest")(execution_id="x", comment="fine")
    request.value.SetInParent()
    fixed = ApprovePauseRequest(execution_id="x", comment="fine", value_bytes=b"")
    assert request.SerializeToString() == fixed.SerializeToString()


def test_a_request_gives_way_to_what_is_called_like_it() -> None:
    found = artifact("decide", flow="approve_decide_request", signals=("paid",))
    service = TypePool(service_descriptors(found)).pool.FindServiceByName(
        "flows.approve_decide_request.ApproveDecideRequest"
    )
    asked = service.methods_by_name["ApproveDecide"].input_type
    assert asked.full_name == "flows.approve_decide_request.ApproveDecideRequest_"
    assert [method.name for method in service.methods][-4:] == [
        "ApproveDecide",
        "RejectDecide",
        "ResumeDecide",
        "SignalPaid",
    ]


def test_a_pause_that_is_gone_breaks_its_methods() -> None:
    changes = compare(artifact("decide", "other"), artifact("other"))
    gone = [change.path for change in changes if change.rule == "RPC_NO_DELETE"]
    assert gone == ["ApproveDecide", "RejectDecide", "ResumeDecide"]
    assert compare(artifact("other"), artifact("decide", "other")) == ()


def test_a_signal_that_is_gone_breaks_its_method() -> None:
    changes = compare(artifact(signals=("paid", "sent")), artifact(signals=("sent",)))
    assert [change.path for change in changes if change.rule == "RPC_NO_DELETE"] == ["SignalPaid"]


def test_a_value_of_another_type_breaks_those_who_give_it() -> None:
    before, after = artifact("decide"), artifact("decide", messages=("Other",))
    after.plan.nodes[0].output_type = "own.Other"
    found = {(change.rule, change.path) for change in compare(before, after)}
    assert ("FIELD_SAME_TYPE", "ApproveDecide.input.value") in found
