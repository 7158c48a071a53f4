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
from tests.harness import ROOT, Server, running
from tests.sdks.cable import Cable
from tests.sdks.conftest import fetch
from tests.sdks.pips import HERE, Environment, unpack

COUNT, CUT_AFTER = 6, 2
FILLER_SIZE = 100_000
STEPS = ROOT / "tests" / "e2e" / "packages" / "steps"


@pytest.fixture
def server() -> Iterator[Server]:
    with running(STEPS) as started:
        yield started


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    made = Cable(server.info["grpc_address"])
    yield made
    made.close()


@pytest.fixture
def read(server: Server, cable: Cable, environment: Environment, tmp_path: Path) -> Callable[..., Any]:
    """Starts a reader of a flow at the other end of the cable."""
    environment.install("grpcio", "betterproto2")

    @contextmanager
    def start(flow: str, operation: str, given: dict[str, Any], *try_s: str) -> Iterator[subprocess.Popen[str]]:
        paths = (unpack(fetch(server, flow), tmp_path),)
        arguments = (cable.address, server.key, flow, operation, json.dumps(given), *try_s)
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


def gated(folder: Path) -> tuple[dict[str, Any], Path]:
    """An input of `count` that stops after CUT_AFTER until the file is there."""
    gate = folder / "gate"
    return {"count": COUNT, "gate": str(gate), "gate_after": CUT_AFTER}, gate


def executions(server: Server) -> list[str]:
    answer = server.request("GET", "/invocations/v1/executions")
    return [execution["status"] for execution in answer.json["executions"]]


def whole(server: Server) -> list[str]:
    """Each output once, then their number, and the one execution that there is."""
    (execution,) = server.request("GET", "/invocations/v1/executions").json["executions"]
    return [*map(str, range(COUNT)), str(COUNT), execution["execution_id"]]


def test_stream_goes_on_after_its_connection_was_cut(read: Any, server: Server, cable: Cable, tmp_path: Path) -> None:
    given, gate = gated(tmp_path)
    with read("count", "stream", {**given, "filler_size": FILLER_SIZE}) as process:
        came = lines(process, CUT_AFTER + 1)
        cable.cut()
        gate.touch()
        came += rest(process)
    assert came == whole(server)
    assert executions(server) == ["COMPLETED"]
    # What had come already was not sent again.
    assert COUNT * FILLER_SIZE < cable.bytes_count < (COUNT + 1) * FILLER_SIZE


def test_stream_goes_on_after_its_server_was_killed(read: Any, server: Server, cable: Cable, tmp_path: Path) -> None:
    given, gate = gated(tmp_path)
    with read("count", "stream", given) as process:
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


def test_another_process_resumes_behind_what_came(read: Any, server: Server, tmp_path: Path) -> None:
    given, gate = gated(tmp_path)
    with read("count", "stream", given) as process:
        came = lines(process, CUT_AFTER + 1)
    (execution,) = server.request("GET", "/invocations/v1/executions").json["executions"]
    path = f"/invocations/v1/executions/{execution['execution_id']}/events"
    frames = [event for event in server.request("GET", path).json["events"] if event["type"] == "FRAME_EMITTED"]
    with read("count", "resume", {"run": execution["execution_id"], "after": frames[-1]["sequence"]}) as process:
        gate.touch()
        came += rest(process)
    assert came == [*map(str, range(COUNT)), str(COUNT - CUT_AFTER - 1), execution["execution_id"]]


def test_wait_for_what_others_started_goes_on_after_the_server_was_killed(
    read: Any, server: Server, cable: Cable, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    body = {"flow": "wait_for_file", "input": {"text": str(file)}}
    execution_id = server.request("POST", "/invocations/v1/flows/invoke", body).json["execution_id"]
    with read("wait_for_file", "wait", {"run": execution_id}) as process:
        eventually(lambda: executions(server) == ["RUNNING"])
        server.kill()
        file.touch()
        cable.target = server.start().info["grpc_address"]
        assert rest(process) == [str(file)]
    assert executions(server) == ["COMPLETED"]


def test_stream_goes_on_after_its_time_on_one_connection(
    read: Any, server: Server, cable: Cable, tmp_path: Path
) -> None:
    given, gate = gated(tmp_path)
    with read("count", "stream", given, "0.2") as process:
        came = lines(process, CUT_AFTER + 1)
        seen = cable.bytes_count
        eventually(lambda: cable.bytes_count > seen)
        gate.touch()
        came += rest(process)
    assert came == whole(server)


def test_invocation_that_outlasts_a_single_call_runs_once(read: Any, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with read("wait_for_file", "invoke", {"text": str(file)}, "0.001") as process:
        eventually(lambda: executions(server) == ["RUNNING"])
        file.touch()
        assert rest(process) == [str(file)]
    assert executions(server) == ["COMPLETED"]
