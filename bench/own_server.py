"""A server with a Postgres of its own, which is started, killed with or without it, and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from bench.bed import PACKAGES
from bench.processes import ROOT, descendants, line
from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.embedded_process import Postmaster, read_postmaster

_GONE_S = 10.0


class OwnServer:
    """`penstock dev` on the data directory `folder`, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.http_url = ""
        self.key = ""
        self._child: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when it says that it is ready. Raises AssertionError with what it said when it ends before."""
        addresses = ("--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(self.folder))
        command = (sys.executable, "-m", "penstock.cli", "dev", str(PACKAGES), *addresses)
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
            )
        try:
            while not line(self._child).strip().startswith("Ctrl-C"):
                pass
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._log.read_text(errors='replace')}") from error
        info = json.loads((self.folder / "dev.json").read_text())
        self.http_url, self.key = info["http_url"], info["api_key"]

    @property
    def _log(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.log")

    @property
    def database_url(self) -> str:
        """Only while its Postgres runs."""
        return f"postgresql://penstock@/postgres?host={quote(str(self._postmaster().socket_folder), safe='')}&port=5432"

    def stop(self) -> None:
        """In good order, with its Postgres."""
        if self._child is not None:
            self._child.terminate()
            self._reap()

    def kill(self) -> None:
        """kill -9 of the server alone."""
        assert self._child is not None
        self._child.kill()
        self._reap()

    def kill_everything(self) -> None:
        """kill -9 of the server, of its Postgres and of every process of that, at one moment."""
        assert self._child is not None
        postmaster = self._postmaster().pid
        members = (self._child.pid, postmaster, *descendants(postmaster))
        for member in members:
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        self._reap()
        deadline = time.monotonic() + _GONE_S
        while any(_is_alive(member) for member in members):
            assert time.monotonic() < deadline, "a process that was killed is still there"
            time.sleep(0.001)

    def _reap(self) -> None:
        assert self._child is not None and self._child.stdout is not None
        self._child.wait()
        self._child.stdout.close()
        self._child = None

    def _postmaster(self) -> Postmaster:
        location = self.folder / "postgres.location"
        home = Path(location.read_text().strip()) if location.exists() else self.folder / "postgres"
        found = read_postmaster(home / "data")
        assert found is not None, "its Postgres does not run"
        return found

    def end(self) -> None:
        """Leaves nothing running, whatever was killed before."""
        self.stop()
        asyncio.run(_end_postgres(self.folder))


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """Not started yet; nothing of it runs afterwards."""
    server = OwnServer(folder)
    try:
        yield server
    finally:
        server.end()


async def _end_postgres(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    await postgres.start()
    await postgres.stop()


def _is_alive(pid: int) -> bool:
    """A process that ended and was not waited for has no command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False
