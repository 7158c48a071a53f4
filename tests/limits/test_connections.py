"""Clients who come in numbers, or are slow at what they send and take, are bounded; others are answered."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from penstock.cli.errors import UsageError
from penstock.cli.serving.connection_settings import VARIABLE, connections_max
from penstock.gateway import limits
from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings
from tests.harness import ROOT
from tests.keys.ward import Ward

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENCE_S = 20


@contextmanager
def gateway(ward: Ward, **settings: Any) -> Iterator[Gateway]:
    """One more, of the same engine."""
    made = Gateway(ward.engine.face, "127.0.0.1", 0, Settings(**settings))
    ward.run(made.start())
    try:
        yield made
    finally:
        ward.run(made.stop())


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        async with asyncio.timeout(PATIENCE_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            status, *lines = head.strip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            return int(status.split()[1]), headers, await self._reader.readexactly(int(headers["content-length"]))

    async def ask(self) -> int:
        self.writer.write(HEALTH)
        return (await self.answer())[0]

    async def end(self) -> bytes:
        """What comes before the server closes the connection."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self._reader.read()
            except ConnectionError:
                return b""


@asynccontextmanager
async def client(of: Gateway) -> AsyncIterator[Client]:
    url = urlsplit(of.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def _status(of: Gateway) -> int:
    async with client(of) as one:
        return await one.ask()


async def dropped(of: Gateway, reason: str) -> None:
    """Returns when the metrics tell of one."""
    async with client(of) as one, asyncio.timeout(PATIENCE_S):
        while True:
            one.writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            if re.search(rf'reason="{reason}"[^}}]*}} [1-9]', (await one.answer())[2].decode()):
                return


async def test_who_never_asked_makes_room_first_and_who_was_answered_next(ward: Ward) -> None:
    with gateway(ward, connections_max=2) as served:
        async with client(served) as asked, client(served) as silent:
            assert await asked.ask() == 200
            async with client(served) as third:
                assert await third.ask() == 200
                assert await silent.end() == b""
                assert await asked.ask() == 200
                async with client(served) as fourth:
                    # Of those who were answered, the one who has waited longest.
                    assert await fourth.ask() == 200
                    assert await third.end() == b""
                    assert await asked.ask() == 200


async def test_who_is_answered_stays_and_who_comes_then_is_told_to_come_later(ward: Ward) -> None:
    key = ward.key("executions:read")
    watch = f"GET /invocations/v1/executions:watch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    ward.invoke("hello")
    with gateway(ward, connections_max=1) as served:
        async with client(served) as busy:
            busy.writer.write(watch)
            async with asyncio.timeout(PATIENCE_S):
                assert b"200 OK" in await busy._reader.readline()
            async with client(served) as refused:
                status, headers, body = await refused.answer()
                assert (status, headers["retry-after"], headers["connection"]) == (503, "1", "close")
                assert json.loads(body)["reason"] == "TOO_MANY_CONNECTIONS"
                assert await refused.end() == b""
        async with asyncio.timeout(PATIENCE_S):
            while await _status(served) != 200:
                pass


@pytest.mark.parametrize("first", [b"", HEALTH])
async def test_head_that_comes_byte_after_byte_is_dropped(ward: Ward, first: bytes) -> None:
    with gateway(ward, head_timeout_s=0.05) as served:
        async with client(served) as slow:
            if first:
                slow.writer.write(first)
                assert (await slow.answer())[0] == 200
            slow.writer.write(HEALTH[:20])
            assert (await slow.answer())[0] == 408
            assert await slow.end() == b""
        async with client(served) as silent:
            if not first:
                assert await silent.end() == b""


async def test_head_that_comes_in_pieces_without_end_is_dropped(ward: Ward) -> None:
    lines = b"".join(b"X-%d: %b\r\n" % (number, b"a" * 8_000) for number in range(40))
    with gateway(ward) as served:
        async with client(served) as endless:
            endless.writer.write(b"GET /healthz HTTP/1.1\r\n")
            for at in range(0, len(lines), 8_192):
                endless.writer.write(lines[at : at + 8_192])
                await asyncio.sleep(0)
            assert b"431 " in await endless.end() or endless.writer.transport.is_closing()
        await dropped(served, "large_head")


async def test_requests_that_are_sent_ahead_are_answered_in_turn(ward: Ward) -> None:
    with gateway(ward) as served:
        async with client(served) as hasty:
            hasty.writer.write(HEALTH * 100)
            assert [(await hasty.answer())[0] for _ in range(100)] == [200] * 100


async def test_body_that_comes_in_pieces_is_no_head(ward: Ward) -> None:
    body = json.dumps({"flow": "hello", "input": {"text": "x" * 400_000}, "wait": True}).encode()
    head = f"POST /invocations/v1/flows/invoke HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    whole = f"{head}Authorization: Bearer {ward.admin}\r\n\r\n".encode() + body
    with gateway(ward) as served:
        async with client(served) as large:
            for _ in range(2):
                for at in range(0, len(whole), 30_000):
                    large.writer.write(whole[at : at + 30_000])
                    await large.writer.drain()
                assert (await large.answer())[0] == 202


async def test_who_takes_nothing_of_an_answer_is_dropped(ward: Ward) -> None:
    with gateway(ward, send_timeout_s=0.1) as served:
        async with client(served) as deaf:
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
            deaf.writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 60)
            await dropped(served, "unread")


def test_a_port_takes_no_more_than_there_are_descriptors_for() -> None:
    ask = "from penstock.cli.serving.connection_settings import connections_max; print(connections_max())"

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, 1_000))

    asked = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, cwd=ROOT, preexec_fn=lower, check=True
    )
    assert int(asked.stdout) == (1_000 - 256) // 2
    assert "372 connections, not 10000" in asked.stderr


def test_connections_are_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "20")
    assert connections_max() == 20
    monkeypatch.setenv(VARIABLE, "many")
    with pytest.raises(UsageError, match="PENSTOCK_CONNECTIONS: expected a number above 0"):
        connections_max()
    assert limits.CONNECTIONS_MAX == 10_000
