"""The servers of the tests one folder up, each reached through a gateway in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.harness import LINE_S_MAX, ROOT, STOP_S_MAX, Server, _read_lines


class ServerApart(Server):
    """A server as its callers see it through the gateway. `process` is the gateway's, `engine` the whole server."""

    def __init__(self, engine: Server) -> None:
        super().__init__(engine.data_dir)
        self.engine = engine

    def start(self) -> ServerApart:
        """Returns when the gateway says that it is ready."""
        address = self.engine.info["grpc_address"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "penstock.cli", "gateway", "--engine", address, "--http", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )
        threading.Thread(target=_read_lines, args=(self.process.stdout, self._lines), daemon=True).start()
        self.greeting = self.next_line(LINE_S_MAX)
        url, _, engine = self.greeting.strip().removeprefix("penstock: HTTP on ").partition(", engine ")
        assert engine == address, self.greeting
        self.info = self.engine.info | {"http_url": url}
        return self


@contextmanager
def apart(engine: Server) -> Iterator[ServerApart]:
    """A gateway of one's own for a server that runs."""
    gateway = ServerApart(engine)
    try:
        yield gateway.start()
    finally:
        gateway.end(STOP_S_MAX)


@pytest.fixture(scope="package")
def lab(lab: Server) -> Iterator[ServerApart]:
    with apart(lab) as gateway:
        yield gateway


@pytest.fixture(scope="package")
def server(server: Server) -> Iterator[ServerApart]:
    with apart(server) as gateway:
        yield gateway
