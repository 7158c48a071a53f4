"""A server of its own for what is thrown at it, and accounts that may lose everything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from penstock.cli.flow_order import callees_first, read_file
from penstock.engine.nodes import archive
from penstock.wire.gen.services import SERVICES
from tests.fuzz.messages import Stock
from tests.harness import EXAMPLES, ROOT, START_S_MAX, Server, open_folder

WARD = Path(__file__).parents[1] / "keys" / "packages" / "ward"
_METHODS = {method.name: method for service in SERVICES for method in service.methods}


class Account:
    """An account of a server, with the flows of `ward` and one of everything else."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        made = subprocess.run(
            [sys.executable, "-m", "penstock.cli", "accounts", "create", name, "--data-dir", str(server.data_dir)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=dict(os.environ),
            timeout=START_S_MAX,
        )
        assert made.returncode == 0, made.stderr
        self.key = made.stdout.strip()

    def publish(self) -> None:
        with grpc.insecure_channel(self.server.info["grpc_address"]) as channel:
            metadata = (("authorization", f"Bearer {self.key}"),)
            packed, order = archive.pack(WARD), callees_first([read_file(path) for path in WARD.glob("flows/*.yaml")])
            publishing, compiling = _METHODS["PublishPackage"], _METHODS["CompileFlow"]
            calls = [(publishing, publishing.request(archive=packed))]
            calls += [(compiling, compiling.request(flow=each.flow.flow, definition=each.flow)) for each in order]
            for method, request in calls:
                channel.unary_unary(method.path, method.request.SerializeToString, method.response.FromString)(
                    request, metadata=metadata, timeout=START_S_MAX
                )

    def stock(self) -> Stock:
        """Makes one of everything, and names it."""
        ids = [self._invoke(flow) for flow in ("hello", "pay_rent", "pay_badly")]
        made = {
            "/configs/v1/configs": {"config_id": "night", "flow": "hello", "values": {"a": 1}},
            "/bulk/v1/operations": {"verb": "CANCEL", "filter": "flow = nobody"},
        }
        answers = {path: self._post(path, body) for path, body in made.items()}
        exported = self._ask("GET", f"/invocations/v1/executions/{ids[0]}:export")
        return {
            "execution_id": [*ids, uuid4().hex],
            "graph_id": [self._json("GET", f"/flows/v1/artifacts/{flow}")["graph_id"] for flow in ("hello", "spell")],
            "flow": ["hello", "pay_rent", "spell", "pay_badly", "hello@live"],
            "alias": ["live", "live", "canary"],
            "node": ["say", "approve", "spell"],
            "pause": ["approve"],
            "signal": ["hear"],
            "name": ["mail_key", "ward"],
            "config_id": ["night"],
            "policy_id": ["zebra"],
            "budget_id": ["zebra"],
            # Never that of the key that is shown with the calls, nor that of all keys.
            "key_id": ["0123456789ab", uuid4().hex[:12]],
            "operation_id": [answers["/bulk/v1/operations"]["operation_id"]],
            "payload": ["input", "output"],
            "input_bytes": [b"\x0a\x01x", b""],
            "timeout_seconds": [0.001, 0.01, 0.1],
            "page_size": [0, 1, 50, 1000],
            "request_id": ["a", uuid4().hex],
            "archive": [archive.pack(WARD), archive.pack(EXAMPLES / "hello")],
            "data": [exported],
            "scopes": ["admin", "invoke:hello@live", "executions:read"],
            "api_key": [self.key],
        }

    def _invoke(self, flow: str) -> str:
        body = {"flow": flow, "input": {"text": "x"}, "wait": flow == "hello", "labels": {"team": "blue"}}
        return str(self._post("/invocations/v1/flows/invoke", body)["execution_id"])

    def _post(self, path: str, body: object) -> dict[str, str]:
        return self._json("POST", path, body)

    def _json(self, method: str, path: str, body: object = None) -> dict[str, str]:
        answer = self.server.request(method, path, body, key=self.key)
        assert answer.status < 300, (path, answer.body)
        made: dict[str, str] = answer.json
        return made

    def _ask(self, method: str, path: str) -> bytes:
        answer = self.server.request(method, path, key=self.key)
        assert answer.status == 200, answer.body
        return answer.body


@pytest.fixture(scope="module")
def target() -> Iterator[Server]:
    """A server whose callers mean it no good."""
    folder = open_folder()
    running = Server(folder / "data", EXAMPLES / "hello").start()
    yield running
    running.end()
    shutil.rmtree(folder)
