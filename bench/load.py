"""The load generator, a process of its own: callers that each wait for an answer, check it and call again.

`python -m bench.load` reads one JSON job a line on standard input and prints one JSON result a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import aiohttp
import orjson
import uvloop
from grpc import aio

NODE_COUNTS = {"w1": 1, "w3": 3, "w20": 20}
FRAME_COUNT = 100
_INVOKE = "/invocations/v1/flows/invoke"

Call = Callable[[], Awaitable[None]]


async def measure(call: Call, callers: int, seconds: float) -> dict[str, float]:
    """Calls a second and latency in ms."""
    latencies: list[float] = []
    end = perf_counter() + seconds

    async def caller() -> None:
        while (start := perf_counter()) < end:
            await call()
            latencies.append(perf_counter() - start)

    start = perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    taken = perf_counter() - start
    latencies.sort()
    return {
        "per_second": len(latencies) / taken,
        "p50_ms": latencies[len(latencies) // 2] * 1e3,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1e3,
    }


async def http_job(job: dict[str, Any]) -> dict[str, float]:
    flow, url = job["flow"], job["url"]
    headers = {"Authorization": f"Bearer {job.get('key', '')}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:
        call = _http_call(session, flow, url)
        await call()
        return await measure(call, job["callers"], job["seconds"])


def _http_call(session: aiohttp.ClientSession, flow: str, url: str) -> Call:
    if flow == "echo":
        body = _invocation("w3")

        async def echo() -> None:
            async with session.post(f"{url}/echo", data=body) as response:
                assert await response.read() == body

        return echo
    if flow == "s100":
        stream_body = orjson.dumps({"flow": flow, "input": {"n": FRAME_COUNT, "s": "x"}})

        async def stream() -> None:
            async with session.post(f"{url}{_INVOKE}/stream", data=stream_body) as response:
                text = await response.read()
            assert text.count(b"data: ") == FRAME_COUNT + 1 and b'"is_final":true,"success":true' in text

        return stream
    invocation, expected = _invocation(flow), {"n": NODE_COUNTS[flow], "s": "x"}

    async def invoke() -> None:
        async with session.post(f"{url}{_INVOKE}", data=invocation) as response:
            answer = orjson.loads(await response.read())
        assert answer["result"]["output"] == expected, answer

    return invoke


def _invocation(flow: str) -> bytes:
    return orjson.dumps({"flow": flow, "input": {"n": 0, "s": "x"}, "wait": True})


async def grpc_job(job: dict[str, Any]) -> dict[str, float]:
    async with aio.insecure_channel(job["url"]) as channel:
        call = _grpc_call(channel, job["flow"], job.get("key", ""))
        await call()
        return await measure(call, job["callers"], job["seconds"])


def _grpc_call(channel: aio.Channel, flow: str, key: str) -> Call:
    if flow == "echo":
        echo_method = channel.unary_unary("/bench.Echo/Echo")

        async def echo() -> None:
            assert await echo_method(b"x" * 64) == b"x" * 64

        return echo
    metadata = (("authorization", f"Bearer {key}"),)
    return _grpc_stream(channel, metadata) if flow == "s100" else _grpc_invoke(channel, flow, metadata)


Metadata = tuple[tuple[str, str], ...]


def _grpc_invoke(channel: aio.Channel, flow: str, metadata: Metadata) -> Call:
    from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest, InvokeFlowResponse

    method = channel.unary_unary(
        "/penstock.v1.InvocationService/InvokeFlow",
        request_serializer=InvokeFlowRequest.SerializeToString,
        response_deserializer=InvokeFlowResponse.FromString,
    )
    # Field 2 is the string "x"; in the answer field 1 counts the nodes.
    request = InvokeFlowRequest(flow=flow, input_bytes=b"\x12\x01x", wait=True)
    expected = bytes((0x08, NODE_COUNTS[flow])) + b"\x12\x01x"

    async def invoke() -> None:
        answer = await method(request, metadata=metadata)
        assert answer.result.output_bytes == expected, answer

    return invoke


def _grpc_stream(channel: aio.Channel, metadata: Metadata) -> Call:
    from penstock.wire.gen.frame_pb2 import Frame
    from penstock.wire.gen.invocation_service_pb2 import StreamFlowRequest

    method = channel.unary_stream(
        "/penstock.v1.InvocationService/StreamFlow",
        request_serializer=StreamFlowRequest.SerializeToString,
        response_deserializer=Frame.FromString,
    )
    request = StreamFlowRequest(flow="s100", input_bytes=bytes((0x08, FRAME_COUNT)) + b"\x12\x01x")

    async def stream() -> None:
        frames = [frame async for frame in method(request, metadata=metadata)]
        assert len(frames) == FRAME_COUNT + 1 and frames[-1].is_final and frames[-1].success

    return stream


async def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        result = await (http_job(job) if job["face"] == "http" else grpc_job(job))
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
