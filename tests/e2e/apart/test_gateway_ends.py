"""A gateway apart ends, in peace or by force: what it began goes on, and the engine says nothing of it."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.apart.conftest import ServerApart, apart
from tests.e2e.support import EXECUTIONS, gated, streamed
from tests.harness import END_S_MAX, Server


@pytest.fixture
def engine(lab: ServerApart) -> Server:
    return lab.engine


@pytest.fixture
def gateway(engine: Server) -> Iterator[ServerApart]:
    with apart(engine) as gateway:
        yield gateway


@pytest.mark.parametrize("end", [Server.kill, Server.stop])
def test_what_a_gateway_began_goes_on_without_it(
    engine: Server, gateway: ServerApart, tmp_path: Path, end: Callable[[Server], None]
) -> None:
    log = engine.log
    given, gate = gated(tmp_path, count=5000, gate_after=2)
    events = streamed(gateway, "count", given | {"filler_size": 2000})
    execution_id = next(events).json["execution_id"]
    end(gateway)
    events.close()
    gate.touch()
    assert engine.wait(execution_id)["status"] == "COMPLETED"
    assert engine.log == log


def test_a_stopped_gateway_lets_calls_finish(engine: Server, gateway: ServerApart, tmp_path: Path) -> None:
    given, gate = gated(tmp_path, count=3, gate_after=0)
    execution_id = next(streamed(gateway, "count", given)).json["execution_id"]
    connection = gateway.connection()
    connection.request("GET", f"{EXECUTIONS}/{execution_id}:wait", headers={"Authorization": f"Bearer {gateway.key}"})
    assert gateway.execution(execution_id)["status"] == "RUNNING"
    assert gateway.process is not None
    gateway.process.send_signal(signal.SIGTERM)
    assert "stopping" in gateway.next_line()
    gate.touch()
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["status"]) == (200, "COMPLETED")
    connection.close()
    assert gateway.process.wait(END_S_MAX) == 0
