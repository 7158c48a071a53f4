"""`penstock executions recover, relaunch, fork` and the forms for many, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.again.conftest import streamed
from tests.harness import Server


class Penstock:
    """The command of a person who uses one server."""

    def __init__(self, server: Server) -> None:
        self._environment = {**os.environ, "PENSTOCK_URL": server.info["http_url"], "PENSTOCK_API_KEY": server.key}

    def __call__(self, *words: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "penstock.cli", "executions", *words]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stderr
        self.said = done.stderr
        return done.stdout


@pytest.fixture
def penstock(redo: Server) -> Penstock:
    return Penstock(redo)


def stopped(server: Server, wall: Path, flow: str = "parted") -> str:
    answer = server.invoke(flow, {"key": str(wall)}, labels={"door": wall.parent.name})
    assert answer["result"]["success"] is False
    return str(answer["execution_id"])


def test_recover_prints_what_the_execution_gives(redo: Server, penstock: Penstock, wall: Path) -> None:
    first = stopped(redo, wall)
    wall.touch()
    assert json.loads(penstock("recover", first)) == {"key": str(wall), "value": 13}
    assert {"first was recovered", "left was recovered"} <= set(penstock.said.splitlines())
    second = penstock("recover", first, "--no-wait").strip()
    assert redo.wait(second)["status"] == "COMPLETED"
    assert f"made from:     {first} (RECOVER)\n" in penstock("get", second)


def test_relaunch_and_fork_print_what_the_execution_gives(redo: Server, penstock: Penstock, wall: Path) -> None:
    wall.touch()
    first = redo.invoke("parted", {"key": str(wall)})["execution_id"]
    assert json.loads(penstock("relaunch", first, "--flow", "undone@live"))["value"] == 11
    patch = '{"key": "elsewhere", "value": 100}'
    assert json.loads(penstock("fork", first, "--node", "first", "--patch", patch, "--mask", "value")) == {
        "key": str(wall),
        "value": 211,
    }
    assert "nobody" in (penstock("fork", first, "--node", "nobody", code=1) or penstock.said)


def test_pipeline_prints_its_frames(redo: Server, penstock: Penstock, wall: Path) -> None:
    first = streamed(redo, wall)
    assert redo.execution(first)["status"] == "FAILED"
    wall.touch()
    frames = [json.loads(line)["value"] for line in penstock("recover", first).splitlines()]
    assert frames == [11, 12, 13]
