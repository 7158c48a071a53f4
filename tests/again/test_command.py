"""`penstock executions recover, relaunch, fork` and the forms for many, against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def sources(server: Server, made: list[str]) -> list[Any]:
    return [server.execution(each)["source_execution_id"] for each in made]


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


def test_many_are_recovered_once_however_often_it_is_asked(redo: Server, penstock: Penstock, wall: Path) -> None:
    first = [stopped(redo, wall), stopped(redo, wall, "undone"), stopped(redo, wall, "outer")]
    wall.touch()
    chosen = ("--filter", f"labels.door = {json.dumps(wall.parent.name)}", "--output", "json")
    dry = json.loads(penstock("recover", *chosen, "--dry-run"))["executions"]
    assert {each["execution_id"] for each in dry} == set(first)
    made = [json.loads(line) for line in penstock("recover", *chosen).splitlines()]
    assert {each["execution_id"] for each in made} == set(first)
    again = [json.loads(line) for line in penstock("recover", *chosen).splitlines()]
    assert sorted(again, key=str) == sorted(made, key=str)
    assert {redo.wait(each["new_execution_id"])["status"] for each in made} == {"COMPLETED"}
    assert sources(redo, [each["new_execution_id"] for each in made]) == [each["execution_id"] for each in made]


def test_many_are_relaunched_and_cancelled(redo: Server, penstock: Penstock, wall: Path) -> None:
    work = {"key": str(wall)}
    labels = {"door": f"{wall.parent.name} asks"}
    asked = [redo.begin("walled", work, labels=labels) for _ in range(3)]
    chosen = ("--filter", f"labels.door = {json.dumps(labels['door'])}")
    until = max(redo.execution(each)["create_time"] for each in asked)
    made = sorted(penstock("relaunch", *chosen, "--output", "json").splitlines())
    # Those that were made are no sources of others: they came later.
    assert sorted(penstock("relaunch", *chosen, "--until", until, "--output", "json").splitlines()) == made
    assert penstock("cancel", *chosen, "--reason", "enough") == "6 cancelled\n"
    assert {redo.wait(each)["status"] for each in asked} == {"CANCELLED"}
    assert penstock("cancel", *chosen) == "0 cancelled\n"
