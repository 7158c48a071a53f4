"""Requests as bytes on a socket, for what no HTTP client sends."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.harness import Server


@contextmanager
def wire(server: Server, timeout_s: float = 10) -> Iterator[socket.socket]:
    connection = server.connection()
    with closing(socket.create_connection((connection.host, connection.port), timeout_s)) as opened:
        yield opened


def head(server: Server, path: str, *lines: str) -> bytes:
    fixed = (
        f"POST {path} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {server.key}",
        "Content-Type: application/json",
    )
    return "\r\n".join([*fixed, *lines, "", ""]).encode()
