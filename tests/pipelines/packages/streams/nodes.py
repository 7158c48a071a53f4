"""Pipelines that fail, take frames back and go on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace

from penstock.sdk import ProviderError, context, node, pipeline, provisional, window


@dataclass
class Work:
    count: int
    nap_ms: int = 0
    """How long it takes from frame to frame."""
    fails_at: int = -1
    """Frame before which the first attempt fails."""


@dataclass
class Tick:
    number: int
    is_draft: bool = False
    nap_ms: int = 0


@dataclass
class Sum:
    number: int
    total: int
    stamps: int = 0


@dataclass
class Batch:
    numbers: list[int] = field(default_factory=list)


async def nap(work: Work) -> None:
    await asyncio.sleep(work.nap_ms / 1000)


@pipeline
async def ticks(work: Work) -> AsyncIterator[Tick]:
    """Gives each number first as a draft."""
    for number in range(work.count):
        yield provisional(Tick(number, is_draft=True, nap_ms=work.nap_ms))
        await nap(work)
        if number == work.fails_at and context.attempt == 1:
            raise ProviderError("not yet")
        yield Tick(number, nap_ms=work.nap_ms)
        await nap(work)


@pipeline
def plain_ticks(work: Work) -> Iterator[Tick]:
    for number in range(work.count):
        if number == work.fails_at and context.attempt == 1:
            raise ProviderError("not yet")
        yield Tick(number)


@pipeline
async def resuming(work: Work) -> AsyncIterator[Tick]:
    """Goes on from the last frame."""
    last = context.last_frame
    for number in range(0 if last is None else last.number + 1, work.count):
        if number == work.fails_at and context.attempt == 1:
            raise ProviderError("not yet")
        yield Tick(number)
        await nap(work)


@pipeline
async def totals(ticks: AsyncIterator[Tick]) -> AsyncIterator[Sum]:
    """Adds up what is no draft, and shows what drafts would come to."""
    total = 0
    async for tick in ticks:
        if not tick.is_draft:
            total += tick.number
        yield Sum(tick.number, total + tick.number * tick.is_draft)


@pipeline
async def batches(ticks: AsyncIterator[Tick]) -> AsyncIterator[Batch]:
    async for some in window(ticks, size=3, within=60):
        yield Batch([tick.number for tick in some])


@pipeline
async def unbatch(batches: AsyncIterator[Batch]) -> AsyncIterator[Tick]:
    async for batch in batches:
        for number in batch.numbers:
            yield Tick(number)


@node
async def even(tick: Tick) -> Tick:
    return replace(tick, number=tick.number * 10)


@node
def odd(tick: Tick) -> Tick:
    return replace(tick, number=-tick.number)


@node
async def stamp(total: Sum) -> Sum:
    return replace(total, stamps=total.stamps + 1)


@node
async def same(tick: Tick) -> Tick:
    return tick


@node
async def to_tick(work: Work) -> Tick:
    return Tick(work.count)


@node
async def begin(work: Work) -> Work:
    return work


@pipeline(secrets=["streams_token"])
async def guarded(ticks: AsyncIterator[Tick]) -> AsyncIterator[Tick]:
    """Needs its secret, and gives it away when it fails."""
    async for tick in ticks:
        if tick.number == 3:
            raise ValueError(f"the token is {context.secrets['streams_token']}")
        yield Tick(tick.number + len(context.secrets["streams_token"]))


@node(secrets=["streams_token"])
async def sealed(tick: Tick) -> Tick:
    return Tick(tick.number * len(context.secrets["streams_token"]))
