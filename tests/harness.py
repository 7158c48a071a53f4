"""A real Penstock server in a process of its own, for tests that look at it from outside."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.clusters import furnish

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
READY = "Penstock is ready."
START_S_MAX = 60
LINE_S_MAX = 20
STOP_S_MAX = 30
END_S_MAX = 5
"""How long a server without running executions may take to stop."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def open_folder() -> Path:
    """A new folder that every user can reach: run as root, Postgres runs as another user. Remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="penstock-test-")).resolve()
    folder.chmod(0o755)
    return folder


class Server:
    """`penstock dev` on free ports. `kill` is kill -9; `start` again goes on with the same data."""

    def __init__(self, data_dir: Path, *paths: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.paths = paths
        self.environment = dict(environment or {})
        self.process: subprocess.Popen[str] | None = None
        self.info: dict[str, Any] = {}
        self.greeting = ""
        self._lines: queue.Queue[str] = queue.Queue()

    def start(self) -> Server:
        """Returns when the server says that it is ready."""
        self._furnish()
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
            )
        self._lines = queue.Queue()
        threading.Thread(target=_read_lines, args=(self.process.stdout, self._lines), daemon=True).start()
        lines = [self.next_line(START_S_MAX)]
        while lines[-1] and not lines[-1].strip().startswith("Ctrl-C stops"):
            lines.append(self.next_line(START_S_MAX))
        self.greeting = "".join(lines)
        assert READY in self.greeting, f"the server did not start:\n{self.greeting}\n{self.log}"
        self.info = json.loads((self.data_dir / "dev.json").read_text())
        return self

    def _furnish(self) -> None:
        if "PENSTOCK_DATABASE_URL" not in self.environment:
            furnish(self.data_dir)

    def command(self) -> Sequence[str]:
        addresses = ("--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(self.data_dir))
        return [sys.executable, "-m", "penstock.cli", "dev", *map(str, self.paths), *addresses]

    def next_line(self, timeout_s: float = LINE_S_MAX) -> str:
        """The next line that the server prints; waits for it. "" when it prints no more."""
        try:
            return self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise AssertionError(f"the server printed nothing within {timeout_s:g} s:\n{self.log}") from None

    @property
    def _log_file(self) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.log")

    @property
    def log(self) -> str:
        return self._log_file.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, timeout_s: float = STOP_S_MAX) -> int:
        """SIGTERM, and the exit code. Raises subprocess.TimeoutExpired."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def end(self, timeout_s: float = STOP_S_MAX) -> int:
        """As `stop`, and as `kill` when that takes too long. Gives the exit code."""
        try:
            return self.stop(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    @property
    def key(self) -> str:
        return str(self.info["api_key"])

    def connection(self, timeout_s: float = 30) -> http.client.HTTPConnection:
        url = urlsplit(self.info["http_url"])
        assert url.hostname is not None
        return http.client.HTTPConnection(url.hostname, url.port, timeout=timeout_s)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        key: str | None = "",
    ) -> Answer:
        """One request. `body` is bytes, or something to send as JSON. `key` "" is the server's own, None sends none."""
        connection = self.connection()
        try:
            connection.request(method, path, _body(body), self._headers(body, headers or {}, key))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def _headers(self, body: Any, headers: Mapping[str, str], key: str | None) -> dict[str, str]:
        sent = {} if key is None else {"Authorization": f"Bearer {key or self.key}"}
        if body is not None and not isinstance(body, bytes):
            sent["Content-Type"] = "application/json"
        return {**sent, **headers}

    def invoke(self, flow: str, given: Any, **fields: Any) -> Any:
        """The answer of a waiting invocation as JSON."""
        answer = self.request(
            "POST", "/invocations/v1/flows/invoke", {"flow": flow, "input": given, "wait": True} | fields
        )
        assert answer.status == 202, answer.body
        return answer.json

    def begin(self, flow: str, given: Any, **fields: Any) -> str:
        """The execution id of an invocation that nobody waits for."""
        return str(self.invoke(flow, given, wait=False, **fields)["execution_id"])

    def execution(self, execution_id: str, rest: str = "") -> Any:
        answer = self.request("GET", f"/invocations/v1/executions/{execution_id}{rest}")
        assert answer.status == 200, answer.body
        return answer.json

    def wait(self, execution_id: str, timeout_s: float = 30) -> Any:
        return self.execution(execution_id, f":wait?timeout_seconds={timeout_s}")

    def stream(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[SseEvent]:
        """Server-sent events as they come. Close the generator to hang up."""
        connection = self.connection()
        try:
            connection.request(method, path, _body(body), self._headers(body, headers or {}, ""))
            response = connection.getresponse()
            assert response.status == 200, response.read()
            assert response.getheader("Content-Type", "").startswith("text/event-stream")
            yield from read_events(response)
        finally:
            connection.close()


@contextmanager
def running(*paths: Path, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server of one's own. A test may stop, kill and start it."""
    folder = open_folder()
    server = Server(folder / "data", *paths, environment=environment)
    try:
        yield server.start()
    finally:
        if server.end(END_S_MAX) != 0:
            asyncio.run(_stop_database(server.data_dir))
        shutil.rmtree(folder)


async def _stop_database(data: Path) -> None:
    """Stops what a killed server leaves alive."""
    database = EmbeddedPostgres(data)
    await database.start()
    await database.stop()


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One server-sent event; `name` is "message" when it has none."""

    id: str
    name: str
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def _read_lines(stream: IO[str], lines: queue.Queue[str]) -> None:
    """Reads to the end, so that the server never waits for somebody to read."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")


def read_events(response: http.client.HTTPResponse) -> Iterator[SseEvent]:
    fields: dict[str, str] = {}
    for raw in response:
        line = raw.decode().rstrip("\r\n")
        if not line:
            if "data" in fields:
                yield SseEvent(fields.get("id", ""), fields.get("event", "message"), fields["data"])
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")


def _body(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body).encode()
