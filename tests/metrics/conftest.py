"""Two processes on one port that send traces, after they did everything that is counted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import grpc
import pytest

from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest, InvokeFlowResponse
from tests.e2e.crew import Crew
from tests.e2e.support import streamed
from tests.harness import open_folder
from tests.metrics.receiver import Receiver, over_grpc

PACKAGES = Path(__file__).parent / "packages"
CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
"""As in the W3C's recommendation."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server, what it sent its traces to, and the executions that each flow had."""

    crew: Crew
    receiver: Receiver
    executions: dict[str, str]


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """Tests share it and must not stop it."""
    folder = open_folder()
    with over_grpc() as (receiver, endpoint), hook() as url:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_BSP_SCHEDULE_DELAY": "20",
            "PENSTOCK_WEBHOOK_ALLOW": "127.0.0.0/8",
        }
        crew = Crew(folder / "data", PACKAGES, environment=environment)
        try:
            crew.start()
            yield Site(crew, receiver, run_all(crew, url))
        finally:
            assert crew.end() == 0
            shutil.rmtree(folder)


def run_all(crew: Crew, webhook: str) -> dict[str, str]:
    """Has each flow run once. Gives their executions by flow."""
    one = {"value": 1}
    given = {"each": {"items": [one, {"value": 2}]}}
    found = {
        flow: str(crew.invoke(flow, given.get(flow, one))["execution_id"])
        for flow in ("broken", "again", "saved", "each", "parent", "asked")
    }
    found["plain"] = str(crew.invoke("plain", one, webhook={"url": webhook})["execution_id"])
    frames = list(streamed(crew, "counted", {"value": 3}))
    found["counted"] = frames[-1].json["execution_id"]
    assert crew.request("GET", "/no/such/path").status == 404
    with grpc.insecure_channel(crew.info["grpc_address"]) as channel:
        invoke = channel.unary_unary(
            "/penstock.v1.InvocationService/InvokeFlow",
            request_serializer=InvokeFlowRequest.SerializeToString,
            response_deserializer=InvokeFlowResponse.FromString,
        )
        request = InvokeFlowRequest(flow="plain", wait=True)
        metadata = (("authorization", f"Bearer {crew.key}"), ("traceparent", CALLER))
        found["called"] = invoke(request, metadata=metadata, timeout=20).execution_id
    return found


class hook:
    """A receiver of webhooks that takes everything."""

    def __enter__(self) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
