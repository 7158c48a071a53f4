"""A real `penstock serve --processes N`, and requests that reach the process that a test names."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.e2e.support import INVOKE, eventually
from tests.harness import LINE_S_MAX, ROOT, START_S_MAX, Server, _read_lines

WHICH = Path(__file__).parent / "which"
_READY = re.compile(r"penstock: HTTP on (?P<http>\S+), gRPC on (?P<grpc>\S+), (?P<count>\d+) processes\n")
_TRIES_MAX = 200
"""The kernel chooses a process for each connection by its ports: with two, each try misses one half of the times."""


class Crew(Server):
    """Processes on one pair of ports. Requests of its own go to any of them."""

    def __init__(
        self, data_dir: Path, *paths: Path, count: int = 2, environment: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data_dir, WHICH, *paths, environment=environment)
        self.count = count

    def command(self) -> Sequence[str]:
        addresses = ("--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(self.data_dir))
        return [sys.executable, "-m", "penstock.cli", "serve", "--processes", str(self.count), *addresses]

    def start(self) -> Crew:
        """Returns when it says that it is ready. Packages are published at the first start."""
        self._furnish()
        self.process = subprocess.Popen(
            self.command(),
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.greeting = ""
        self._lines = queue.Queue()
        threading.Thread(target=_read_lines, args=(self.process.stderr, self._lines), daemon=True).start()
        ready = None
        while ready is None:
            line = self.next_line(START_S_MAX)
            self.greeting += line
            assert line, f"the server did not start:\n{self.greeting}"
            ready = _READY.fullmatch(line)
        assert int(ready["count"]) == self.count
        is_first = not self.info
        self.info |= {"http_url": ready["http"], "grpc_address": ready["grpc"]}
        if is_first:
            self.info["api_key"] = self.command_line("keys", "create", "tests").strip()
            self.command_line("compile", *map(str, self.paths))
        return self

    def command_line(self, *words: str) -> str:
        """What `penstock` prints for these words."""
        talk = {"PENSTOCK_URL": self.info["http_url"], "PENSTOCK_API_KEY": self.info.get("api_key", "")}
        environment = {**os.environ, **self.environment, **talk, "PENSTOCK_DATA_DIR": str(self.data_dir)}
        command = [sys.executable, "-m", "penstock.cli", *words]
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout

    def rest_of_log(self) -> str:
        """Everything that it prints from here on to its end."""
        lines = []
        while line := self.next_line(LINE_S_MAX):
            lines.append(line)
        return "".join(lines)

    @property
    def log(self) -> str:
        return self.greeting

    @property
    def pids(self) -> list[int]:
        """Its processes, without the supervisor, in order of their start."""
        assert self.process is not None
        table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
        return sorted(pid for pid, parent in pairs if parent == self.process.pid and is_engine(pid))

    def all(self) -> list[Member]:
        """Each process, once all answer."""
        eventually(lambda: len(self.pids) == self.count)
        return [Member(self, pid) for pid in self.pids]


class Member(Server):
    """One process of a crew: every request reaches it and no other."""

    def __init__(self, crew: Crew, pid: int) -> None:
        super().__init__(crew.data_dir)
        self.info = crew.info
        self.pid = pid

    def connection(self, timeout_s: float = 30) -> http.client.HTTPConnection:
        for _ in range(_TRIES_MAX):
            connection = super().connection(timeout_s)
            # One that is just dying breaks it.
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self._asks_whom(connection) == self.pid:
                    return connection
            connection.close()
        raise AssertionError(f"process {self.pid} takes no connections")

    def _asks_whom(self, connection: http.client.HTTPConnection) -> int:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", INVOKE, b'{"flow": "which", "input": {}, "wait": true}', headers)
        answer: Any = json.loads(connection.getresponse().read())
        return int(answer["result"]["output"]["pid"])


def is_engine(pid: int) -> bool:
    """Whether it is one of the processes, and not a program that the supervisor runs for a moment."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "--child" in listed.stdout


def is_alive(pid: int) -> bool:
    state = listed("stat=", pid)
    return bool(state) and not state.startswith("Z")


def listed(column: str, pid: int) -> str:
    """What ps shows of a process, "" when it is gone."""
    command = ["ps", "-ww", "-o", column, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
