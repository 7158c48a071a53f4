"""One engine process among several: started by a supervisor, to which it stays tied."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

READY = b"r"
METRICS_FOLDER = "metrics"
"""Folder of the data directory in which the processes find each other."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a supervisor hands to all its processes. `lock` is the descriptor that locks the data directory, and
    `is_embedded` says whether the database is the one in it.
    """

    http: str
    grpc: str
    data_dir: Path
    database_url: str
    is_embedded: bool
    lock: int
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the command line said and they read from their environment."""


class Child:
    """A process as its supervisor sees it, from `start` to the end of `wait`."""

    def __init__(self, process: asyncio.subprocess.Process, line: socket.socket) -> None:
        self._process = process
        self._line = line
        self._ended = asyncio.ensure_future(process.wait())
        self.pid = process.pid

    @classmethod
    async def start(cls, start: Start, instance: str) -> Child:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *_command(start, f"{theirs.fileno()}:{start.lock}:{instance}"),
                stdin=asyncio.subprocess.DEVNULL,
                # It holds the lock too: nobody else works in the data directory before all of them are gone.
                pass_fds=(theirs.fileno(), start.lock),
                env={**os.environ, **start.environment, "PENSTOCK_DATABASE_URL": start.database_url},
                # Ctrl-C reaches the supervisor alone, which tells its processes.
                start_new_session=True,
            )
        return cls(process, ours)

    async def is_ready(self) -> bool:
        """Waits until it serves. False when it ended before."""
        said = asyncio.ensure_future(asyncio.get_running_loop().sock_recv(self._line, 1))
        await asyncio.wait({said, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if not said.done():
            said.cancel()
        (answer,) = await asyncio.gather(said, return_exceptions=True)
        return answer == READY

    def terminate(self) -> None:
        """Asks it to drain and stop."""
        if self._process.returncode is None:
            self._process.terminate()

    async def wait(self) -> int:
        """Its exit status; a signal's number below zero."""
        status = await self._ended
        self._line.close()
        return status


def _command(start: Start, child: str) -> list[str]:
    # Python would look for modules in the working directory, where the supervisor does so too or does not.
    path = [] if sys.path[0] in ("", os.getcwd()) else ["-P"]
    options: tuple[str, ...] = (
        "--http",
        start.http,
        "--grpc",
        start.grpc,
        "--data-dir",
        str(start.data_dir),
        "--processes",
        "1",
    )
    if start.is_embedded:
        options += ("--embedded",)
    return [sys.executable, *path, "-m", "penstock.cli", "serve", *options, "--child", child]


class Tie:
    """What ties this process to its supervisor."""

    def __init__(self, child: str) -> None:
        """`child` is the hidden option of the command line, LINE:LOCK:INSTANCE, as `Child.start` writes it."""
        line, lock, self.instance = child.split(":", 2)
        self._line = socket.socket(fileno=int(line))
        # Programs that nodes start have no part in it.
        for descriptor in (int(line), int(lock)):
            os.set_inheritable(descriptor, False)
        Thread(target=self._end_with_supervisor, name="supervisor", daemon=True).start()

    def _end_with_supervisor(self) -> None:
        """Ends this process like kill -9 when the supervisor is gone: what ran goes on after the next start.

        In a thread, so that no node that blocks the event loop keeps the process.
        """
        while self._line.recv(1):
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    @property
    def slot(self) -> str:
        """Its place among the others: a number from 0, which the next process in it has too."""
        return self.instance.rpartition("-")[2]

    def say_ready(self) -> None:
        self._line.send(READY)


def listen_to_supervisor(stop: asyncio.Event) -> None:
    """SIGTERM drains; it is the supervisor that talks to people."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
