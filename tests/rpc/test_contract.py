"""The gRPC face as CONTRACT sections 3 and 5 say, by a synchronous client over a real socket."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from penstock.wire.gen import (
    artifact_service_pb2,
    artifact_service_pb2_grpc,
    execution_service_pb2,
    execution_service_pb2_grpc,
    flow_pb2,
    flow_service_pb2,
    flow_service_pb2_grpc,
    invocation_service_pb2,
    invocation_service_pb2_grpc,
    package_service_pb2,
    package_service_pb2_grpc,
)
from penstock.wire.gen.execution_pb2 import Execution
from tests.harness import EXAMPLES

# pytest-grpc's grpc_addr leaves the socket that found a free port to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

Metadata = tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def grpc_stub_cls(grpc_channel: grpc.Channel) -> Any:
    return invocation_service_pb2_grpc.InvocationServiceStub


@pytest.fixture(scope="module")
def executions(grpc_channel: grpc.Channel) -> execution_service_pb2_grpc.ExecutionServiceStub:
    return execution_service_pb2_grpc.ExecutionServiceStub(grpc_channel)


@pytest.fixture(scope="module")
def flows(grpc_channel: grpc.Channel) -> flow_service_pb2_grpc.FlowServiceStub:
    return flow_service_pb2_grpc.FlowServiceStub(grpc_channel)


def invocation(flow: str, given: dict[str, Any], **fields: Any) -> Any:
    request = invocation_service_pb2.InvokeFlowRequest(flow=flow, wait=True, **fields)
    request.input.update(given)
    return request


def test_json_in_gives_json_out(grpc_stub: Any, examples: dict[str, str], metadata: Metadata) -> None:
    answer = grpc_stub.InvokeFlow(invocation("hello", {"name": "Ada"}), metadata=metadata)
    assert MessageToDict(answer.result.output) == {"greeting": "Hello, Ada!"}
    assert (answer.accepted, answer.result.success, len(answer.execution_id)) == (True, True, 32)


def test_protobuf_in_gives_protobuf_out(grpc_stub: Any, examples: dict[str, str], metadata: Metadata) -> None:
    request = invocation_service_pb2.InvokeFlowRequest(
        graph_id=examples["hello"], input_bytes=b"\x0a\x03Ada", wait=True
    )
    assert grpc_stub.InvokeFlow(request, metadata=metadata).result.output_bytes == b"\x0a\x0bHello, Ada!"


def test_every_example_gives_its_expected_output(grpc_stub: Any, examples: dict[str, str], metadata: Metadata) -> None:
    given = json.loads((EXAMPLES / "orders" / "input.json").read_text())
    answer = grpc_stub.InvokeFlow(invocation("orders", given), metadata=metadata)
    assert MessageToDict(answer.result.output) == json.loads((EXAMPLES / "orders" / "expected.json").read_text())


def test_frames_end_with_one_that_is_final(grpc_stub: Any, examples: dict[str, str], metadata: Metadata) -> None:
    request = invocation_service_pb2.StreamFlowRequest(flow="logs")
    request.input.update(json.loads((EXAMPLES / "logs" / "input.json").read_text()))
    frames = list(grpc_stub.StreamFlow(request, metadata=metadata))
    expected = [json.loads(line) for line in (EXAMPLES / "logs" / "expected.jsonl").read_text().splitlines()]
    assert [MessageToDict(frame.payload) for frame in frames[:-1]] == expected
    assert [frame.frame_index for frame in frames] == list(range(len(expected) + 1))
    assert [frame.is_final for frame in frames] == [False] * len(expected) + [True]
    assert all(frame.success for frame in frames)


def test_an_execution_can_be_looked_at(
    grpc_stub: Any, executions: Any, examples: dict[str, str], metadata: Metadata
) -> None:
    execution_id = grpc_stub.InvokeFlow(invocation("hello", {"name": "Bo"}), metadata=metadata).execution_id
    wanted = {"execution_id": execution_id}
    execution = executions.GetExecution(execution_service_pb2.GetExecutionRequest(**wanted), metadata=metadata)
    events = executions.ListEvents(execution_service_pb2.ListEventsRequest(**wanted), metadata=metadata).events
    checkpoints = executions.ListCheckpoints(execution_service_pb2.ListCheckpointsRequest(**wanted), metadata=metadata)
    nodes = executions.ListNodeExecutions(execution_service_pb2.ListNodeExecutionsRequest(**wanted), metadata=metadata)
    output = executions.GetOutput(execution_service_pb2.GetOutputRequest(**wanted), metadata=metadata)
    waited = executions.WaitExecution(execution_service_pb2.WaitExecutionRequest(**wanted), metadata=metadata)
    assert (execution.status, execution.flow, execution.last_sequence) == (Execution.COMPLETED, "hello", 5)
    assert [(event.sequence, type(event).Type.Name(event.type)) for event in events] == [
        (1, "EXECUTION_ACCEPTED"),
        (2, "EXECUTION_STARTED"),
        (3, "NODE_STARTED"),
        (4, "NODE_SUCCEEDED"),
        (5, "EXECUTION_COMPLETED"),
    ]
    assert [MessageToDict(c.output) for c in checkpoints.checkpoints] == [{"greeting": "Hello, Bo!"}]
    assert [(n.use, n.status, n.attempt_count) for n in nodes.nodes] == [("hello/greet", 3, 1)]
    assert MessageToDict(output.output) == {"greeting": "Hello, Bo!"}
    in_protobuf = execution_service_pb2.GetOutputRequest(**wanted, payload_bytes=True)
    output.ClearField("output")
    output.output_bytes = b"\x0a\x0aHello, Bo!"
    assert executions.GetOutput(in_protobuf, metadata=metadata) == output
    assert waited == execution


def test_watching_from_a_sequence_gives_what_came_after_it(
    grpc_stub: Any, executions: Any, examples: dict[str, str], metadata: Metadata
) -> None:
    execution_id = grpc_stub.InvokeFlow(invocation("hello", {"name": "Cy"}), metadata=metadata).execution_id

    def watch(after: int) -> list[tuple[int, str | None]]:
        request = execution_service_pb2.WatchExecutionRequest(execution_id=execution_id, after_sequence=after)
        return [(u.sequence, u.WhichOneof("update")) for u in executions.WatchExecution(request, metadata=metadata)]

    whole = watch(0)
    assert whole == [
        (1, "status"),
        (2, "status"),
        (3, "node"),
        (3, "node"),
        (4, "frame"),
        (4, "status"),
        (5, "frame"),
    ]
    assert watch(4) == whole[5:]
    assert watch(5) == []


def test_watching_gives_protobuf_to_who_asks_for_it(
    grpc_stub: Any, executions: Any, examples: dict[str, str], metadata: Metadata
) -> None:
    request = invocation_service_pb2.StreamFlowRequest(flow="logs")
    request.input.update(json.loads((EXAMPLES / "logs" / "input.json").read_text()))
    streamed = list(grpc_stub.StreamFlow(request, metadata=metadata))
    given = invocation_service_pb2.StreamFlowRequest(flow="logs", input_bytes=b"\x0a\x0aaccess.log\x10\x90\x03")
    expected = [frame.payload_bytes for frame in grpc_stub.StreamFlow(given, metadata=metadata)]

    def frames(**fields: Any) -> list[Any]:
        wanted = execution_service_pb2.WatchExecutionRequest(execution_id=streamed[0].execution_id, **fields)
        updates = executions.WatchExecution(wanted, metadata=metadata)
        return [update.frame for update in updates if update.HasField("frame")]

    assert frames() == streamed
    watched = frames(payload_bytes=True)
    assert [frame.payload_bytes for frame in watched] == expected
    assert [frame.WhichOneof("value") for frame in watched] == ["payload_bytes"] * (len(watched) - 1) + [None]
    assert frames(payload_bytes=True, after_sequence=watched[1].sequence) == watched[2:]


def test_an_ended_execution_cannot_be_cancelled(
    grpc_stub: Any, executions: Any, examples: dict[str, str], metadata: Metadata, refused: Any
) -> None:
    execution_id = grpc_stub.InvokeFlow(invocation("hello", {"name": "Di"}), metadata=metadata).execution_id
    request = execution_service_pb2.CancelExecutionRequest(execution_id=execution_id)
    error = refused(executions.CancelExecution, request)
    assert (error.code(), error.details()) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "the execution has ended: it is COMPLETED",
    )
    assert error_info(error).metadata["status"] == "COMPLETED"


def test_no_key_and_a_bad_key_are_refused_alike(grpc_stub: Any, examples: dict[str, str], refused: Any) -> None:
    for sent in ((), (("authorization", "Bearer psk_0_0"),), (("authorization", "Basic eDp5"),)):
        error = refused(grpc_stub.InvokeFlow, invocation("hello", {}), sent)
        assert (error.code(), error.details()) == (grpc.StatusCode.UNAUTHENTICATED, "unauthorized")


def test_wrong_input_is_answered_with_its_path(grpc_stub: Any, examples: dict[str, str], refused: Any) -> None:
    error = refused(grpc_stub.InvokeFlow, invocation("hello", {"name": 5}))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "input.name: expected string, got 5"
    assert [(v.field, v.description) for v in bad_request(error).field_violations] == [
        ("input.name", "expected string, got 5")
    ]


def test_a_pipeline_is_refused_on_the_unary_method(grpc_stub: Any, examples: dict[str, str], refused: Any) -> None:
    error = refused(grpc_stub.InvokeFlow, invocation("logs", {}))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "StreamFlow" in error.details()


def test_what_is_not_there_is_not_found(
    grpc_stub: Any, executions: Any, examples: dict[str, str], refused: Any
) -> None:
    unknown = execution_service_pb2.GetExecutionRequest(execution_id="0" * 32)
    assert refused(executions.GetExecution, unknown).code() is grpc.StatusCode.NOT_FOUND
    assert refused(grpc_stub.InvokeFlow, invocation("nothing", {})).code() is grpc.StatusCode.NOT_FOUND


def test_another_account_sees_nothing(
    grpc_stub: Any, executions: Any, grpc_server: Any, examples: dict[str, str], metadata: Metadata, refused: Any
) -> None:
    execution_id = grpc_stub.InvokeFlow(invocation("hello", {"name": "Ed"}), metadata=metadata).execution_id
    key = _on(grpc_server, grpc_server.face.keys.create("stranger", "tests"))
    stranger = (("authorization", f"Bearer {key}"),)
    request = execution_service_pb2.GetExecutionRequest(execution_id=execution_id)
    assert refused(executions.GetExecution, request, stranger).code() is grpc.StatusCode.NOT_FOUND
    listed = executions.ListExecutions(execution_service_pb2.ListExecutionsRequest(), metadata=stranger)
    assert list(listed.executions) == []
    by_id = invocation_service_pb2.InvokeFlowRequest(graph_id=examples["hello"])
    assert refused(grpc_stub.InvokeFlow, by_id, stranger).code() is grpc.StatusCode.NOT_FOUND


def test_a_request_id_stands_for_one_request(
    grpc_stub: Any, examples: dict[str, str], metadata: Metadata, refused: Any
) -> None:
    first = grpc_stub.InvokeFlow(invocation("hello", {"name": "Fay"}, request_id="r-1"), metadata=metadata)
    again = grpc_stub.InvokeFlow(invocation("hello", {"name": "Fay"}, request_id="r-1"), metadata=metadata)
    other = refused(grpc_stub.InvokeFlow, invocation("hello", {"name": "Gus"}, request_id="r-1"))
    assert again == first
    assert (other.code(), error_info(other).reason) == (grpc.StatusCode.ABORTED, "IDEMPOTENCY_MISMATCH")


def test_a_flow_that_does_not_compile_is_answered_with_every_problem(
    flows: Any, examples: dict[str, str], refused: Any
) -> None:
    flow = flow_pb2.Flow(
        flow="wrong",
        nodes={"a": flow_pb2.FlowNode(use="hello/gret"), "b": flow_pb2.FlowNode(use="nowhere/x")},
        edges=[flow_pb2.FlowEdge(**{"from": "a", "to": "c"})],
    )
    request = flow_service_pb2.CompileFlowRequest(flow="wrong", definition=flow)
    error = refused(flows.CompileFlow, request)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.field for violation in bad_request(error).field_violations] == ["node a", "node b", "edge a -> c"]


def test_drafts_are_made_changed_listed_and_removed(flows: Any, examples: dict[str, str], metadata: Metadata) -> None:
    draft = flow_pb2.Flow(flow="draft", nodes={"a": flow_pb2.FlowNode(use="hello/greet")})
    flows.CreateFlow(flow_service_pb2.CreateFlowRequest(flow=draft), metadata=metadata)
    changed = flow_service_pb2.UpdateFlowRequest(flow=flow_pb2.Flow(flow="draft", description="A draft."))
    assert flows.UpdateFlow(changed, metadata=metadata).description == "A draft."
    got = flows.GetFlow(flow_service_pb2.GetFlowRequest(flow="draft"), metadata=metadata)
    assert (got.nodes["a"].use, got.description, got.HasField("live_graph_id")) == ("hello/greet", "A draft.", False)
    compiled = flows.CompileFlow(flow_service_pb2.CompileFlowRequest(flow="draft"), metadata=metadata)
    listed = flows.ListFlows(flow_service_pb2.ListFlowsRequest(), metadata=metadata).flows
    assert [(f.flow, f.live_graph_id) for f in listed if f.flow == "draft"] == [("draft", compiled.graph_id)]
    flows.DeleteFlow(flow_service_pb2.DeleteFlowRequest(flow="draft"), metadata=metadata)
    left = flows.ListFlows(flow_service_pb2.ListFlowsRequest(), metadata=metadata).flows
    assert "draft" not in [f.flow for f in left]


def test_unchanged_content_compiles_to_the_artifact_that_exists(
    flows: Any, grpc_channel: grpc.Channel, examples: dict[str, str], metadata: Metadata
) -> None:
    again = flows.CompileFlow(flow_service_pb2.CompileFlowRequest(flow="hello"), metadata=metadata)
    artifacts = artifact_service_pb2_grpc.ArtifactServiceStub(grpc_channel)
    request = artifact_service_pb2.GetArtifactRequest(
        graph_id="hello@live", view=artifact_service_pb2.GetArtifactRequest.FULL
    )
    artifact = artifacts.GetArtifact(request, metadata=metadata)
    assert (again.graph_id, artifact.graph_id) == (examples["hello"], examples["hello"])
    assert (artifact.input_type, artifact.output_type) == ("hello.GreetRequest", "hello.Greeting")
    assert [node.name for node in artifact.plan.nodes] == ["greet"]


def test_a_package_that_does_not_load_is_refused_with_every_problem(
    grpc_channel: grpc.Channel, examples: dict[str, str], refused: Any
) -> None:
    packages = package_service_pb2_grpc.PackageServiceStub(grpc_channel)
    request = package_service_pb2.PublishPackageRequest(archive=b"not a zip")
    assert refused(packages.PublishPackage, request).code() is grpc.StatusCode.INVALID_ARGUMENT


def _on(engine: Any, coroutine: Any) -> Any:
    import asyncio

    return asyncio.run_coroutine_threadsafe(coroutine, engine.runtime.loop).result(10)


def status_of(error: Any) -> Status:
    call_status = rpc_status.from_call(error)
    assert call_status is not None
    return call_status


def error_info(error: Any) -> ErrorInfo:
    info = ErrorInfo()
    next(detail for detail in status_of(error).details if detail.Is(info.DESCRIPTOR)).Unpack(info)
    return info


def bad_request(error: Any) -> BadRequest:
    found = BadRequest()
    next(detail for detail in status_of(error).details if detail.Is(found.DESCRIPTOR)).Unpack(found)
    return found
