"""The HTTP client of the load generator reads whole answers, however they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bench.http_client import HttpClient

COUNTED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nfull"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
Serve = Callable[..., Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server that gives each request on a connection the next of these answers; its URL."""
    servers: list[asyncio.Server] = []

    async def start(*answers: bytes, step: int = 1_000) -> str:
        """`step` bytes at a time."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for answer in answers:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]))
                for begin in range(0, len(answer), step):
                    writer.write(answer[begin : begin + step])
                    await writer.drain()
                    await asyncio.sleep(0)
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("step", [1, 2, 7, 1_000])
@pytest.mark.parametrize("answer", [COUNTED, CHUNKED])
async def test_an_answer_is_whole_however_it_is_cut(serve: Serve, answer: bytes, step: int) -> None:
    async with HttpClient(await serve(answer, answer, step=step), {}) as client:
        assert [await client.post("/x", b"one"), await client.post("/x", b"")] == [b"hello", b"hello"]


async def test_an_empty_body_is_a_body(serve: Serve) -> None:
    async with HttpClient(await serve(EMPTY), {}) as client:
        assert await client.post("/x", b"") == b""


async def test_a_status_that_is_no_success_is_refused_with_its_body(serve: Serve) -> None:
    async with HttpClient(await serve(REFUSED), {}) as client:
        with pytest.raises(AssertionError, match="503 full"):
            await client.post("/x", b"")


async def test_a_connection_that_closes_within_an_answer_is_an_error(serve: Serve) -> None:
    async with HttpClient(await serve(COUNTED[:-1]), {}) as client:
        with pytest.raises(ConnectionResetError):
            await client.post("/x", b"")


async def test_requests_at_once_have_connections_of_their_own(serve: Serve) -> None:
    async with HttpClient(await serve(COUNTED), {}) as client:
        assert await asyncio.gather(*(client.post("/x", b"") for _ in range(5))) == [b"hello"] * 5
