"""What a thousand live artifacts take of a server's memory: when they are only there, listed, described and called."""

from __future__ import annotations

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from bench.bed import Bed, Server
from bench.processes import pss_bytes
from bench.report import Section, rounded
from penstock.wire.gen.flow_pb2 import Flow, FlowEdge, FlowNode
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.typed import ServiceName

COUNT = 1_000
CALLED_COUNT = 100
_REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
_WARM = "warm"
_TOKEN = b"\x12\x01x"


def ask(bed: Bed) -> Section:
    database = bed.database("artifacts")
    with bed.server(database, name="artifacts-made") as server:
        with _Client(server) as client:
            for flow in (_WARM, *_flows(COUNT)):
                client.compile(flow)
        made = pss_bytes(server.pid)
    with bed.server(database, name="artifacts") as server, _Client(server) as client:
        # The first of anything loads what all of them share.
        client.describe(_WARM)
        client.call(_WARM)
        idle = pss_bytes(server.pid)
        listed_count = client.list()
        assert listed_count >= 2 * COUNT, f"{listed_count} services are listed"
        listed = pss_bytes(server.pid)
        for flow in _flows(CALLED_COUNT):
            client.call(flow)
        called = pss_bytes(server.pid)
        for flow in _flows(COUNT):
            client.describe(flow)
            client.call(flow)
        all_called = pss_bytes(server.pid)
    rows = [
        ("started again, one artifact used", idle, 0),
        (f"all {COUNT:,} listed by reflection", listed, 0),
        (f"{CALLED_COUNT} called", called, CALLED_COUNT),
        (f"all {COUNT:,} described and called", all_called, COUNT),
    ]
    return Section(
        "Live artifacts",
        f"{COUNT:,} flows of two nodes each. The server that compiled them has {_megabytes(made)} MB; the rest is one"
        " that was started anew over the same database. Pss. One measurement.",
        ("state", "server, MB", "more than idle, MB", "KB an artifact"),
        [
            (state, _megabytes(size), _megabytes(size - idle), rounded((size - idle) / count / 1e3) if count else "")
            for state, size, count in rows
        ],
    )


def _flows(count: int) -> list[str]:
    return [f"many_{index}" for index in range(count)]


class _Client:
    """A caller of typed services who knows them by their names alone."""

    def __init__(self, server: Server) -> None:
        # Larger than what gRPC takes by itself: so many names come in one message.
        self._channel = grpc.insecure_channel(server.grpc_address, (("grpc.max_receive_message_length", -1),))
        self._key = (("authorization", f"Bearer {server.key}"),)

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def compile(self, flow: str) -> None:
        nodes = {name: FlowNode(use="chain/step") for name in ("first", "second")}
        edge = FlowEdge(to="second", **{"from": "first"})
        request = CompileFlowRequest(flow=flow, definition=Flow(flow=flow, nodes=nodes, edges=[edge]))
        self._unary("/penstock.v1.FlowService/CompileFlow", request.SerializeToString())

    def list(self) -> int:
        answer = self._ask(ServerReflectionRequest(list_services=""))
        return len(answer.list_services_response.service)

    def describe(self, flow: str) -> None:
        answer = self._ask(ServerReflectionRequest(file_containing_symbol=str(ServiceName(flow, None))))
        files = answer.file_descriptor_response.file_descriptor_proto
        assert FileDescriptorProto.FromString(files[0]).service, flow

    def call(self, flow: str) -> None:
        self._unary(f"/{ServiceName(flow, None)}/Invoke", _TOKEN)

    def _unary(self, method: str, request: bytes) -> None:
        self._channel.unary_unary(method)(request, metadata=self._key, timeout=60)

    def _ask(self, question: ServerReflectionRequest) -> ServerReflectionResponse:
        ask = self._channel.stream_stream(
            _REFLECTION, ServerReflectionRequest.SerializeToString, ServerReflectionResponse.FromString
        )
        return next(ask(iter((question,)), metadata=self._key, timeout=60))


def _megabytes(size: int) -> str:
    return rounded(size / 1e6)
