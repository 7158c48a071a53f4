"""The handlers that a Restate server calls, one process: `python restate_app.py PORT`.

Served by Hypercorn over HTTP/2, as the SDK's own templates do, so that one stream carries a whole invocation.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import restate
import uvloop
from hypercorn.asyncio import serve
from hypercorn.config import Config

Token = dict[str, Any]

chains = restate.Service("chains")


async def step(token: Token) -> Token:
    return {"n": token["n"] + 1, "s": token["s"]}


async def pause_step(token: Token) -> Token:
    await asyncio.sleep(0.005)
    return {"n": token["n"] + 1, "s": token["s"]}


@chains.handler()
async def w1(context: restate.Context, token: Token) -> Token:
    return await context.run_typed("step", step, token=token)


@chains.handler()
async def w3(context: restate.Context, token: Token) -> Token:
    for _ in range(3):
        token = await context.run_typed("step", step, token=token)
    return token


@chains.handler()
async def w20(context: restate.Context, token: Token) -> Token:
    for _ in range(20):
        token = await context.run_typed("step", step, token=token)
    return token


@chains.handler()
async def slow20(context: restate.Context, token: Token) -> Token:
    for _ in range(20):
        token = await context.run_typed("step", pause_step, token=token)
    return token


if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{sys.argv[1]}"]
    uvloop.run(serve(restate.app([chains]), config))
