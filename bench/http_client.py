"""A lean HTTP/1.1 client: the load generator shares the machine with what it measures.

It knows keep-alive, bodies of a known length and chunked ones, and nothing else; every HTTP target is measured with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import cast
from urllib.parse import urlsplit


class HttpClient:
    """Any number of requests at once, each on a connection of its own that is used again afterwards."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 80
        lines = {"Host": address.netloc, "Content-Type": "application/json", **headers}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
        self._idle: list[_Connection] = []
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> HttpClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._idle:
            connection.close()

    async def post(self, path: str, body: bytes) -> bytes:
        """The whole body of the answer. Raises AssertionError when its status is not 2xx, OSError."""
        connection = await self._connection()
        head = b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n" % (path.encode(), self._headers, len(body))
        status, answer = await connection.exchange(head + body)
        self._idle.append(connection)
        assert 200 <= status < 300, f"{path}: {status} {answer.decode(errors='replace')}"
        return answer

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        # One at a time: a server that is busy drops what its backlog does not hold, for a whole second.
        async with self._opening:
            _, made = await asyncio.get_running_loop().create_connection(_Connection, self._host, self._port)
        return made


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.is_open = False
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[tuple[int, bytes]]
        self._received = bytearray()
        self._body: _Counted | _Chunked | None = None
        self._status = 0

    def close(self) -> None:
        self._transport.close()

    def exchange(self, request: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """The status and the body."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if hasattr(self, "_answer") and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        if self._body is None:
            end = received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(received[:end]).lower()
            del received[: end + 4]
            self._status = int(head[9:12])
            self._body = _Chunked() if b"\r\ntransfer-encoding: chunked" in head else _Counted(_length(head))
        answer = self._body.take(received)
        if answer is not None:
            self._body = None
            if not self._answer.done():
                self._answer.set_result((self._status, answer))


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"\r\ncontent-length:")
    assert found, f"expected a body of a known length or chunks: {head.decode()}"
    return int(rest.partition(b"\r\n")[0])


class _Counted:
    def __init__(self, size: int) -> None:
        self._size = size

    def take(self, received: bytearray) -> bytes | None:
        """The body once it is whole, which is then no longer in `received`."""
        if len(received) < self._size:
            return None
        body = bytes(received[: self._size])
        del received[: self._size]
        return body


class _Chunked:
    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def take(self, received: bytearray) -> bytes | None:
        """As `_Counted.take`. Trailers are not expected."""
        start = 0
        while (end := received.find(b"\r\n", start)) >= 0:
            size = int(received[start:end].partition(b";")[0], 16)
            behind = end + 2 + size + 2
            if len(received) < behind:
                break
            start = behind
            if size == 0:
                del received[:start]
                return b"".join(self._chunks)
            self._chunks.append(bytes(received[end + 2 : end + 2 + size]))
        del received[:start]
        return None
