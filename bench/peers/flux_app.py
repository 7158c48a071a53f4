"""The workflows that are registered with a Flux server; its worker runs them on its own event loop."""

from __future__ import annotations

from typing import Any

from flux import ExecutionContext, task, workflow

Token = dict[str, Any]


@task
async def step(token: Token) -> Token:
    return {"n": token["n"] + 1, "s": token["s"]}


@workflow.with_options(name="w1", runner="inprocess")
async def w1(context: ExecutionContext[Token]) -> Token:
    return await step(context.input)


@workflow.with_options(name="w3", runner="inprocess")
async def w3(context: ExecutionContext[Token]) -> Token:
    token = context.input
    for _ in range(3):
        token = await step(token)
    return token


@workflow.with_options(name="w20", runner="inprocess")
async def w20(context: ExecutionContext[Token]) -> Token:
    token = context.input
    for _ in range(20):
        token = await step(token)
    return token
