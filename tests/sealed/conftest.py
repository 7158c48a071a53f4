"""One engine whose flows have sensitive fields, and a receiver of webhooks that repeats what it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread

import pytest

from penstock.engine.webhooks.egress import EgressPolicy
from penstock.engine.webhooks.settings import WebhookSettings
from tests.keys.ward import Ward

PACKAGE = Path(__file__).parent / "packages" / "vault"
WEBHOOKS = WebhookSettings(EgressPolicy((ip_network("127.0.0.0/8"),)), retries_s=(0.0,), jitter=0.0)


class _Echo(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="package")
def echo() -> Iterator[str]:
    """The URL of a receiver."""
    server = HTTPServer(("127.0.0.1", 0), _Echo)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def vault_in(folder: Path) -> Iterator[Ward]:
    """The engine on a folder, started and stopped."""
    vault = Ward(folder / "data", webhooks=WEBHOOKS)
    try:
        yield vault
    finally:
        vault.stop()


def url_of(vault: Ward) -> str:
    """Of its database."""
    return str(vault.engine.runtime._database._pool.conninfo)
