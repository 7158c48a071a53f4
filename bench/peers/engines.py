"""How each of the other engines is started, killed and stopped."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from bench.peers.database import make_database, with_host
from bench.peers.group import Group, free_port
from bench.peers.install import FLUX_PYTHON, PYTHON, restate_server
from bench.peers.probe import answers, get, post

_HERE = Path(__file__).resolve().parent


class Engine(ABC):
    """One engine at fixed addresses; `start` returns when it answers, and may be called again after `kill`."""

    url: str
    """Followed by a slash and the name of a flow it is what is called."""

    def __init__(self, folder: Path) -> None:
        """Its data and its logs are in `folder`."""
        self._folder = folder
        self._groups: list[Group] = []

    @abstractmethod
    def start(self) -> None:
        """Raises RuntimeError with the end of a log when it does not get ready."""

    def kill(self) -> None:
        """SIGKILL for all its processes."""
        for group in self._groups:
            group.kill()
        self._groups.clear()

    def stop(self) -> None:
        # The server last, which others else wait for.
        for group in reversed(self._groups):
            group.stop()
        self._groups.clear()

    def _spawn(self, log: str, *command: str | Path, env: Mapping[str, str] | None = None) -> Group:
        group = Group([str(word) for word in command], self._folder, log, env or {})
        self._groups.append(group)
        return group


class Dbos(Engine):
    """One process, with a database of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder)
        self._env = {"PEER_DATABASE_URL": make_database(database_url, "peer_dbos")}
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        app = self._spawn("app.log", PYTHON, _HERE / "dbos_app.py", str(self._port), env=self._env)
        app.wait_until(lambda: answers(f"{self.url}/w1"))


class Restate(Engine):
    """The server with its default settings, which keeps all it has in `folder`, and the handlers."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder)
        self._handlers_port, admin_port, node_port, ingress_port = (free_port() for _ in range(4))
        self._env = {
            "RESTATE_DISABLE_TELEMETRY": "true",
            "RESTATE_BIND_IP": "127.0.0.1",
            "RESTATE_BIND_PORT": str(node_port),
            "RESTATE_ADMIN__BIND_PORT": str(admin_port),
            "RESTATE_INGRESS__BIND_PORT": str(ingress_port),
            # A restarted server finds itself in its folder by its name.
            "RESTATE_NODE_NAME": "bench",
        }
        self.admin_url = f"http://127.0.0.1:{admin_port}"
        self.ingress_url = f"http://127.0.0.1:{ingress_port}"
        self.url = f"{self.ingress_url}/chains"

    def start(self) -> None:
        base = ("--base-dir", self._folder / "data", "--no-logo")
        server = self._spawn("server.log", restate_server(), *base, env=self._env)
        app = self._spawn("app.log", PYTHON, _HERE / "restate_app.py", str(self._handlers_port))
        # A server that was killed knows its handlers still; to name them again changes nothing.
        handlers = {"uri": f"http://127.0.0.1:{self._handlers_port}"}
        server.wait_until(lambda: post(f"{self.admin_url}/deployments", handlers) is not None)
        app.wait_until(lambda: answers(f"{self.url}/w1"))


class Flux(Engine):
    """A server with a database of its own, and one worker."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder)
        self._port = free_port()
        self._server_url = f"http://127.0.0.1:{self._port}"
        self.url = f"{self._server_url}/workflows/default"
        self._env = {
            "FLUX_HOME": str(folder),
            "FLUX_DATABASE_URL": with_host(make_database(database_url, "peer_flux")),
            "FLUX_DATABASE_TYPE": "postgresql",
            "FLUX_LOG_LEVEL": "WARNING",
            # Else it wants keys; the others are asked without one too.
            "FLUX_SECURITY__AUTH__ALLOW_ANONYMOUS": "true",
            # By LISTEN and NOTIFY; its default looks for work twice a second.
            "FLUX_DISPATCH__MODE": "event",
            "FLUX_WORKERS__SERVER_URL": self._server_url,
            "FLUX_WORKERS__BOOTSTRAP_TOKEN": secrets.token_hex(16),
            # As many as the bench has callers; its default of 16 would make the others wait.
            "FLUX_WORKERS__MAX_CONCURRENT_EXECUTIONS": "64",
        }

    def start(self) -> None:
        server = self._run("server.log", "start", "server", "--host", "127.0.0.1", "--port", str(self._port))
        server.wait_until(lambda: get(f"{self._server_url}/health") is not None)
        self._run("register.log", "workflow", "register", str(_HERE / "flux_app.py"), "--server-url", self._server_url)
        worker = self._run("worker.log", "start", "worker", "bench", "--server-url", self._server_url)
        worker.wait_until(lambda: answers(f"{self.url}/w1/run/sync", key="output"))

    def _run(self, log: str, *arguments: str) -> Group:
        return self._spawn(log, FLUX_PYTHON, _HERE / "flux_main.py", *arguments, env=self._env)


ENGINES: dict[str, type[Dbos] | type[Restate] | type[Flux]] = {"dbos": Dbos, "restate": Restate, "flux": Flux}
