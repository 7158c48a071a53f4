"""A node that hands on what it gets, and a pipeline that gives each frame when the test says so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from penstock.sdk import node, pipeline

from .messages_pb2 import Count, Number, Parcel

LOOK_EVERY_S = 0.01


@node
async def carry(parcel: Parcel) -> Parcel:
    return parcel


@pipeline
async def count(given: Count) -> AsyncIterator[Number]:
    for number in range(given.count):
        # A file and no event: the test that makes it is another process.
        while given.gate and not Path(f"{given.gate}{number}").exists():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)
        yield Number(number=number)
