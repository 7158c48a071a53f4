"""What a question stands on: one Postgres, the load generator, and servers as it asks for them."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench.processes import ROOT, line, parent, process
from penstock.engine.storage.embedded import EmbeddedPostgres

PACKAGES = ROOT / "bench" / "packages"
_GATEWAY_READY = re.compile(r"penstock: HTTP on (http://[^\s,]+)")


@dataclass(frozen=True, slots=True)
class Server:
    """`penstock dev` with the packages of the bench. `folder` is its data directory."""

    http_url: str
    grpc_address: str
    key: str
    pid: int
    process: subprocess.Popen[str]
    folder: Path
    database_url: str


class Load:
    """The load generator, or another process that answers jobs as `bench/load.py` does."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child
        self.pid = child.pid

    def run(self, job: dict[str, Any]) -> dict[str, float]:
        """Raises AssertionError when the generator ends, as it does at a wrong answer."""
        assert self._child.stdin is not None
        print(json.dumps(job), file=self._child.stdin, flush=True)
        result: dict[str, float] = json.loads(line(self._child))
        return result


class Bed:
    """`seconds` is the length of one measurement."""

    def __init__(
        self, folder: Path, postgres_url: str, load: Load, repetitions: int, seconds: float, with_peers: bool
    ) -> None:
        self.folder = folder
        self.load = load
        self.repetitions = repetitions
        self.seconds = seconds
        self.with_peers = with_peers
        self._postgres_url = postgres_url
        with psycopg.connect(postgres_url) as connection:
            self.postgres_pid = parent(connection.info.backend_pid)
            """The postmaster; every other process of Postgres is its child."""

    def database(self, name: str) -> str:
        """The URL of a new, empty database of this name."""
        with psycopg.connect(self._postgres_url, autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)')
            connection.execute(f'create database "{name}"')
        return urlsplit(self._postgres_url)._replace(path=f"/{name}").geturl()

    @contextmanager
    def server(self, database_url: str, *options: str, name: str = "server") -> Iterator[Server]:
        """A server that is ready; `options` are further ones of `penstock dev`."""
        folder = self.folder / name
        addresses = ("--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
        places = ("--data-dir", str(folder), "--database-url", database_url)
        command = (sys.executable, "-m", "penstock.cli", "dev", str(PACKAGES), *addresses, *places, *options)
        with process(*command) as child:
            while not line(child).strip().startswith("Ctrl-C"):
                pass
            info = json.loads((folder / "dev.json").read_text())
            yield Server(
                info["http_url"], info["grpc_address"], info["api_key"], child.pid, child, folder, database_url
            )

    @contextmanager
    def engine(self, database_url: str, name: str = "engine") -> Iterator[Load]:
        """An engine whose callers are in its own process."""
        command = (sys.executable, "-m", "bench.in_process", str(self.folder / name), database_url)
        with process(*command) as child:
            assert line(child) == "ready\n"
            yield Load(child)

    @contextmanager
    def gateway(self, server: Server) -> Iterator[tuple[str, int]]:
        """A gateway in a process of its own, for the engine of the server; its URL and pid."""
        command = (sys.executable, "-m", "penstock.cli", "gateway", "--engine", server.grpc_address)
        with process(*command, "--http", "127.0.0.1:0", stderr=subprocess.STDOUT) as child:
            while not (found := _GATEWAY_READY.match(line(child))):
                pass
            yield found[1], child.pid

    @contextmanager
    def echo(self, face: str) -> Iterator[str]:
        """The limit of a face: the address of a server that only answers."""
        with process(sys.executable, "-m", "bench.echo", face) as child:
            port = line(child).strip()
            yield f"http://127.0.0.1:{port}" if face == "http" else f"127.0.0.1:{port}"


@contextmanager
def make_bed(repetitions: int, seconds: float, with_peers: bool) -> Iterator[Bed]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penstock-bench-")))
        # Run as root, Postgres runs as another user.
        folder.chmod(0o755)
        postgres = EmbeddedPostgres(folder)
        url = asyncio.run(postgres.start())
        stack.callback(lambda: asyncio.run(postgres.stop()))
        load = Load(stack.enter_context(process(sys.executable, "-m", "bench.load")))
        yield Bed(folder, url, load, repetitions, seconds, with_peers)
