"""Artifacts that should no longer be used, over a real socket."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import (
    DeprecateArtifactRequest,
    ListArtifactsRequest,
    RestoreArtifactRequest,
    RetireArtifactRequest,
)
from penstock.wire.gen.flow_pb2 import Flow, FlowNode
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from tests.rpc.versioned import ADA, Flows, reason

# pytest-grpc's grpc_addr leaves the socket that found a free port to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_deprecated_artifact_works_and_its_callers_are_told(tea: Flows) -> None:
    artifact = tea.compile("one")
    assert (artifact.state, artifact.HasField("state_change")) == (Artifact.ACTIVE, False)
    request = DeprecateArtifactRequest(graph_id=artifact.graph_id, reason="use v2: „besser“")
    deprecated = tea.artifacts.DeprecateArtifact(request, metadata=tea.metadata)
    change = deprecated.state_change
    assert (deprecated.state, change.reason) == (Artifact.DEPRECATED, "use v2: „besser“")
    assert tea.artifact(tea.flow) == deprecated
    assert tea.compile("one").state == Artifact.DEPRECATED
    listed = tea.artifacts.ListArtifacts(ListArtifactsRequest(flow=tea.flow), metadata=tea.metadata).artifacts
    assert list(listed) == [deprecated]

    answer = tea.answer(InvokeFlowRequest(flow=tea.flow, input_bytes=ADA, wait=True))
    assert (answer.result.success, answer.deprecation) == (True, change)
    name = f"Aliased{tea.flow[7:]}"
    since = f"@{change.change_time.seconds}"
    assert tea.call(f"v1.{name}/Invoke")["penstock-deprecated"] == since
    assert tea.call(f"v1.{name}/Start")["penstock-deprecated"] == since
    frames = tea.channel.unary_stream(f"/flows.{tea.flow}.{name}/Stream")(ADA, metadata=tea.metadata)
    assert dict(frames.initial_metadata())["penstock-deprecated"] == since
    assert len(list(frames)) == 1

    tea.artifacts.RestoreArtifact(RestoreArtifactRequest(graph_id=artifact.graph_id), metadata=tea.metadata)
    assert tea.artifact(tea.flow).state == Artifact.ACTIVE
    assert "penstock-deprecated" not in tea.call(f"v1.{name}/Invoke")
    assert not tea.answer(InvokeFlowRequest(flow=tea.flow, input_bytes=ADA)).HasField("deprecation")


def test_fixed_service_tells_of_a_deprecation_in_its_metadata(tea: Flows) -> None:
    artifact = tea.compile("one")
    request = DeprecateArtifactRequest(graph_id=artifact.graph_id)
    change = tea.artifacts.DeprecateArtifact(request, metadata=tea.metadata).state_change
    invoke = tea.channel.unary_unary(
        "/penstock.v1.InvocationService/InvokeFlow", request_serializer=InvokeFlowRequest.SerializeToString
    )
    _, call = invoke.with_call(InvokeFlowRequest(flow=tea.flow, input_bytes=ADA), metadata=tea.metadata)
    assert ("penstock-deprecated", f"@{change.change_time.seconds}") in call.trailing_metadata()


def test_retired_artifact_takes_no_invocations_by_any_name(tea: Flows, refused: Any) -> None:
    old = tea.compile("one")
    tea.compile("two")
    tea.artifacts.RetireArtifact(
        RetireArtifactRequest(graph_id=old.graph_id, reason="it was wrong"), metadata=tea.metadata
    )
    retired = (grpc.StatusCode.FAILED_PRECONDITION, "RETIRED")
    with pytest.raises(grpc.RpcError) as error:
        tea.answer(InvokeFlowRequest(graph_id=old.graph_id, input_bytes=ADA))
    assert reason(error.value) == retired
    assert error.value.details() == f"version 1 of flow {tea.flow} is retired: it was wrong"
    for method in ("Invoke", "Start"):
        with pytest.raises(grpc.RpcError) as error:
            tea.call(f"v1.Aliased{tea.flow[7:]}/{method}")
        assert reason(error.value) == retired
    deprecate = DeprecateArtifactRequest(graph_id=old.graph_id)
    assert reason(refused(tea.artifacts.DeprecateArtifact, deprecate)) == retired
    assert tea.invoke() == 2
    tea.artifacts.RestoreArtifact(RestoreArtifactRequest(graph_id=old.graph_id), metadata=tea.metadata)
    assert tea.answer(InvokeFlowRequest(graph_id=old.graph_id, input_bytes=ADA, wait=True)).result.success


def test_repeated_request_finds_its_execution_after_its_artifact_was_retired(tea: Flows, refused: Any) -> None:
    old = tea.compile("one")
    request = InvokeFlowRequest(graph_id=old.graph_id, input_bytes=ADA, wait=True, request_id=f"{tea.flow}-again")
    first = tea.answer(request)
    tea.compile("two")
    tea.artifacts.RetireArtifact(RetireArtifactRequest(graph_id=old.graph_id), metadata=tea.metadata)
    assert tea.answer(request) == first
    request.request_id += "!"
    with pytest.raises(grpc.RpcError) as error:
        tea.answer(request)
    assert reason(error.value) == (grpc.StatusCode.FAILED_PRECONDITION, "RETIRED")


def test_retired_content_is_not_compiled_into_life(tea: Flows, refused: Any) -> None:
    old = tea.compile("one")
    tea.compile("two")
    tea.artifacts.RetireArtifact(RetireArtifactRequest(graph_id=old.graph_id), metadata=tea.metadata)
    definition = Flow(flow=tea.flow, nodes={"one": FlowNode(use="hello/greet")})
    for validate_only in (True, False):
        request = CompileFlowRequest(flow=tea.flow, definition=definition, validate_only=validate_only)
        error = refused(tea.flows.CompileFlow, request)
        assert reason(error) == (grpc.StatusCode.FAILED_PRECONDITION, "RETIRED")
    assert tea.invoke() == 2


def test_what_an_alias_points_at_is_not_retired(tea: Flows, refused: Any) -> None:
    artifact = tea.compile("one")
    error = refused(tea.artifacts.RetireArtifact, RetireArtifactRequest(graph_id=artifact.graph_id))
    assert reason(error) == (grpc.StatusCode.FAILED_PRECONDITION, "ALIAS_POINTS_AT_IT")
    assert error.details() == f"{tea.flow}@live points at artifact {artifact.graph_id}: move it first"
