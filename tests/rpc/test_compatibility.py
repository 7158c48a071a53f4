"""The gate over gRPC: its refusal is a status with details, its report is in the artifact."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from penstock.wire.gen import artifact_service_pb2, artifact_service_pb2_grpc, flow_pb2
from penstock.wire.gen.artifact_diff_pb2 import ArtifactChange
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.gen.flow_service_pb2_grpc import FlowServiceStub
from tests.rpc.test_contract import bad_request, error_info

# pytest-grpc's grpc_addr leaves the socket that found a free port to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

Metadata = tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def grpc_stub_cls(grpc_channel: grpc.Channel) -> Any:
    return FlowServiceStub


def compiling(use: str, **fields: Any) -> CompileFlowRequest:
    """A flow of one node, so that its messages are those of the node."""
    flow = flow_pb2.Flow(flow="turned", nodes={"only": flow_pb2.FlowNode(use=use)})
    return CompileFlowRequest(flow="turned", definition=flow, **fields)


def test_a_breaking_compile_is_a_failed_precondition_that_names_each_change(
    grpc_stub: Any, examples: dict[str, str], metadata: Metadata, refused: Any
) -> None:
    grpc_stub.CompileFlow(compiling("hello/greet"), metadata=metadata)
    error = refused(grpc_stub.CompileFlow, compiling("orders/price"))
    assert (error.code(), error_info(error).reason) == (grpc.StatusCode.FAILED_PRECONDITION, "BREAKING_CHANGE")
    broken = "breaks protobuf callers, JSON callers and code that uses the SDKs"
    assert [
        (violation.field, violation.description)
        for violation in bad_request(error).field_violations
        if violation.field == "Invoke"
    ] == [
        ("Invoke", f"method Invoke took hello.GreetRequest and takes orders.Order: {broken}"),
        ("Invoke", f"method Invoke gave hello.Greeting and gives orders.Quote: {broken}"),
    ]


def test_a_pipeline_in_place_of_a_unary_flow_breaks_whoever_calls_it(
    grpc_stub: Any, examples: dict[str, str], metadata: Metadata
) -> None:
    grpc_stub.CompileFlow(compiling("hello/greet", allow_breaking=True), metadata=metadata)
    report = grpc_stub.CompileFlow(
        compiling("logs/scan", allow_breaking=True, validate_only=True), metadata=metadata
    ).diff
    assert (report.wire_breaking, report.json_breaking, report.source_breaking) == (True, True, True)
    assert [list(change.levels) for change in report.changes if change.rule == "FLOW_MODE_COMPATIBLE"] == [
        [ArtifactChange.WIRE, ArtifactChange.JSON, ArtifactChange.SOURCE]
    ]
    assert [change.subject for change in report.graph_changes] == ["node only", "package hello", "package logs"]


def test_artifacts_of_another_account_are_not_compared(
    grpc_stub: Any, grpc_channel: grpc.Channel, examples: dict[str, str], grpc_server: Any, refused: Any
) -> None:
    artifacts = artifact_service_pb2_grpc.ArtifactServiceStub(grpc_channel)
    request = artifact_service_pb2.DiffArtifactsRequest(before=examples["hello"], after="hello@live")
    assert refused(artifacts.DiffArtifacts, request, stranger(grpc_server)).code() is grpc.StatusCode.NOT_FOUND


def stranger(engine: Any) -> Metadata:
    """What a caller with a key of another account sends."""
    import asyncio

    created = asyncio.run_coroutine_threadsafe(engine.face.keys.create("stranger", "tests"), engine.runtime.loop)
    return (("authorization", f"Bearer {created.result(10)}"),)
