"""Nodes around pauses, gates and signals. Those that are held wait until a file is there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from penstock.sdk import context, node

LOOK_EVERY_S = 0.005


@dataclass
class Quote:
    id: str
    total_cents: int
    gate: str = ""


@dataclass
class Review:
    """What a person says, beside the quote."""

    grade: int
    note: str


@dataclass
class Receipt:
    id: str
    total_cents: int
    note: str


@dataclass
class Joined:
    left: int
    right: int


async def held(gate: str) -> None:
    while gate and not Path(gate).exists():  # noqa: ASYNC110 - nothing tells of a file
        await asyncio.sleep(LOOK_EVERY_S)


@node
async def price(quote: Quote) -> Quote:
    return Quote(quote.id, quote.total_cents + 1, quote.gate)


@node
async def wait(quote: Quote) -> Quote:
    await held(quote.gate)
    return quote


@node
async def fail(quote: Quote) -> Quote:
    raise ValueError("it cannot be priced")


@node
async def charge(quote: Quote) -> Receipt:
    return Receipt(quote.id, quote.total_cents, "charged")


@node
async def file(review: Review) -> Receipt:
    return Receipt("review", review.grade, review.note)


@node
async def total(joined: Joined) -> Receipt:
    return Receipt("joined", joined.left + joined.right, "joined")


@node
async def ask(quote: Quote) -> Receipt:
    first = await context.signal("answer", Review)
    return Receipt(quote.id, first.grade, first.note)


@node
async def ask_twice(quote: Quote) -> Receipt:
    await held(quote.gate)
    first = await context.signal("answer", Review)
    second = await context.signal("answer", Review)
    return Receipt(quote.id, first.grade, second.note)


@node
async def refund(receipt: Receipt) -> Receipt:
    return receipt
