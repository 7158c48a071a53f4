"""Postgres servers that a test may crash and start again: the embedded one, and one that is known by its URL alone."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from typing import IO, Protocol

from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.embedded_binaries import find_binaries
from penstock.engine.storage.embedded_home import find_home
from penstock.engine.storage.embedded_process import is_server, make_cluster, wait_for
from tests.harness import open_folder

_READY = "database system is ready to accept connections"
_END_S_MAX = 10.0


class PostgresServer(Protocol):
    """A server and the URL of its database `postgres`."""

    url: str

    def start(self) -> None: ...

    def crash(self) -> None:
        """Ends it without a checkpoint; `start` then recovers."""
        ...

    def stop(self) -> None:
        """Ends it and removes what it stored."""
        ...


class EmbeddedServer:
    """What an engine starts for itself when it is given no URL."""

    def __init__(self) -> None:
        self._folder = open_folder()
        self._postgres = EmbeddedPostgres(self._folder)
        self.url = ""

    def start(self) -> None:
        self.url = asyncio.run(self._postgres.start())

    def crash(self) -> None:
        data = self._folder / "postgres" / "data"
        pid = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        assert wait_for(lambda: not is_server(pid, data), _END_S_MAX)

    def stop(self) -> None:
        asyncio.run(self._postgres.stop())
        shutil.rmtree(self._folder)


class TcpServer:
    """A server on a port of 127.0.0.1, like one that somebody else runs."""

    def __init__(self) -> None:
        self._folder = open_folder()
        self._home = find_home(self._folder, self._folder)
        self._binaries = find_binaries(None, self._home.account, self._folder).folder
        make_cluster(self._home, self._binaries)
        self._port = _free_port()
        self._process: subprocess.Popen[str] | None = None
        self.url = f"postgresql://penstock@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={self._port}")
        account = self._home.account
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", self._home.data, *(word for s in settings for word in ("-c", s))],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        assert self._process.stderr is not None
        lines = []
        for line in self._process.stderr:
            lines.append(line)
            if _READY in line:
                # Read to the end, so that the server never waits for somebody to read.
                threading.Thread(target=_drain, args=(self._process.stderr,), daemon=True).start()
                return
        raise AssertionError("".join(lines))

    def crash(self) -> None:
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        self._end(signal.SIGINT)
        shutil.rmtree(self._folder)

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(_END_S_MAX)


class GivenServer:
    """The one that PENSTOCK_TEST_DATABASE_URL names. Nobody may crash it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        pass

    def crash(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        pass


def server_by_url() -> PostgresServer:
    """A server that the tests know by nothing but its URL."""
    given = os.environ.get("PENSTOCK_TEST_DATABASE_URL")
    return GivenServer(given) if given else TcpServer()


def with_database(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return re.sub(r"(//[^/]*/)[^?]*", rf"\g<1>{name}", url, count=1)


def _drain(stream: IO[str]) -> None:
    with stream:
        stream.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
