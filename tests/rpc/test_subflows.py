"""Compiling a flow that runs other flows: they are found by name or name@alias, in the caller's account."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from penstock.wire.gen import flow_pb2
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.gen.flow_service_pb2_grpc import FlowServiceStub
from tests.rpc.test_contract import bad_request

# pytest-grpc's grpc_addr leaves the socket that found a free port to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

Metadata = tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def grpc_stub_cls(grpc_channel: grpc.Channel) -> Any:
    return FlowServiceStub


def running(flow: str, name: str = "caller") -> CompileFlowRequest:
    definition = flow_pb2.Flow(flow=name, nodes={"child": flow_pb2.FlowNode(flow=flow)})
    return CompileFlowRequest(flow=name, definition=definition)


@pytest.mark.parametrize("reference", ["hello", "hello@live"])
def test_flow_has_the_types_of_the_one_that_it_runs(
    reference: str, grpc_stub: Any, examples: dict[str, str], metadata: Metadata
) -> None:
    artifact = grpc_stub.CompileFlow(running(reference), metadata=metadata)
    assert (artifact.input_type, artifact.output_type) == ("hello.GreetRequest", "hello.Greeting")


def test_flows_that_do_not_exist_or_are_pipelines_are_refused(
    grpc_stub: Any, examples: dict[str, str], refused: Any
) -> None:
    for reference, problem in (
        ("helo@live", "there is no flow helo@live"),
        ("hello@nosuch", "there is no flow hello@nosuch"),
        ("logs", "flow logs is a pipeline; a sub-flow gives one message"),
        ("lonely", "the flow runs itself, and there is no lonely yet; compile it without this node first"),
    ):
        error = refused(grpc_stub.CompileFlow, running(reference, "lonely"))
        assert [violation.description for violation in bad_request(error).field_violations] == [
            f"node child: {problem}"
        ]
