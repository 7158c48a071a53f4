"""What a caller sends over gRPC, and the answer that is right."""

from __future__ import annotations

from typing import Any

from grpc import aio

from bench.http_calls import FRAME_COUNT, NODE_COUNTS
from bench.pacing import Call
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest, InvokeFlowResponse, StreamFlowRequest
from penstock.wire.typed import ServiceName

_SERVICE = "/penstock.v1.InvocationService"
Metadata = tuple[tuple[str, str], ...]


def grpc_call(channel: aio.Channel, flow: str, key: str, *, is_typed: bool = False) -> Call:
    """Through InvocationService, or a unary flow through its typed service. `flow` "echo" is for the limit."""
    if flow == "echo":
        return _echo(channel)
    metadata = (("authorization", f"Bearer {key}"),)
    if is_typed:
        return _invoke_typed(channel, flow, metadata)
    return _stream(channel, metadata) if flow == "s100" else _invoke(channel, flow, metadata)


def invocation(flow: str) -> InvokeFlowRequest:
    """Field 2 of the input is the string "x"."""
    return InvokeFlowRequest(flow=flow, input_bytes=b"\x12\x01x", wait=True)


def streamed() -> StreamFlowRequest:
    """Field 1 of the input is how many frames to give."""
    return StreamFlowRequest(flow="s100", input_bytes=bytes((0x08, FRAME_COUNT)) + b"\x12\x01x")


def expected_output(flow: str) -> bytes:
    """Field 1 counts the nodes."""
    return bytes((0x08, NODE_COUNTS[flow])) + b"\x12\x01x"


def _echo(channel: aio.Channel) -> Call:
    method: Any = channel.unary_unary("/bench.Echo/Echo")

    async def echo() -> None:
        assert await method(b"x" * 64) == b"x" * 64

    return echo


def _invoke(channel: aio.Channel, flow: str, metadata: Metadata) -> Call:
    method = channel.unary_unary(
        f"{_SERVICE}/InvokeFlow",
        request_serializer=InvokeFlowRequest.SerializeToString,
        response_deserializer=InvokeFlowResponse.FromString,
    )
    request, expected = invocation(flow), expected_output(flow)

    async def invoke() -> None:
        answer = await method(request, metadata=metadata)
        assert answer.result.output_bytes == expected, answer

    return invoke


def _invoke_typed(channel: aio.Channel, flow: str, metadata: Metadata) -> Call:
    method: Any = channel.unary_unary(f"/{ServiceName(flow, None)}/Invoke")
    request, expected = invocation(flow).input_bytes, expected_output(flow)

    async def invoke() -> None:
        answer = await method(request, metadata=metadata)
        assert answer == expected, answer

    return invoke


def _stream(channel: aio.Channel, metadata: Metadata) -> Call:
    method = channel.unary_stream(
        f"{_SERVICE}/StreamFlow",
        request_serializer=StreamFlowRequest.SerializeToString,
        response_deserializer=Frame.FromString,
    )
    request = streamed()

    async def stream() -> None:
        frames = [frame async for frame in method(request, metadata=metadata)]
        assert len(frames) == FRAME_COUNT + 1 and frames[-1].is_final and frames[-1].success, frames

    return stream
