"""Every way to send a message to a flow and to get one back, for messages that come with what is expected of them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.invocation_service_pb2 import (
    InvokeFlowRequest,
    InvokeFlowResponse,
    StreamFlowRequest,
)
from penstock.wire.gen.invocation_service_pb2_grpc import InvocationServiceStub
from penstock.wire.typed import ServiceName
from tests.harness import Server

JSON = "application/json"
PROTOBUF = "application/x-protobuf"
EXECUTION_ID = "0" * 32
"""Stands in the table where each execution has an id of its own."""
_FRAME = b'data: {"execution_id":"%b","frame_index":%d,"payload":%b,"is_final":false,"success":true}'


def sse_line(payload: bytes, execution_id: str = EXECUTION_ID, index: int = 0) -> bytes:
    """The line of a server-sent event whose frame carries an output with this JSON."""
    return _FRAME % (execution_id.encode(), index, payload)


@dataclass(frozen=True, slots=True)
class Faces:
    """Calls to one server. All give the outputs: one of a unary flow, and those of a stream."""

    server: Server
    connection: http.client.HTTPConnection
    channel: grpc.Channel

    @classmethod
    def of(cls, server: Server) -> Faces:
        """Close it afterwards."""
        return cls(server, server.connection(), grpc.insecure_channel(server.info["grpc_address"]))

    def close(self) -> None:
        self.connection.close()
        self.channel.close()

    def typed_invoke(self, artifact: Artifact, proto: bytes) -> list[bytes]:
        name = ServiceName(artifact.flow, artifact.version)
        return [self.channel.unary_unary(f"/{name}/Invoke")(proto, metadata=self._metadata, timeout=30)]

    def typed_stream(self, artifact: Artifact, proto: bytes) -> list[bytes]:
        name = ServiceName(artifact.flow, artifact.version)
        return list(self.channel.unary_stream(f"/{name}/Stream")(proto, metadata=self._metadata, timeout=30))

    def fixed_invoke(self, flow: str, proto: bytes) -> list[bytes]:
        request = InvokeFlowRequest(flow=flow, input_bytes=proto, wait=True)
        return [self._stub.InvokeFlow(request, metadata=self._metadata, timeout=30).result.output_bytes]

    def fixed_stream(self, flow: str, proto: bytes) -> list[bytes]:
        request = StreamFlowRequest(flow=flow, input_bytes=proto)
        frames = self._stub.StreamFlow(request, metadata=self._metadata, timeout=30)
        return [frame.payload_bytes for frame in frames if not frame.is_final]

    def struct_invoke(self, flow: str, text: bytes) -> list[bytes]:
        request = InvokeFlowRequest(flow=flow, input=struct_of(text), wait=True)
        answer = self._stub.InvokeFlow(request, metadata=self._metadata, timeout=30)
        return [serialized(answer.result.output)]

    def struct_stream(self, flow: str, text: bytes) -> list[bytes]:
        request = StreamFlowRequest(flow=flow, input=struct_of(text))
        frames = self._stub.StreamFlow(request, metadata=self._metadata, timeout=30)
        return [serialized(frame.payload) for frame in frames if not frame.is_final]

    def http_json(self, flow: str, text: bytes) -> list[bytes]:
        """The text of the output as it stands in the answer."""
        return [_output_text(self._post(_invocation(flow, text, ',"wait":true'), JSON, JSON))]

    def http_json_to_protobuf(self, flow: str, text: bytes) -> list[bytes]:
        return [_output_bytes(self._post(_invocation(flow, text, ',"wait":true'), JSON, PROTOBUF))]

    def http_protobuf(self, flow: str, proto: bytes) -> list[bytes]:
        request = InvokeFlowRequest(flow=flow, input_bytes=proto, wait=True)
        return [_output_bytes(self._post(request.SerializeToString(), PROTOBUF, PROTOBUF))]

    def http_protobuf_to_json(self, flow: str, proto: bytes) -> list[bytes]:
        request = InvokeFlowRequest(flow=flow, input_bytes=proto, wait=True)
        return [_output_text(self._post(request.SerializeToString(), PROTOBUF, JSON))]

    def sse(self, flow: str, text: bytes) -> list[bytes]:
        """The data lines, with EXECUTION_ID in them."""
        return _sse_lines(self._post(_invocation(flow, text, ""), JSON, "text/event-stream", "/stream"))

    def sse_of_protobuf(self, flow: str, proto: bytes) -> list[bytes]:
        request = StreamFlowRequest(flow=flow, input_bytes=proto)
        return _sse_lines(self._post(request.SerializeToString(), PROTOBUF, "text/event-stream", "/stream"))

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.server.key}"),)

    @property
    def _stub(self) -> Any:
        return InvocationServiceStub(self.channel)

    def _post(self, body: bytes, kind: str, wanted: str, rest: str = "") -> bytes:
        headers = {"Authorization": f"Bearer {self.server.key}", "Content-Type": kind, "Accept": wanted}
        self.connection.request("POST", f"/invocations/v1/flows/invoke{rest}", body, headers)
        response = self.connection.getresponse()
        answer = response.read()
        assert response.status in (200, 202), answer
        return answer


def all_of(call: Callable[[bytes], list[bytes]], given: dict[str, bytes]) -> dict[str, list[bytes] | str]:
    """What each message comes to, by the name of its vector: the outputs, or the error instead of them."""
    found: dict[str, list[bytes] | str] = {}
    for name, message in given.items():
        try:
            found[name] = call(message)
        except (AssertionError, grpc.RpcError) as error:
            found[name] = str(error)
    return found


def struct_of(text: bytes) -> Struct:
    """What a client in another language makes of the JSON with its protobuf library."""
    return json_format.Parse(text, Struct())


def serialized(message: Any) -> bytes:
    done: bytes = message.SerializeToString(deterministic=True)
    return done


def _invocation(flow: str, text: bytes, rest: str) -> bytes:
    return b'{"flow":"%b","input":%b%b}' % (flow.encode(), text, rest.encode())


def _output_bytes(answer: bytes) -> bytes:
    return InvokeFlowResponse.FromString(answer).result.output_bytes


def _output_text(answer: bytes) -> bytes:
    """Found by what stands around it, so that nothing is read and printed again."""
    json.loads(answer)
    _, before, rest = answer.partition(b'"result":{"output":')
    output, after, _ = rest.rpartition(b',"success":true,"completed_at":')
    assert before and after, answer
    return output


def _sse_lines(answer: bytes) -> list[bytes]:
    lines = [line for line in answer.split(b"\n") if line.startswith(b"data: ")]
    assert b'"execution_id"' in lines[-1], answer
    execution_id = json.loads(lines[-1][6:])["execution_id"].encode()
    masked = [line.replace(execution_id, EXECUTION_ID.encode(), 1) for line in lines]
    assert masked[-1].endswith(b',"is_final":true,"success":true}'), answer
    return masked[:-1]
