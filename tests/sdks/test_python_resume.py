"""Python clients whose connection breaks or whose server dies: nothing runs twice, no output is missing or doubled."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import eventually
from tests.harness import ROOT, Server
from tests.sdks.cable import Cable
from tests.sdks.conftest import fetch
from tests.sdks.pips import HERE, Environment, unpack

COUNT, CUT_AFTER = 6, 2
STEPS = ROOT / "tests" / "e2e" / "packages" / "steps"


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    running = Server(folder / "data", STEPS).start()
    yield running
    running.end()


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    made = Cable(server.info["grpc_address"])
    yield made
    made.close()


@pytest.fixture
def read(
    server: Server, cable: Cable, environment: Environment, tmp_path: Path
) -> Callable[[str, str, dict[str, Any]], Any]:
    """Starts a reader of a flow at the other end of the cable."""
    environment.install("grpcio", "betterproto2")

    @contextmanager
    def start(flow: str, operation: str, given: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
        paths = (unpack(fetch(server, flow), tmp_path),)
        arguments = (cable.address, server.key, flow, operation, json.dumps(given))
        with environment.start(str(HERE / "python_reader.py"), *arguments, paths=paths) as process:
            try:
                yield process
            finally:
                process.kill()

    return start


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def rest(process: subprocess.Popen[str]) -> list[str]:
    """What comes until the end, which is a good one."""
    output = process.communicate(timeout=90)[0]
    assert process.returncode == 0
    return output.split()


def executions(server: Server) -> list[str]:
    answer = server.request("GET", "/invocations/v1/executions")
    return [execution["status"] for execution in answer.json["executions"]]


def whole(server: Server) -> list[str]:
    """Each output once, then their number, and the one execution that there is."""
    (execution,) = server.request("GET", "/invocations/v1/executions").json["executions"]
    return [*map(str, range(COUNT)), str(COUNT), execution["execution_id"]]


def test_stream_goes_on_after_its_connection_was_cut(read: Any, server: Server, cable: Cable, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with read("count", "stream", {"count": COUNT, "gate": str(gate), "gate_after": CUT_AFTER}) as process:
        came = lines(process, CUT_AFTER + 1)
        cable.cut()
        gate.touch()
        came += rest(process)
    assert came == whole(server)
    assert executions(server) == ["COMPLETED"]


def test_stream_goes_on_after_its_server_was_killed(read: Any, server: Server, cable: Cable, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with read("count", "stream", {"count": COUNT, "gate": str(gate), "gate_after": CUT_AFTER}) as process:
        came = lines(process, CUT_AFTER + 1)
        server.kill()
        gate.touch()
        cable.target = server.start().info["grpc_address"]
        came += rest(process)
    assert came == whole(server)
    assert executions(server) == ["COMPLETED"]


def test_invocation_whose_connection_was_cut_runs_once(read: Any, server: Server, cable: Cable, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with read("wait_for_file", "invoke", {"text": str(file)}) as process:
        eventually(lambda: executions(server) == ["RUNNING"])
        cable.cut()
        file.touch()
        assert rest(process) == [str(file)]
    assert executions(server) == ["COMPLETED"]
