"""A flow that is kept can be told of on every face."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.gen.flow_service_pb2 import CreateFlowRequest, GetFlowRequest
from penstock.wire.gen.flow_service_pb2_grpc import FlowServiceStub

# pytest-grpc's grpc_addr leaves the socket that found a free port to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_a_duration_that_json_cannot_say_is_refused(grpc_channel: grpc.Channel, metadata: Any) -> None:
    flows = FlowServiceStub(grpc_channel)
    flow = Flow(flow="odd", nodes={"a": {"use": "x/y", "timeout": Duration(nanos=2**31 - 1)}})
    with pytest.raises(grpc.RpcError) as refused:
        flows.CreateFlow(CreateFlowRequest(flow=flow), metadata=metadata)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details().startswith("flow.nodes.a.timeout: expected a valid google.protobuf.Duration")
    with pytest.raises(grpc.RpcError) as missing:
        flows.GetFlow(GetFlowRequest(flow="odd"), metadata=metadata)
    assert missing.value.code() is grpc.StatusCode.NOT_FOUND
