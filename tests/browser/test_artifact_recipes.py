"""What the copy buttons of an artifact's docs page give, run as it is."""

from __future__ import annotations

import asyncio
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.browser.artifact_page import ArtifactPage, artifact_page
from tests.browser.devtools import Browser
from tests.harness import EXAMPLES, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOUND = json.loads((EXAMPLES / "logs" / "expected.jsonl").read_text().splitlines()[0])
INPUTS: dict[str, Any] = {
    # A quote, a backslash and words that other languages write in another way.
    "hello": {"name": "Ada \"the 'first'\" \\ of null, true é"},
    "orders": json.loads((EXAMPLES / "orders" / "input.json").read_text()),
    "logs": {**json.loads((EXAMPLES / "logs" / "input.json").read_text())},
}
GREETING = "Hello, Ada \"the 'first'\" \\ of null, true é!"


@pytest_asyncio.fixture(loop_scope="module")
async def page(server: Server, browser: Browser) -> AsyncIterator[ArtifactPage]:
    async with artifact_page(server, browser) as opened:
        yield opened


async def copied(page: ArtifactPage, flow: str, tool: str, way: str = "") -> str:
    """The recipe for this flow and the input above."""
    await page.open_flow(flow)
    await page.tab.fill("#input", json.dumps(INPUTS[flow]))
    if way:
        await page.tab.click(f".ways input[value={way}]")
    return await page.recipe(tool)


async def printed(*command: str, folder: Path | None = None, path: Path | None = None) -> str:
    """What a command prints. `path` is where Python finds modules."""
    environment = None if path is None else {"PYTHONPATH": str(path), "PATH": "", "PYTHONIOENCODING": "utf-8"}
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env=environment,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def payloads(stream: str) -> list[Any]:
    frames = [json.loads(data) for data in re.findall(r"^data: (.*)$", stream, re.MULTILINE)]
    return [frame["payload"] for frame in frames if not frame["is_final"]]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on PATH")
async def test_curl_lines_work(page: ArtifactPage, server: Server) -> None:
    answer = json.loads(await printed("bash", "-c", await copied(page, "hello", "curl")))
    assert answer["result"]["output"] == {"greeting": GREETING}
    started = json.loads(await printed("bash", "-c", await copied(page, "orders", "curl", "start")))
    execution = await asyncio.to_thread(server.wait, started["execution_id"])
    assert execution["status"] == "COMPLETED"
    streamed = payloads(await printed("bash", "-c", await copied(page, "logs", "curl")))
    assert streamed[0] == FOUND


@pytest.mark.skipif(shutil.which("grpcurl") is None, reason="no grpcurl on PATH")
async def test_grpcurl_lines_work(page: ArtifactPage) -> None:
    assert json.loads(await printed("bash", "-c", await copied(page, "hello", "grpcurl"))) == {"greeting": GREETING}
    frames = await printed("bash", "-c", await copied(page, "logs", "grpcurl"))
    assert json.JSONDecoder().raw_decode(frames)[0]["summary"] == FOUND["summary"]


@pytest.mark.skipif(find_spec("betterproto2") is None, reason="the Python client needs betterproto2")
@pytest.mark.parametrize(
    ("flow", "way", "words"),
    [("hello", "invoke", "Hello, Ada"), ("orders", "stream", "A-1001"), ("logs", "", "severity")],
)
async def test_python_code_works(
    page: ArtifactPage, server: Server, tmp_path: Path, flow: str, way: str, words: str
) -> None:
    served = await asyncio.to_thread(server.request, "GET", f"/flows/v1/artifacts/{flow}/sdk/python")
    with tarfile.open(fileobj=io.BytesIO(served.body)) as archive:
        archive.extractall(tmp_path, filter="data")
    [package] = tmp_path.iterdir()
    assert words in await printed(sys.executable, "-c", await copied(page, flow, "Python", way), path=package)


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on PATH")
@pytest.mark.parametrize(
    ("flow", "way", "words"),
    [("hello", "invoke", "Hello, Ada"), ("orders", "stream", "A-1001"), ("logs", "", "severity")],
)
async def test_typescript_code_works_and_is_javascript_too(
    page: ArtifactPage, server: Server, tmp_path: Path, flow: str, way: str, words: str
) -> None:
    served = await asyncio.to_thread(server.request, "GET", f"/flows/v1/artifacts/{flow}/sdk/typescript")
    with tarfile.open(fileobj=io.BytesIO(served.body)) as archive:
        archive.extractall(tmp_path, filter="data")
    modules = tmp_path / "node_modules"
    modules.mkdir()
    (tmp_path / "package").rename(modules / f"penstock-{flow}")
    (tmp_path / "recipe.mjs").write_text(await copied(page, flow, "TypeScript", way))
    assert words in await printed("node", "recipe.mjs", folder=tmp_path)


async def test_code_without_a_key_reads_it_where_the_penstock_command_does(page: ArtifactPage) -> None:
    await page.open_flow("hello")
    await page.tab.fill("#key", " ")
    assert '-H "Authorization: Bearer $PENSTOCK_API_KEY"' in await page.recipe("curl")
    assert 'os.environ["PENSTOCK_API_KEY"]' in await page.recipe("Python")
    assert "process.env.PENSTOCK_API_KEY" in await page.recipe("TypeScript")


async def test_the_key_is_hidden_in_what_is_shown(page: ArtifactPage, server: Server) -> None:
    await page.open_flow("hello")
    for tool in ("curl", "grpcurl", "Python", "TypeScript"):
        assert server.key in await page.recipe(tool)
        [shown] = await page.tab.texts(".recipes pre")
        assert server.key not in shown
