"""`penstock executions cancel, recover …`, `pauses approve` for many, and `penstock bulk`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bulk.conftest import HttpBulk, Penstock, chosen, counts
from tests.bulk.test_bulk import begun, made_from, shut
from tests.bulk.test_retry_now import waiting
from tests.harness import Server


def test_many_are_recovered_and_the_sum_is_printed(yard: Server, penstock: Penstock, door: Path) -> None:
    failed = shut(yard, door, 3)
    assert penstock("executions", "recover", "--filter", chosen(door), "--dry-run").count("FAILED") == 3
    assert penstock.said == "3 executions; nothing was changed\n"
    assert penstock("executions", "recover", "--filter", chosen(door)) == "3 recovered\n"
    assert set(made_from(yard, door)) == set(failed)


def test_operation_is_looked_at_under_its_id(yard: Server, penstock: Penstock, door: Path) -> None:
    running = begun(yard, "lingers", door, 1)
    words = ("executions", "cancel", "--filter", chosen(door), "--reason", "enough", "--no-wait")
    operation_id = penstock(*words).strip()
    assert penstock("bulk", "watch", operation_id) == "1 cancelled\n"
    lines = penstock("bulk", "get", operation_id).splitlines()
    assert {"verb:        CANCEL", f"executions:  {chosen(door)}", "reason:      enough", "done:        1"} <= set(
        lines
    )
    found = penstock.json("bulk", "get", operation_id)
    assert counts(found) == (1, 1, 0, 0)
    assert penstock.json("bulk", "list", "--limit", "1")["operations"][0]["operation_id"] == operation_id
    assert operation_id in penstock("bulk", "list", "--limit", "1")
    assert json.loads(penstock("bulk", "watch", operation_id, "--output", "json")) == found
    assert "it is SUCCEEDED" in (penstock("bulk", "cancel", operation_id, code=1) or penstock.said)
    assert yard.execution(running[0])["cancel_reason"] == "enough"


def test_those_that_fail_are_told_and_are_the_exit_code(yard: Server, penstock: Penstock, door: Path) -> None:
    [failed] = shut(yard, door, 1)
    words = ("executions", "relaunch", "--filter", chosen(door), "--flow", "nobody")
    assert penstock(*words, code=1) == "0 run again, 1 failed\n"
    assert penstock.said.startswith(f"execution {failed}: ")


def test_pauses_and_retries_of_many(yard: Server, penstock: Penstock, door: Path) -> None:
    asked = begun(yard, "asks", door, 2)
    for each in asked:
        yard.wait(each)
    assert penstock("pauses", "reject", "--filter", chosen(door), "--comment", "no") == "2 rejected\n"
    execution_id = waiting(yard, door)
    door.touch()
    assert penstock("executions", "retry", "--filter", chosen(door)) == "1 tried again\n"
    assert yard.wait(execution_id)["status"] == "COMPLETED"


def test_one_is_tried_again(yard: Server, penstock: Penstock, door: Path) -> None:
    execution_id = waiting(yard, door)
    door.touch()
    assert penstock("executions", "retry", execution_id) == f"{execution_id} tries again: knock\n"
    assert yard.wait(execution_id)["status"] == "COMPLETED"
    assert "the execution is COMPLETED" in (penstock("executions", "retry", execution_id, code=1) or penstock.said)


FOLLOWING = """
import sys
from penstock.cli.runs import bulk
from penstock.cli.main import main
bulk.ENDED = frozenset()
bulk.Progress.show = lambda self, operation, as_json: print(operation["operation_id"], file=sys.stderr, flush=True)
sys.exit(main(sys.argv[1:]))
"""
"""A command that takes no state for the end, so that it follows until it is interrupted, and says when it does."""


def test_command_that_is_interrupted_leaves_it_running(yard: Server, http: HttpBulk) -> None:
    environment = {**os.environ, "PENSTOCK_URL": yard.info["http_url"], "PENSTOCK_API_KEY": yard.key}
    command = [sys.executable, "-c", FOLLOWING, "executions", "cancel", "--filter", "labels.door = nobody"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as asked:
        assert asked.stderr is not None
        operation_id = asked.stderr.readline().strip()
        asked.send_signal(signal.SIGINT)
        _, said = asked.communicate(timeout=30)
    assert asked.returncode == 130, said
    assert f"`penstock bulk watch {operation_id}` follows" in said
    assert http.watch(operation_id)[-1]["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("executions recover", "executions recover: expected either an ID or one of --filter and --all"),
        (
            f"executions cancel {'0' * 32} --all",
            "executions cancel: expected either an ID or one of --filter and --all",
        ),
        (f"executions retry {'0' * 32} --dry-run", "--limit and --dry-run go along with --filter or --all"),
        ("executions relaunch --all --filter flow=hello", "argument --filter: not allowed with argument --all"),
        ("pauses approve", "pauses approve: expected either ID and PAUSE or one of --filter and --all"),
        (f"pauses reject {'0' * 32}", "pauses reject: expected the name of the pause behind the ID"),
        ("pauses approve --all --value {}", "each pause has an input of its own"),
        ("bulk get 1", 'expected 32 lower-case hex digits, got "1"'),
    ],
)
def test_command_line_that_says_too_much_or_too_little_is_refused(penstock: Penstock, words: str, message: str) -> None:
    penstock(*words.split(), code=2)
    assert message in penstock.said
