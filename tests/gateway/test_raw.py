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
        while asyncio.all_tasks() - tasks:  # noqa: ASYNC110 - a task that ends sets no event
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


async def test_a_stop_lets_a_call_finish_and_drops_idle_connections(engine: FakeEngine, gateway: Gateway) -> None:
    waiting, finish = asyncio.Event(), asyncio.Event()

    async def get_execution(request: GetExecutionRequest, caller: Caller) -> Execution:
        waiting.set()
        await finish.wait()
        return Execution()

    engine.answers["get_execution"] = get_execution
    async with connection(gateway) as (reader, writer), connection(gateway) as (idle, _):
        writer.write(b"GET /invocations/v1/executions/ab12 " + HEAD + b"\r\n")
        await waiting.wait()
        stop = asyncio.ensure_future(gateway.stop())
        assert await idle.read() == b""
        finish.set()
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        await stop


class TestLateBody:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(body_timeout_s=0.01)

    @pytest.mark.parametrize(
        ("length", "rest"),
        [
            (b"Content-Length: 100", b'{"graph'),
            (b"Transfer-Encoding: chunked", b"7\r\n"),
            (b"Transfer-Encoding: chunked", b"nonsense\r\n"),
        ],
    )
    async def test_a_body_that_does_not_end_is_refused(
        self, engine: FakeEngine, gateway: Gateway, length: bytes, rest: bytes
    ) -> None:
        async with connection(gateway) as (reader, writer):
            writer.write(INVOKE + length + b"\r\n\r\n")
            await engine.authenticated.wait()
            writer.write(rest)
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readuntil(b"}}")
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"\r\nConnection: close\r\n" in head
        assert b'"reason":"BODY_TIMEOUT"' in body
        assert engine.calls == []


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(engine: FakeEngine, gateway: Gateway) -> None:
    async with connection(gateway) as (reader, writer):
        writer.write(INVOKE + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"}}")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b'"error":"body: expected one in its Content-Encoding, got something else"' in body
    assert engine.calls == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
    ],
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
    ("target", "execution_id"), [(b"%FF", "%FF"), (b"%ED%A0%80", "%ED%A0%80"), (b"a%00b", "a\0b"), (b"a%2Fb", "a/b")]
)
async def test_a_strange_path_variable_reaches_the_engine_as_text(
    engine: FakeEngine, gateway: Gateway, target: bytes, execution_id: str
) -> None:
    engine.answers["get_execution"] = Execution()
    async with connection(gateway) as (reader, writer):
        writer.write(b"GET /invocations/v1/executions/" + target + b" " + HEAD + b"\r\n")
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    assert engine.requests("get_execution") == [GetExecutionRequest(execution_id=execution_id)]


async def test_a_header_that_is_not_text_is_refused_with_its_name(engine: FakeEngine, gateway: Gateway) -> None:
    async with connection(gateway) as (reader, writer):
        writer.write(INVOKE + b"Idempotency-Key: \xff\r\nContent-Length: 2\r\n\r\n{}")
        assert await reader.readline() == b"HTTP/1.1 400 Bad Request\r\n"
        assert b'"error":"Idempotency-Key: expected ' in await reader.readuntil(b"}}")
    assert engine.calls == []
