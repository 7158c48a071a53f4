"""Nodes that give back what they got, count, fail and wait."""

import asyncio
from collections.abc import AsyncIterator

from penstock.sdk import ProviderError, UserError, node, pipeline

from .messages_pb2 import Everything, Point, Tick, Ticks, Trouble


@node
async def echo(given: Everything) -> Everything:
    return given


@pipeline
async def pour(given: Everything) -> AsyncIterator[Everything]:
    yield given
    yield given


@pipeline
async def tick(ticks: Ticks) -> AsyncIterator[Tick]:
    for index in range(ticks.count):
        if ticks.HasField("fails_after") and index == ticks.fails_after:
            raise UserError(f"no more than {index} ticks", code="OUT_OF_TICKS")
        yield Tick(index=index, total=(index + 1) * ticks.step)


@node
async def fail(trouble: Trouble) -> Point:
    if trouble.sort == "USER":
        raise UserError(trouble.message, code="BAD_WISH")
    if trouble.sort == "PROVIDER":
        raise ProviderError(trouble.message, code="NO_ANSWER")
    raise RuntimeError(trouble.message)


@node
async def stall(point: Point) -> Point:
    await asyncio.Event().wait()
    return point
