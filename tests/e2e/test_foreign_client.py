"""A client that somebody else's generator makes of an artifact's OpenAPI document works."""

from __future__ import annotations

import compileall
import importlib
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.e2e.test_artifact_documents_http import WHOLE
from tests.harness import Server

GENERATOR = Path(sys.executable).with_name("openapi-python-client")

LOST = ("time", "value")
"""Python's datetime has microseconds, and the generated code takes null for no value."""

Generate = Callable[[bytes, str], str]


@pytest.fixture
def generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generate:
    """Makes an importable package of that name from a document and gives what the generator printed."""
    monkeypatch.syspath_prepend(tmp_path)

    def run(document: bytes, name: str) -> str:
        given = tmp_path / f"{name}.json"
        given.write_bytes(document)
        command = [GENERATOR, "generate", "--path", given, "--output-path", tmp_path / name, "--meta", "none"]
        # The generator tidies up with ruff, which it looks for on the path.
        path = f"{GENERATOR.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path}, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert compileall.compile_dir(tmp_path / name, quiet=2)
        return done.stdout

    return run


def part(package: str, module: str) -> ModuleType:
    with warnings.catch_warnings():
        # Of libraries that the generated code imports.
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module(f"{package}.{module}")


def openapi(server: Server, flow: str) -> bytes:
    answer = server.request("GET", f"/flows/v1/artifacts/{flow}/openapi.json")
    assert answer.status == 200
    return answer.body


def test_a_generated_client_runs_the_flow_with_nothing_but_the_input(server: Server, generate: Generate) -> None:
    assert "Warning" not in generate(openapi(server, "orders"), "orders_client")
    models = part("orders_client", "models")
    client = part("orders_client", "client").AuthenticatedClient(server.info["http_url"], server.key)
    order = models.OrdersOrder(
        order_id="A-1",
        customer=models.OrdersCustomer(name="Grace", tier=models.OrdersTier.GOLD),
        lines=[models.OrdersLine(sku="TEA-SENCHA", quantity=2)],
    )
    with client:
        invoke = part("orders_client", "api.flow.invoke")
        answer = invoke.sync(client=client, body=models.InvokeFlowRequest(input_=order, wait=True))
        assert answer.result.output.to_dict() == server.invoke("orders", order.to_dict())["result"]["output"]
        started = invoke.sync(client=client, body=models.InvokeFlowRequest(input_=order))
        wait = part("orders_client", "api.executions.wait_execution")
        ended = wait.sync(started.execution_id, client=client)
        assert (ended.flow, ended.status) == ("orders", models.ExecutionStatus.COMPLETED)


def test_a_generated_client_reads_an_error(server: Server, generate: Generate) -> None:
    generate(openapi(server, "hello"), "hello_client")
    models = part("hello_client", "models")
    client = part("hello_client", "client").AuthenticatedClient(server.info["http_url"], "psk_wrong")
    with client:
        invoke = part("hello_client", "api.flow.invoke")
        request = models.InvokeFlowRequest(input_=models.HelloGreetRequest(name="Ada"))
        refused = invoke.sync_detailed(client=client, body=request)
    assert (refused.status_code, refused.parsed.error) == (401, "unauthorized")


def test_a_generated_client_copes_with_all_that_proto_can_say(odd: Server, generate: Generate) -> None:
    generate(openapi(odd, "class"), "odd_client")
    models = part("odd_client", "models")
    given = {name: value for name, value in WHOLE.items() if name not in LOST}
    output = odd.invoke("class", given)["result"]["output"]
    assert models.OddEverything.from_dict(output).to_dict() == output
