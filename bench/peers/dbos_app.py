"""DBOS behind uvicorn, one process: `python dbos_app.py PORT`; PEER_DATABASE_URL names its system database.

A plain ASGI application: a web framework would only add to the time of an answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import uvicorn
from dbos import DBOS, SetWorkflowID

FRAME_COUNT = 100

Token = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

DBOS(
    config={
        "name": "bench",
        "system_database_url": os.environ["PEER_DATABASE_URL"],
        "log_level": "WARNING",
        # The same before and after a restart, so that DBOS takes up what it finds.
        "application_version": "1",
    }
)


@DBOS.step()
async def step(token: Token) -> Token:
    return {"n": token["n"] + 1, "s": token["s"]}


@DBOS.step()
async def pause_step(token: Token) -> Token:
    await asyncio.sleep(0.005)
    return {"n": token["n"] + 1, "s": token["s"]}


@DBOS.workflow()
async def w1(token: Token) -> Token:
    return await step(token)


@DBOS.workflow()
async def w3(token: Token) -> Token:
    for _ in range(3):
        token = await step(token)
    return token


@DBOS.workflow()
async def w20(token: Token) -> Token:
    for _ in range(20):
        token = await step(token)
    return token


@DBOS.workflow()
async def slow20(token: Token) -> Token:
    for _ in range(20):
        token = await pause_step(token)
    return token


@DBOS.step()
async def frames(token: Token) -> None:
    # From a step a frame costs one row; from the workflow itself it would cost two.
    for index in range(FRAME_COUNT):
        await DBOS.write_stream_async("frames", {"n": index, "s": token["s"]})


@DBOS.workflow()
async def s100(token: Token) -> Token:
    await frames(token)
    await DBOS.close_stream_async("frames")
    return token


CHAINS = {"/w1": w1, "/w3": w3, "/w20": w20}


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """/w1, /w3, /w20 and /s100 wait; /slow20/ID answers once it is accepted, /done lists those of it that ended."""
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    path, body = scope["path"], await _body(receive)
    if path in CHAINS:
        return await _answer(send, await CHAINS[path](json.loads(body)))
    if path == "/s100":
        return await _stream(send, json.loads(body))
    if path.startswith("/slow20/"):
        with SetWorkflowID(path.removeprefix("/slow20/")):
            handle = await DBOS.start_workflow_async(slow20, json.loads(body))
        return await _answer(send, handle.workflow_id)
    if path == "/done":
        done = await DBOS.list_workflows_async(name=slow20.__qualname__, status="SUCCESS", load_input=False)
        return await _answer(send, [{"output": one.output, "end_ms": one.completed_at} for one in done])
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


async def _stream(send: Send, token: Token) -> None:
    with SetWorkflowID(str(uuid4())):
        handle = await DBOS.start_workflow_async(s100, token)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    async for frame in DBOS.read_stream_async(handle.workflow_id, "frames"):
        await send({"type": "http.response.body", "body": _event(frame), "more_body": True})
    await send({"type": "http.response.body", "body": _event({"result": await handle.get_result()})})


def _event(value: object) -> bytes:
    return b"data: %b\n\n" % json.dumps(value).encode()


async def _answer(send: Send, value: object) -> None:
    body = json.dumps(value).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.to_thread(DBOS.launch)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await asyncio.to_thread(DBOS.destroy)
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
    )
