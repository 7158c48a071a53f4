"""Clients of every bad kind, each for one connection: slow, broken, senseless."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

from tests.harness import Server

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_TLS_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
_DATA, _HEADERS, _RST, _SETTINGS, _PING, _WINDOW, _CONTINUATION = 0, 1, 3, 4, 6, 8, 9
_PINGS = 2_000
_RESETS = 500

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Behaviour = Callable[["Bad", Reader, Writer], Awaitable[None]]


class Bad:
    """A client that opens one connection, does something bad on it, and holds it until `done`."""

    def __init__(self, server: Server, random: Random, done: asyncio.Event) -> None:
        self.server = server
        self.random = random
        self._done = done
        self.has_behaved = asyncio.Event()

    async def live(self, is_http: bool, behave: Behaviour) -> None:
        place = urlsplit(self.server.info["http_url"] if is_http else f"//{self.server.info['grpc_address']}")
        with suppress(OSError):
            try:
                reader, writer = await asyncio.open_connection(place.hostname, place.port)
            except OSError:
                self.has_behaved.set()
                raise
            try:
                await self._behave(behave, reader, writer)
                if self.random.random() < 0.7:
                    await self._done.wait()
            finally:
                writer.transport.abort()

    async def _behave(self, behave: Behaviour, reader: Reader, writer: Writer) -> None:
        try:
            await behave(self, reader, writer)
        finally:
            self.has_behaved.set()

    def request(self, method: str, path: str, *lines: str) -> bytes:
        key = f"Authorization: Bearer {self.server.key}"
        return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", key, *lines, "", ""]).encode()


async def half_a_head(bad: Bad, _: Reader, writer: Writer) -> None:
    head = bad.request("GET", "/flows/v1/flows")
    writer.write(head[: bad.random.randrange(1, len(head) - 2)])
    await writer.drain()


async def half_a_body(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(bad.request("POST", "/invocations/v1/flows/invoke", "Content-Length: 100000") + b'{"flow": "hel')
    await writer.drain()


async def byte_after_byte(bad: Bad, _: Reader, writer: Writer) -> None:
    for byte in bad.request("GET", "/flows/v1/flows", "X: y")[:60]:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)


async def asks_and_never_reads(bad: Bad, _: Reader, writer: Writer) -> None:
    """As many large answers as there are, behind each other."""
    writer.write(bad.request("GET", "/openapi.json") * 20)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    with suppress(TimeoutError):
        await asyncio.wait_for(writer.drain(), 0.1)


async def watches_and_never_reads(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(bad.request("GET", "/invocations/v1/executions:watch", "Accept: text/event-stream"))
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    await writer.drain()


async def resets_in_the_body(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(bad.request("POST", "/invocations/v1/flows/invoke", "Content-Length: 100000") + b"{" * 5_000)
    await writer.drain()
    _reset(writer)


async def leaves_before_the_answer(bad: Bad, _: Reader, writer: Writer) -> None:
    body = b'{"flow": "hello", "input": {"name": "x"}, "wait": true}'
    head = bad.request("POST", "/invocations/v1/flows/invoke", f"Content-Length: {len(body)}")
    writer.write(head + body)
    await writer.drain()
    _reset(writer)


async def speaks_tls(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(_TLS_HELLO + bad.random.randbytes(500))
    await writer.drain()


async def noise(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(bad.random.randbytes(bad.random.randrange(1, 20_000)))
    await writer.drain()


async def chunks_without_end(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(bad.request("POST", "/invocations/v1/flows/invoke", "Transfer-Encoding: chunked"))
    for _number in range(50):
        writer.write(b"1\r\n{\r\n")
        await writer.drain()


async def senseless_frames(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(_PREFACE + _frame(_SETTINGS, b""))
    for _number in range(20):
        size = bad.random.choice((0, 1, 4, 5, 8, 300))
        kind, flags, stream = bad.random.randrange(256), bad.random.randrange(256), bad.random.randrange(2**31)
        writer.write(_frame(kind % 12, bad.random.randbytes(size), flags, stream))
    await writer.drain()


async def half_a_frame(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(_PREFACE + _frame(_SETTINGS, b"") + _frame(_HEADERS, b"x" * 100, 4, 1)[:20])
    await writer.drain()


async def floods_with_pings(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(_PREFACE + _frame(_SETTINGS, b"") + _frame(_PING, b"12345678") * _PINGS)
    await writer.drain()


async def floods_with_settings(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(_PREFACE + _frame(_SETTINGS, struct.pack(">HI", 4, 65_535) * 10) * 200)
    await writer.drain()


async def opens_and_resets(bad: Bad, _: Reader, writer: Writer) -> None:
    """Streams that are cancelled as soon as they are begun (CVE-2023-44487)."""
    head = b"\x83\x86\x44\x01/\x41\x01x"  # POST, http, :path /, :authority x
    writer.write(_PREFACE + _frame(_SETTINGS, b""))
    for number in range(_RESETS):
        stream = 2 * number + 1
        writer.write(_frame(_HEADERS, head, 4, stream) + _frame(_RST, struct.pack(">I", 8), 0, stream))
    await writer.drain()


async def headers_without_end(bad: Bad, _: Reader, writer: Writer) -> None:
    """CONTINUATION frames one after the other (CVE-2024-24549 and its like)."""
    writer.write(_PREFACE + _frame(_SETTINGS, b"") + _frame(_HEADERS, b"\x00\x01a\x01b", 0, 1))
    writer.write(_frame(_CONTINUATION, b"\x00\x01a\x01b" * 100, 0, 1) * 200)
    await writer.drain()


async def gives_no_window(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(_PREFACE + _frame(_SETTINGS, struct.pack(">HI", 4, 0)) + _frame(_WINDOW, b"\0\0\0\0", 0, 0))
    await writer.drain()


def _frame(kind: int, payload: bytes, flags: int = 0, stream: int = 0) -> bytes:
    """RFC 9113, 4.1."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def _reset(writer: Writer) -> None:
    """RST in place of FIN."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


KINDS: tuple[tuple[bool, Behaviour], ...] = (
    *((True, behave) for behave in (half_a_head, half_a_body, byte_after_byte, asks_and_never_reads)),
    *((True, behave) for behave in (watches_and_never_reads, resets_in_the_body, leaves_before_the_answer)),
    *((True, behave) for behave in (speaks_tls, noise, chunks_without_end)),
    *((False, behave) for behave in (speaks_tls, noise, senseless_frames, half_a_frame, floods_with_pings)),
    *((False, behave) for behave in (floods_with_settings, opens_and_resets, headers_without_end, gives_no_window)),
)
"""Whether it is for the HTTP port, and what is done there."""
