"""The `penstock` command against a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.engine.storage.postgres.migrate import MIGRATIONS
from tests.harness import EXAMPLES, ROOT, Server


def penstock(
    server: Server | None, *arguments: str, given: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command; with a server as if its data directory were the current one's."""
    settings = {"PENSTOCK_DATA_DIR": str(server.data_dir)} if server else {}
    return subprocess.run(
        [sys.executable, "-m", "penstock.cli", *arguments],
        env={**os.environ, **settings, **environment},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )


@pytest.mark.parametrize("flow", ["hello", "orders"])
def test_invoke_prints_the_expected_output_of_an_example(server: Server, flow: str) -> None:
    done = penstock(server, "invoke", flow, "--input", f"@examples/{flow}/input.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads((EXAMPLES / flow / "expected.json").read_text())


def test_invoke_stream_prints_the_expected_frames(server: Server) -> None:
    done = penstock(server, "invoke", "logs", "--stream", "--input", "@examples/logs/input.json")
    assert done.returncode == 0, done.stderr
    expected = (EXAMPLES / "logs" / "expected.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in done.stdout.splitlines()] == [json.loads(line) for line in expected]


def test_invoke_reads_standard_input(server: Server) -> None:
    done = penstock(server, "invoke", "hello", "--input", "-", given='{"name": "Ada"}')
    assert json.loads(done.stdout) == {"greeting": "Hello, Ada!"}


def test_wrong_input_is_one_readable_line(server: Server) -> None:
    done = penstock(server, "invoke", "hello", "--input", '{"nam": "Ada"}')
    assert (done.returncode, done.stderr) == (1, "penstock: input.nam: unknown field, expected one of name\n")


def test_an_execution_is_listed_shown_and_cannot_be_cancelled_after_its_end(server: Server) -> None:
    label = f"run={os.getpid()}"
    done = penstock(
        server, "invoke", "hello", "--input", '{"name": "Ada"}', "--no-wait", "--label", label, "--output", "json"
    )
    execution_id = json.loads(done.stdout)["execution_id"]
    server.wait(execution_id)
    listed = penstock(server, "executions", "list", "--filter", f'labels.run = "{os.getpid()}"')
    shown = penstock(server, "executions", "get", execution_id)
    watched = penstock(server, "executions", "watch", execution_id)
    events = penstock(server, "executions", "events", execution_id, "--output", "json")
    cancelled = penstock(server, "executions", "cancel", execution_id)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["EXECUTION", execution_id]
    assert re.search(r"^status: +COMPLETED$", shown.stdout, re.MULTILINE)
    assert watched.returncode == 0
    assert [event["sequence"] for event in json.loads(events.stdout)["events"]] == [1, 2, 3, 4, 5]
    assert (cancelled.returncode, cancelled.stderr) == (1, "penstock: the execution has ended: it is COMPLETED\n")


def test_compile_publishes_a_package_and_compiles_its_flow(server: Server, tmp_path: Path) -> None:
    package = tmp_path / "greeter"
    shutil.copytree(EXAMPLES / "hello", package)
    (package / "penstock.yaml").write_text('name: greeter\nversion: "1"\ndescription: Greets.\n')
    (package / "flows" / "hello.yaml").unlink()
    (package / "flows" / "greeter.yaml").write_text("flow: greeter\nnodes:\n  greet: {use: greeter/greet}\n")
    done = penstock(server, "compile", str(package), "--output", "json")
    assert done.returncode == 0, done.stderr
    assert server.invoke("greeter", {"name": "Bo"})["result"]["output"] == {"greeting": "Hello, Bo!"}


def test_compile_check_needs_no_server_and_tells_every_problem(tmp_path: Path) -> None:
    package = tmp_path / "broken"
    shutil.copytree(EXAMPLES / "hello", package)
    (package / "flows" / "hello.yaml").write_text("flow: hello\nnodes:\n  a: {use: hello/gret}\n  b: {use: no/thing}\n")
    done = penstock(None, "compile", "--check", str(package), PENSTOCK_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "node a" in done.stderr and "node b" in done.stderr


def test_no_server_is_exit_code_3(tmp_path: Path) -> None:
    done = penstock(None, "executions", "list", PENSTOCK_DATA_DIR=str(tmp_path))
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1


def test_migrate_brings_a_new_database_up_once(folder: Path) -> None:
    first = penstock(None, "migrate", "--data-dir", str(folder / "data"))
    second = penstock(None, "migrate", "--data-dir", str(folder / "data"))
    applied = "".join(f"applied {file.name}\n" for file in sorted(MIGRATIONS.glob("*.sql")))
    assert (first.returncode, first.stdout) == (0, applied), first.stderr
    assert (second.returncode, second.stdout) == (0, "the database is up to date\n")


def test_serve_runs_what_was_compiled_before(folder: Path) -> None:
    server = Server(folder / "data", EXAMPLES).start()
    graph_id = server.info["flows"]["hello"]["graph_id"]
    assert server.stop() == 0
    command = ["serve", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(server.data_dir)]
    with subprocess.Popen(
        [sys.executable, "-m", "penstock.cli", *command], stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stderr is not None
        greeting = next(line for line in process.stderr if "HTTP on" in line)
        url = re.search(r"http://\S+?(?=,)", greeting)
        assert url is not None, greeting
        key = penstock(None, "keys", "create", "ops", "--data-dir", str(server.data_dir)).stdout.strip()
        done = penstock(
            None, "invoke", graph_id, "--input", '{"name": "Ada"}', PENSTOCK_URL=url.group(), PENSTOCK_API_KEY=key
        )
        process.terminate()
        process.stderr.read()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"greeting": "Hello, Ada!"}
    assert process.returncode == 0
