"""Flows that run other flows: whose messages count, and which changes need the other flow compiled again."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.package_pb2 import Package
from tests.compiler.packages import descriptor_set, message, message_file, node


def post(version: str, **parcel: str) -> Package:
    """A package with one message and one function."""
    return Package(
        name="post",
        digest=version * 64,
        descriptors=descriptor_set(message_file("post", message("Parcel", **parcel))),
        nodes=[node("send", "post.Parcel", "post.Parcel")],
    )


FIRST = post("1", number="string", weight="int32")
WIDER = post("2", number="string", weight="int32", note="string")
OTHER = post("3", number="string", weight="string")
SEND = read_flow(b"flow: sending\nnodes: {send: {use: post/send}}")
CALL = read_flow(b"flow: calling\nnodes: {pack: {use: post/send}, child: {flow: sending}}\nedges: [pack -> child]")
ALONE = read_flow(b"flow: alone\nnodes: {child: {flow: sending@live}}")


def sending(package: Package) -> Artifact:
    return compile_flow(SEND, {"post": package})


def test_flow_that_only_runs_another_has_its_messages_and_no_package() -> None:
    child = sending(FIRST)
    artifact = compile_flow(ALONE, {"post": FIRST}, {"sending@live": child})
    assert (artifact.input_type, artifact.output_type, dict(artifact.packages)) == ("post.Parcel", "post.Parcel", {})
    assert artifact.descriptors == child.descriptors


def test_files_of_both_are_taken_once() -> None:
    artifact = compile_flow(CALL, {"post": FIRST}, {"sending": sending(FIRST)})
    assert [file.name for file in FileDescriptorSet.FromString(artifact.descriptors).file] == ["post/messages.proto"]


def test_artifact_of_an_earlier_package_does_while_its_messages_fit() -> None:
    renamed = post("4", number="string", grams="int32")
    artifact = compile_flow(CALL, {"post": renamed}, {"sending": sending(FIRST)})
    assert (artifact.output_type, dict(artifact.packages)) == ("post.Parcel", {"post": "4" * 64})


AGAIN = "; compile sending again"


@pytest.mark.parametrize(
    ("child", "problems"),
    [
        (
            FIRST,
            [
                "node child: flow sending gives another post.Parcel than is known here: "
                f"field note (number 3): expected string, found no field of that number in post.Parcel{AGAIN}"
            ],
        ),
        (
            OTHER,
            [
                "node child: flow sending takes another post.Parcel than is known here: "
                f"field weight (number 2): expected string, found int32{AGAIN}",
                "node child: flow sending gives another post.Parcel than is known here: "
                f"field weight (number 2): expected int32, found string{AGAIN}",
            ],
        ),
    ],
)
def test_messages_that_do_not_fit_any_more_need_the_other_flow_compiled_again(
    child: Package, problems: list[str]
) -> None:
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(CALL, {"post": WIDER}, {"sending": sending(child)})
    assert [str(problem) for problem in caught.value.problems] == problems


def test_types_of_what_it_runs_change_the_digest() -> None:
    first = sending(FIRST)
    second = Artifact()
    second.CopyFrom(first)
    second.version, second.graph_id = 2, "01J00000000000000000000000"
    assert compile_flow(ALONE, {}, {"sending@live": first}) == compile_flow(ALONE, {}, {"sending@live": second})
    wider = compile_flow(ALONE, {}, {"sending@live": sending(WIDER)})
    assert wider.digest != compile_flow(ALONE, {}, {"sending@live": first}).digest
    assert compile_flow(ALONE, {}, {"sending@live": first, "other": wider}).digest != wider.digest


def test_flow_runs_itself_once_it_was_compiled_without() -> None:
    nodes = b"nodes: {send: {use: post/send}, again: {flow: sending}}"
    source = read_flow(b"flow: sending\n" + nodes + b"\nedges: [send -> again]")
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(source, {"post": FIRST})
    assert [str(problem) for problem in caught.value.problems] == [
        "node again: the flow runs itself, and there is no sending yet; compile it without this node first"
    ]
    for package in (FIRST, WIDER, OTHER):  # what is compiled is what will run: an earlier one does not count
        artifact = compile_flow(source, {"post": package}, {"sending": sending(FIRST)})
        assert artifact.plan.nodes[1].flow == "sending"


def test_message_that_a_package_and_another_flow_both_define_is_a_problem() -> None:
    other = Package(
        name="parcels",
        descriptors=descriptor_set(message_file("post", message("Parcel", number="int64"), name="parcels.proto")),
        nodes=[node("send", "post.Parcel", "post.Parcel")],
    )
    flow = read_flow(b"flow: f\nnodes: {pack: {use: parcels/send}, child: {flow: sending}}\nedges: [pack -> child]")
    with pytest.raises(FlowDoesNotCompile) as caught:
        compile_flow(flow, {"parcels": other}, {"sending": sending(FIRST)})
    assert [str(problem) for problem in caught.value.problems] == [
        "message post.Parcel: package parcels and flow sending both define it, in parcels.proto and post/messages.proto"
    ]
