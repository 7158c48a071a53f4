"""The other engines answer what the bench asks of them; they are tried where they are installed."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from bench.http_calls import FRAME_COUNT
from bench.http_client import HttpClient
from bench.packages.chain.nodes import NODE_S
from bench.peers.calls import FLOWS, peer_call
from bench.peers.database import with_host
from bench.peers.engines import ENGINES
from bench.peers.install import VERSIONS, installed
from bench.peers.probe import get
from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.harness import ROOT, open_folder

KINDS = [
    pytest.param(
        kind,
        marks=pytest.mark.skipif(
            kind not in installed(), reason=f"{VERSIONS[kind]} is not installed: python -m bench.peers.install"
        ),
    )
    for kind in sorted(ENGINES)
]
APPS = sorted((ROOT / "bench" / "peers").glob("*_app.py"))
RIGHT = b'{"n":3,"s":"x"}'


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The URL of its first database."""
    folder = open_folder()
    postgres = EmbeddedPostgres(folder)
    yield asyncio.run(postgres.start())
    asyncio.run(postgres.stop())
    shutil.rmtree(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_an_engine_answers_every_flow_and_is_gone_when_it_is_stopped(kind: str, folder: Path, cluster: str) -> None:
    engine = ENGINES[kind](folder, cluster)
    try:
        engine.start()
        for flow in FLOWS[kind]:
            asyncio.run(call(kind, flow, engine.url))
    finally:
        engine.stop()
    assert get(engine.url) is None


def test_a_command_ends_with_the_one_who_started_it_whatever_ends_that() -> None:
    guard = ROOT / "bench" / "peers" / "guard.py"
    # The command prints its id, then waits for ever.
    command = [sys.executable, "-c", "import os, signal; print(os.getpid(), flush=True); signal.pause()"]
    with subprocess.Popen(
        [sys.executable, str(guard), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as started:
        assert started.stdin is not None and started.stdout is not None
        assert started.stdout.readline().strip().isdigit()
        started.stdin.close()
        # Ends once nobody is left to print.
        assert started.stdout.read() == b""
    assert started.returncode == -signal.SIGKILL


async def call(kind: str, flow: str, url: str) -> None:
    async with HttpClient(url, {}) as client:
        await peer_call(client, kind, flow, url)()


async def answered(kind: str, flow: str, body: bytes) -> list[str]:
    """The paths that a call asks a server for that answers everything alike."""
    paths = []

    async def handler(request: web.Request) -> web.Response:
        assert await request.json() == {"n": 0, "s": "x"}
        paths.append(request.path)
        return web.Response(body=body)

    app = web.Application()
    app.router.add_post("/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await call(kind, flow, f"http://127.0.0.1:{runner.addresses[0][1]}/base")
    finally:
        await runner.cleanup()
    return paths


@pytest.mark.parametrize(
    ("kind", "body", "path"),
    [
        ("dbos", RIGHT, "/base/w3"),
        ("restate", RIGHT, "/base/w3"),
        ("flux", b'{"state":"COMPLETED","output":%b}' % RIGHT, "/base/w3/run/sync"),
    ],
)
async def test_a_right_answer_is_taken(kind: str, body: bytes, path: str) -> None:
    assert await answered(kind, "w3", body) == [path]


@pytest.mark.parametrize("kind", sorted(ENGINES))
@pytest.mark.parametrize("output", [b'{"n":2,"s":"x"}', b'{"n":3,"s":"y"}', b"null"])
async def test_an_answer_with_another_output_is_wrong(kind: str, output: bytes) -> None:
    with pytest.raises(AssertionError):
        await answered(kind, "w3", b'{"output":%b}' % output if kind == "flux" else output)


@pytest.mark.parametrize("missing", [0, 7, FRAME_COUNT - 1])
async def test_a_stream_that_lacks_a_frame_is_wrong(missing: int) -> None:
    frames = [b'data: {"n":%d,"s":"x"}\n\n' % index for index in range(FRAME_COUNT)]
    end = b'data: {"result":{"n":0,"s":"x"}}\n\n'
    assert await answered("dbos", "s100", b"".join([*frames, end])) == ["/base/s100"]
    del frames[missing]
    with pytest.raises(AssertionError):
        await answered("dbos", "s100", b"".join([*frames, end]))


def test_a_socket_stays_the_address_when_a_host_is_named() -> None:
    assert with_host("postgresql://me@/db?host=%2Fhere&port=5432") == (
        "postgresql://me@localhost/db?host=%2Fhere&port=5432"
    )
    assert with_host("postgresql://me@there/db") == "postgresql://me@there/db"


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_the_applications_of_the_others_use_nothing_of_penstock(app: Path) -> None:
    assert "penstock" not in app.read_text()


def test_the_steps_of_the_others_that_are_killed_take_as_long_as_ours() -> None:
    for app in APPS:
        if "slow20" in app.read_text():
            assert f"asyncio.sleep({NODE_S})" in app.read_text()
