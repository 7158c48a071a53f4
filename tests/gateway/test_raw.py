"""What a caller does that no HTTP client would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import GetExecutionRequest
from penstock.wire.service import Caller
from tests.gateway.fake_engine import FakeEngine

HEAD = b"HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer psk_ada\r\nContent-Type: application/json\r\n"
INVOKE = b"POST /invocations/v1/flows/invoke " + HEAD


@asynccontextmanager
async def connection(gateway: Gateway) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = gateway.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(5):
            yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def only_these_tasks(tasks: set[asyncio.Task[object]]) -> None:
    """Waits until no task runs but `tasks`."""
    async with asyncio.timeout(5):
        while asyncio.all_tasks() - tasks:
            await asyncio.sleep(0)


async def test_a_half_sent_body_leaves_nothing_when_its_caller_goes_away(engine: FakeEngine, gateway: Gateway) -> None:
    before = asyncio.all_tasks()
    async with connection(gateway) as (_, writer):
        writer.write(INVOKE + b'Content-Length: 100\r\n\r\n{"graph')
        await engine.authenticated.wait()
    await only_these_tasks(before)
    assert engine.calls == []


async def test_a_call_is_cancelled_when_its_caller_goes_away(engine: FakeEngine, gateway: Gateway) -> None:
    waiting, cancelled = asyncio.Event(), asyncio.Event()

    async def get_execution(request: GetExecutionRequest, caller: Caller) -> Execution:
        waiting.set()
        try:
            return await asyncio.Event().wait()
        finally:
            cancelled.set()

    engine.answers["get_execution"] = get_execution
    before = asyncio.all_tasks()
    async with connection(gateway) as (_, writer):
        writer.write(b"GET /invocations/v1/executions/ab12 " + HEAD + b"\r\n")
        await waiting.wait()
    async with asyncio.timeout(5):
        await cancelled.wait()
    await only_these_tasks(before)


class TestLateBody:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(body_timeout_s=0.01)

    async def test_a_half_sent_body_is_refused_in_time(self, engine: FakeEngine, gateway: Gateway) -> None:
        async with connection(gateway) as (reader, writer):
            writer.write(INVOKE + b'Content-Length: 100\r\n\r\n{"graph')
            assert (await reader.readline()) == b"HTTP/1.1 400 Bad Request\r\n"
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"BODY_TIMEOUT" in await reader.readuntil(b"}}")
            assert b"connection: close" in head.lower()
        assert engine.calls == []


async def test_a_body_with_a_broken_chunk_is_refused(engine: FakeEngine, gateway: Gateway) -> None:
    async with connection(gateway) as (reader, writer):
        writer.write(INVOKE + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
        await engine.authenticated.wait()
        writer.write(b"nonsense\r\n")
        assert (await reader.readline()) == b"HTTP/1.1 400 Bad Request\r\n"
    assert engine.calls == []


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\x00 HTTP/1.1\r\n\r\n"]
)
async def test_what_is_not_http_is_refused_and_not_logged(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, garbage: bytes
) -> None:
    async with connection(gateway) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b'{"status":"ok"}')
        writer.write(garbage)
        assert b" 400 " in await reader.readline()
    assert caplog.records == []


@pytest.mark.parametrize(
    "target",
    [
        b"/invocations/v1/executions/%FF",
        b"/invocations/v1/executions?filter=%FF",
        b"/invocations/v1/executions/%ED%A0%80",
    ],
)
async def test_text_that_is_not_utf8_does_not_break_the_server(
    engine: FakeEngine, gateway: Gateway, caplog: pytest.LogCaptureFixture, target: bytes
) -> None:
    engine.answers["get_execution"] = engine.answers["list_executions"] = LookupError()
    async with connection(gateway) as (reader, writer):
        writer.write(b"GET " + target + b" " + HEAD + b"\r\n")
        print(await reader.readuntil(b"}"))
