"""The bench runs and fills its tables, and every call it counts is an execution that completed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from bench.bed import Bed, Server, make_bed
from bench.questions import auth
from bench.questions.throughput import CALLERS
from penstock.wire.gen.execution_pb2 import Execution
from tests.harness import ROOT

SECONDS = 0.05


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with make_bed(1, SECONDS, with_peers=False) as made:
        yield made


@pytest.fixture
def server(bed: Bed) -> Iterator[Server]:
    with bed.server(bed.database("server")) as made:
        yield made


def executions(database_url: str) -> list[tuple[str, int, int]]:
    """(flow, status, count)."""
    with psycopg.connect(database_url) as connection:
        query = "select flow, status, count(*) from executions group by 1, 2 order by 1, 2"
        return connection.execute(query).fetchall()


def test_every_question_about_load_fills_its_table() -> None:
    only = ["cpu", "auth", "half_load", "in_process", "throughput"]
    command = [sys.executable, "-m", "bench", "--repetitions", "1", "--seconds", str(SECONDS), "--only", ",".join(only)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    rows = [line.strip("|").split("|") for line in done.stdout.splitlines() if line.startswith("| ")]
    shown = [tuple(cell.strip() for cell in row[:3]) for row in rows]
    expected = [
        ("work", "through", "callers"),
        *(
            (work, face, str(callers))
            for work in ("echo", "w1", "w3", "w20", "s100")
            for face in ("HTTP", "gRPC")
            for callers in CALLERS
        ),
        ("one-row commits", "Postgres", "1"),
    ]
    assert shown[-len(expected) :] == expected
    assert [row[:2] for row in shown[1:7]] == [
        (work, through) for work in ("w3", "w20") for through in ("in process", "HTTP", "gRPC")
    ]
    assert [row[0] for row in shown[8:12]] == list(auth.ACCESS.values())


def test_every_counted_call_is_an_execution_that_completed(bed: Bed, server: Server) -> None:
    http = {"face": "http", "url": server.http_url, "key": server.key, "seconds": SECONDS}
    grpc = {**http, "face": "grpc", "url": server.grpc_address}
    jobs: list[dict[str, Any]] = [
        {**http, "flow": "w1", "callers": 16},
        {**grpc, "flow": "w3", "callers": 4},
        {**http, "flow": "w20", "callers": 4, "rate": 200.0},
        {**http, "flow": "s100", "callers": 2},
        {**grpc, "flow": "s100", "callers": 2},
    ]
    results = [(job["flow"], bed.load.run(job)) for job in jobs]
    called = {flow: sum(int(figures["calls"]) for name, figures in results if name == flow) for flow, _ in results}
    assert executions(server.database_url) == [
        (flow, Execution.COMPLETED, count) for flow, count in sorted(called.items())
    ]


def test_every_call_in_the_process_of_the_engine_is_an_execution_that_completed(bed: Bed) -> None:
    database_url = bed.database("engine")
    with bed.engine(database_url) as engine:
        figures = engine.run({"flow": "w3", "callers": 8, "seconds": SECONDS})
        assert executions(database_url) == [("w3", Execution.COMPLETED, figures["calls"])]
