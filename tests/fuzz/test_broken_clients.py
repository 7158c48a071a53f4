"""However many clients are slow, broken or senseless, the others are answered.

`--soak` brings 10,000 of them in place of 300. They come in lots, and most of a lot stay until all of it has come.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from random import Random
from urllib.parse import urlsplit

import aiohttp
import grpc
import pytest
from grpc import aio

from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.gen.invocation_service_pb2_grpc import InvocationServiceStub
from tests.e2e.support import eventually
from tests.fuzz.campaign import memory_bytes
from tests.fuzz.clients import KINDS, Bad, Behaviour
from tests.fuzz.tls_clients import TLS_KINDS, TlsServer
from tests.harness import EXAMPLES, Server, open_folder

Kind = tuple[bool, Behaviour]

_LOT = 150
_DEADLINE_S = 60.0
_GROWTH_BYTES_MAX = 256 << 20
_DESCRIPTORS_MORE_MAX = 20


@pytest.fixture
def clients(request: pytest.FixtureRequest) -> int:
    return 10_000 if request.config.getoption("--soak") else 300


@pytest.fixture
def tls_clients(request: pytest.FixtureRequest) -> int:
    return 10_000 if request.config.getoption("--soak") else 150


@pytest.fixture(scope="module")
def tls_target() -> Iterator[TlsServer]:
    folder = open_folder()
    running = TlsServer(folder / "data", EXAMPLES / "hello")
    running.start()
    yield running
    running.end()
    shutil.rmtree(folder)


async def test_others_are_answered_among_broken_clients(target: Server, clients: int) -> None:
    await answers_others_among(target, clients, KINDS)


async def test_others_are_answered_among_clients_who_break_tls(tls_target: TlsServer, tls_clients: int) -> None:
    await answers_others_among(tls_target, tls_clients, TLS_KINDS)


def test_nobody_has_the_server_negotiate_again(tls_target: TlsServer) -> None:
    """Each time would cost the server a handshake, and the client next to nothing."""
    client, address = tls_target.client, urlsplit(tls_target.info["http_url"])
    files = ("-cert", str(client.certificate), "-key", str(client.key))
    place = ("-connect", f"{address.hostname}:{address.port}", "-tls1_2")
    asked = subprocess.run(
        ["openssl", "s_client", *place, *files], input="R\n" * 20, capture_output=True, text=True, timeout=_DEADLINE_S
    )
    said = asked.stdout + asked.stderr
    assert "RENEGOTIATING" in said and "no renegotiation" in said, said


async def answers_others_among(target: Server, clients: int, of_kinds: Sequence[Kind]) -> None:
    seed = os.urandom(4).hex()
    print(f"seed {seed}")
    random = Random(seed)
    assert target.process is not None
    process_id = target.process.pid
    await ordinary_calls(target)
    memory, descriptors = memory_bytes(process_id), descriptor_count(process_id)
    answered = 0
    for first in range(0, clients, _LOT):
        done = asyncio.Event()
        lot = [Bad(target, random, done) for _ in range(min(_LOT, clients - first))]
        kinds = (of_kinds[(first + number) % len(of_kinds)] for number in range(_LOT))
        lives = [asyncio.create_task(bad.live(*kind)) for bad, kind in zip(lot, kinds, strict=False)]
        # While they come, and when all of them are there.
        await ordinary_calls(target)
        await asyncio.gather(*(bad.has_behaved.wait() for bad in lot))
        await ordinary_calls(target)
        answered += 4
        done.set()
        await asyncio.gather(*lives)
    held = await asyncio.to_thread(eventually, lambda: descriptors_near(process_id, descriptors), _DEADLINE_S)
    more = memory_bytes(process_id) - memory
    print(
        f"{clients} clients, {answered} ordinary calls, {more >> 20} MiB more than {memory >> 20}, descriptors"
        f" {held} after {descriptors}"
    )
    await ordinary_calls(target)
    assert more < _GROWTH_BYTES_MAX
    assert "Traceback" not in target.log, target.log[-20_000:]


async def ordinary_calls(server: Server) -> None:
    """One over each port, on a new connection, within its deadline."""
    body = {"flow": "hello", "input": {"name": "Ada"}, "wait": True}
    headers = {"Authorization": f"Bearer {server.key}"}
    deadline = aiohttp.ClientTimeout(total=_DEADLINE_S)
    tls = server.context(server.client) if isinstance(server, TlsServer) else True
    async with (
        aiohttp.ClientSession(timeout=deadline) as session,
        session.post(
            server.info["http_url"] + "/invocations/v1/flows/invoke", json=body, headers=headers, ssl=tls
        ) as answer,
    ):
        assert (await answer.json())["result"]["output"] == {"greeting": "Hello, Ada!"}
    async with channel(server) as opened:
        request = InvokeFlowRequest(flow="hello", wait=True, input_bytes=b"\x0a\x03Ada")
        metadata = (("authorization", f"Bearer {server.key}"),)
        done = await InvocationServiceStub(opened).InvokeFlow(request, metadata=metadata, timeout=_DEADLINE_S)
        assert done.result.output_bytes == b"\x0a\x0bHello, Ada!"


def channel(server: Server) -> aio.Channel:
    # Without the option gRPC shares one connection between channels.
    own = (("grpc.use_local_subchannel_pool", 1),)
    if not isinstance(server, TlsServer):
        return aio.insecure_channel(server.info["grpc_address"], own)
    files = (server.authority.certificate, server.client.key, server.client.certificate)
    credentials = grpc.ssl_channel_credentials(*(file.read_bytes() for file in files))
    return aio.secure_channel(server.info["grpc_address"], credentials, own)


def descriptors_near(process_id: int, before: int) -> int:
    """How many there are; 0 when there are many more than before."""
    count = descriptor_count(process_id)
    return count if count <= before + _DESCRIPTORS_MORE_MAX else 0


def descriptor_count(process_id: int) -> int:
    return len(os.listdir(f"/proc/{process_id}/fd"))
