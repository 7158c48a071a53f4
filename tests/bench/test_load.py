"""The load generator takes no answer for a right one that is not."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from bench.bed import Load
from bench.processes import process

FRAME = b'data: {"payload":{}}\n\n'
LAST = b'data: {"is_final":true,"success":true}\n\n'
Serve = Callable[[web.Response], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server that answers everything alike; its URL."""
    runners: list[web.AppRunner] = []

    async def start(answer: web.Response) -> str:
        async def handler(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(status=answer.status, body=answer.body)

        app = web.Application()
        app.router.add_post("/{path:.*}", handler)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def run(url: str, flow: str) -> dict[str, float]:
    with process(sys.executable, "-m", "bench.load") as child:
        return Load(child).run({"face": "http", "flow": flow, "url": url, "callers": 2, "seconds": 0.02})


def output(count: int, text: str = "x") -> bytes:
    return json.dumps({"result": {"output": {"n": count, "s": text}}}).encode()


@pytest.mark.parametrize(("flow", "body"), [("w3", output(3)), ("s100", 100 * FRAME + LAST)])
async def test_a_right_answer_is_counted(serve: Serve, flow: str, body: bytes) -> None:
    url = await serve(web.Response(body=body))
    assert (await asyncio.to_thread(run, url, flow))["count"] > 0


@pytest.mark.parametrize(
    ("flow", "answer"),
    [
        ("echo", web.Response(body=b"{}")),
        ("w3", web.Response(body=output(2))),
        ("w3", web.Response(body=output(3, "y"))),
        ("w3", web.Response(body=output(3), status=500)),
        ("s100", web.Response(body=99 * FRAME + LAST)),
        ("s100", web.Response(body=101 * FRAME)),
    ],
)
async def test_a_wrong_answer_ends_the_load_generator(
    serve: Serve, flow: str, answer: web.Response, capfd: pytest.CaptureFixture[str]
) -> None:
    url = await serve(answer)
    with pytest.raises(AssertionError, match="ended early"):
        await asyncio.to_thread(run, url, flow)
    assert "AssertionError" in capfd.readouterr().err
