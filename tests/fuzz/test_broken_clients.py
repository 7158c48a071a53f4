"""However many clients are slow, broken or senseless, the others are answered.

`--soak` brings 10,000 of them in place of 300. They come in lots, and most of a lot stay until all of it has come.
"""

from __future__ import annotations

import asyncio
import os
from random import Random

import aiohttp
import pytest
from grpc import aio

from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.gen.invocation_service_pb2_grpc import InvocationServiceStub
from tests.fuzz.campaign import memory_bytes
from tests.fuzz.clients import KINDS, Bad
from tests.harness import Server

_LOT = 150
_DEADLINE_S = 60.0
_GROWTH_BYTES_MAX = 256 << 20


@pytest.fixture
def clients(request: pytest.FixtureRequest) -> int:
    return 10_000 if request.config.getoption("--soak") else 300


async def test_others_are_answered_among_broken_clients(target: Server, clients: int) -> None:
    seed = os.urandom(4).hex()
    print(f"seed {seed}")
    random = Random(seed)
    assert target.process is not None
    before = memory_bytes(target.process.pid)
    answered = 0
    for first in range(0, clients, _LOT):
        done = asyncio.Event()
        lot = [Bad(target, random, done) for _ in range(min(_LOT, clients - first))]
        kinds = (KINDS[(first + number) % len(KINDS)] for number in range(_LOT))
        lives = [asyncio.create_task(bad.live(*kind)) for bad, kind in zip(lot, kinds, strict=False)]
        # While they come, and when all of them are there.
        await ordinary_calls(target)
        await asyncio.gather(*(bad.has_behaved.wait() for bad in lot))
        await ordinary_calls(target)
        answered += 4
        done.set()
        await asyncio.gather(*lives)
    print(f"{clients} clients, {answered} ordinary calls, {(memory_bytes(target.process.pid) - before) >> 20} MiB more")
    await ordinary_calls(target)
    assert memory_bytes(target.process.pid) - before < _GROWTH_BYTES_MAX
    assert "Traceback" not in target.log, target.log[-20_000:]


async def ordinary_calls(server: Server) -> None:
    """One over each port, on a new connection, within its deadline."""
    body = {"flow": "hello", "input": {"name": "Ada"}, "wait": True}
    headers = {"Authorization": f"Bearer {server.key}"}
    deadline = aiohttp.ClientTimeout(total=_DEADLINE_S)
    async with (
        aiohttp.ClientSession(timeout=deadline) as session,
        session.post(server.info["http_url"] + "/invocations/v1/flows/invoke", json=body, headers=headers) as answer,
    ):
        assert (await answer.json())["result"]["output"] == {"greeting": "Hello, Ada!"}
    # Without the option gRPC shares one connection between channels.
    async with aio.insecure_channel(server.info["grpc_address"], (("grpc.use_local_subchannel_pool", 1),)) as channel:
        request = InvokeFlowRequest(flow="hello", wait=True, input_bytes=b"\x0a\x03Ada")
        metadata = (("authorization", f"Bearer {server.key}"),)
        done = await InvocationServiceStub(channel).InvokeFlow(request, metadata=metadata, timeout=_DEADLINE_S)
        assert done.result.output_bytes == b"\x0a\x0bHello, Ada!"
