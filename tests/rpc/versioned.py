"""A flow of several versions, and whoever calls it."""

from __future__ import annotations

from itertools import count
from typing import Any

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from penstock.wire.gen import (
    alias_service_pb2_grpc,
    artifact_service_pb2_grpc,
    execution_service_pb2_grpc,
    flow_service_pb2_grpc,
    invocation_service_pb2_grpc,
)
from penstock.wire.gen.alias_pb2 import Alias, AliasTarget
from penstock.wire.gen.alias_service_pb2 import GetAliasRequest, ListAliasMovesRequest, SetAliasRequest
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.gen.execution_service_pb2 import GetExecutionRequest
from penstock.wire.gen.flow_pb2 import Flow, FlowNode
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest

ADA = b"\x0a\x03Ada"
"""A serialized hello.GreetRequest."""
_FLOWS = count(1)


class Flows:
    """A client, and a flow of its own for each test."""

    def __init__(self, channel: grpc.Channel, metadata: tuple[tuple[str, str], ...]) -> None:
        self.metadata = metadata
        self.channel = channel
        self.flow = f"aliased{next(_FLOWS)}"
        self.aliases = alias_service_pb2_grpc.AliasServiceStub(channel)
        self.artifacts = artifact_service_pb2_grpc.ArtifactServiceStub(channel)
        self.executions = execution_service_pb2_grpc.ExecutionServiceStub(channel)
        self.flows = flow_service_pb2_grpc.FlowServiceStub(channel)
        self.invocations = invocation_service_pb2_grpc.InvocationServiceStub(channel)

    def compile(self, node: str, use: str = "hello/greet", **options: Any) -> Artifact:
        """Another node name is another version."""
        definition = Flow(flow=self.flow, nodes={node: FlowNode(use=use)})
        request = CompileFlowRequest(flow=self.flow, definition=definition, **options)
        return self.flows.CompileFlow(request, metadata=self.metadata)

    def set(self, alias: str, *targets: AliasTarget, **options: Any) -> Alias:
        return self.answer_to_set(alias, *targets, **options).alias

    def answer_to_set(self, alias: str, *targets: AliasTarget, **options: Any) -> Any:
        request = SetAliasRequest(flow=self.flow, alias=alias, targets=targets, **options)
        return self.aliases.SetAlias(request, metadata=self.metadata)

    def get(self, alias: str) -> Alias:
        return self.aliases.GetAlias(GetAliasRequest(flow=self.flow, alias=alias), metadata=self.metadata)

    def moves(self, alias: str = "-") -> list[tuple[str, list[int], list[int]]]:
        """(alias, versions before, versions after), newest first."""
        request = ListAliasMovesRequest(flow=self.flow, alias=alias)
        listed = self.aliases.ListAliasMoves(request, metadata=self.metadata).moves
        return [(move.alias, [t.version for t in move.before], [t.version for t in move.after]) for move in listed]

    def artifact(self, name: str, **options: Any) -> Artifact:
        return self.artifacts.GetArtifact(GetArtifactRequest(graph_id=name, **options), metadata=self.metadata)

    def invoke(self, alias: str = "live", request_id: str = "") -> int:
        """The version that ran."""
        request = InvokeFlowRequest(flow=f"{self.flow}@{alias}", input_bytes=ADA, wait=True, request_id=request_id)
        return self.version_of(self.answer(request).execution_id)

    def answer(self, request: InvokeFlowRequest) -> Any:
        return self.invocations.InvokeFlow(request, metadata=self.metadata)

    def version_of(self, execution_id: str) -> int:
        request = GetExecutionRequest(execution_id=execution_id)
        return int(self.executions.GetExecution(request, metadata=self.metadata).version)

    def call(self, method: str, *metadata: tuple[str, str]) -> dict[str, str]:
        """Calls a typed method; gives the metadata of its answer."""
        _, call = self.channel.unary_unary(f"/flows.{self.flow}.{method}").with_call(
            ADA, metadata=self.metadata + metadata
        )
        return dict(call.trailing_metadata())


def to(version: int, weight: int = 0) -> AliasTarget:
    return AliasTarget(version=version, weight=weight)


def reason(error: Any) -> tuple[grpc.StatusCode, str]:
    info = ErrorInfo()
    status = rpc_status.from_call(error)
    assert status is not None and status.details[0].Unpack(info)
    return error.code(), info.reason


def field(error: Any) -> tuple[str, str]:
    """The one thing that is wrong with a request."""
    status: Status | None = rpc_status.from_call(error)
    bad = BadRequest()
    assert status is not None and error.code() is grpc.StatusCode.INVALID_ARGUMENT and status.details[1].Unpack(bad)
    [violation] = bad.field_violations
    return violation.field, violation.description
