"""The engine is killed behind a gateway that stays: it answers 503, and again when the engine is back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.apart.conftest import ServerApart, apart
from tests.e2e.support import INVOKE, eventually, gated, started, streamed, watched
from tests.harness import END_S_MAX, EXAMPLES, ROOT, Answer, Server

PACKAGES = Path(__file__).parent.parent / "packages"


class Engine(Server):
    """A server that comes back at the address where it was."""

    def command(self) -> Sequence[str]:
        where = ("--grpc", self.info["grpc_address"]) if self.info else ()
        return [*super().command(), *where]


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    engine = Engine(folder / "data", EXAMPLES / "hello", PACKAGES / "steps", PACKAGES / "waits")
    engine.start()
    yield engine
    engine.end(END_S_MAX)


@pytest.fixture
def gateway(engine: Engine) -> Iterator[ServerApart]:
    with apart(engine) as gateway:
        yield gateway


def greet(gateway: Server) -> Answer:
    return gateway.request("POST", INVOKE, {"flow": "hello", "input": {"name": "Ada"}, "wait": True})


def gateway_process(engine: str, http: str = "127.0.0.1:0") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "penstock.cli", "gateway", "--engine", engine, "--http", http]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def refusal(answer: Answer) -> Any:
    return answer.status, answer.json["code"], answer.json["reason"]


def test_a_gateway_outlives_its_engine(engine: Engine, gateway: ServerApart) -> None:
    assert greet(gateway).status == 202
    engine.kill()
    # Right after the kill it may still believe in the connection; then the call is lost with it.
    eventually(lambda: greet(gateway).json.get("reason") == "ENGINE_UNREACHABLE")
    assert refusal(greet(gateway)) == (503, "UNAVAILABLE", "ENGINE_UNREACHABLE")
    assert refusal(gateway.request("GET", "/readyz")) == (503, "UNAVAILABLE", "NOT_READY")
    assert gateway.request("GET", "/healthz").status == 200
    engine.start()
    eventually(lambda: gateway.request("GET", "/readyz").status == 200)
    answer = greet(gateway)
    assert (answer.status, answer.json["result"]["output"]) == (202, {"greeting": "Hello, Ada!"})


def test_a_stream_that_broke_with_the_engine_is_resumed_where_it_was(
    engine: Engine, gateway: ServerApart, tmp_path: Path
) -> None:
    given, gate = gated(tmp_path, count=5, gate_after=2)
    events = streamed(gateway, "count", given)
    seen = [next(events), next(events)]
    engine.kill()
    [*_, broken] = events
    assert (broken.name, broken.json["code"], broken.json["reason"]) == ("error", "UNAVAILABLE", "ENGINE_LOST")
    seen += [event for event in _ if event.name == "message"]
    engine.start()
    eventually(lambda: gateway.request("GET", "/readyz").status == 200)
    gate.touch()
    resumed = list(watched(gateway, seen[0].json["execution_id"], after=seen[-1].id))
    frames = [*seen, *(event for event in resumed if event.name == "message")]
    assert [frame.json["frame_index"] for frame in frames] == list(range(6))
    assert [frame.json["payload"]["number"] for frame in frames[:-1]] == list(range(5))


def test_a_call_that_waited_is_told_to_try_again(engine: Engine, gateway: ServerApart) -> None:
    execution_id = gateway.begin("waits", {})
    started(gateway, execution_id, "wait")
    connection = gateway.connection()
    headers = {"Authorization": f"Bearer {gateway.key}"}
    connection.request("GET", f"/invocations/v1/executions/{execution_id}:wait", headers=headers)
    assert gateway.execution(execution_id)["status"] == "RUNNING"
    engine.kill()
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["code"]) == (503, "UNAVAILABLE")
    connection.close()


def test_a_gateway_waits_for_an_engine_that_is_not_there_yet(engine: Engine) -> None:
    engine.stop()
    address = engine.info["grpc_address"]
    with gateway_process(address) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert "the engine cannot be reached; it is tried again" in next(lines)
        assert next(lines) == f"penstock: waiting for an engine at {address}\n"
        engine.start()
        assert next(lines).startswith("penstock: HTTP on http://127.0.0.1:")
        process.terminate()
        assert process.wait(END_S_MAX) == 0


def test_a_gateway_that_waits_can_be_stopped() -> None:
    with gateway_process("127.0.0.1:1") as process:
        assert process.stderr is not None
        assert "cannot be reached" in process.stderr.readline()
        process.terminate()
        assert process.wait(END_S_MAX) == 0


def test_a_port_that_is_taken_is_told_in_one_line(server: ServerApart) -> None:
    address = server.info["http_url"].removeprefix("http://")
    with gateway_process(server.info["grpc_address"], address) as process:
        said = process.communicate(timeout=END_S_MAX)[1]
    assert said.startswith(f"penstock: cannot listen on {address} for HTTP: ")
    assert (said.count("\n"), process.returncode) == (1, 1)
