"""Nodes that fail, wait or ask as long as a file is not there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from penstock.sdk import NodeError, ProviderError, context, node


@dataclass
class Load:
    """`door` is a file that has to be there."""

    door: str
    tries: str = ""


@dataclass
class Loads:
    loads: list[Load] = field(default_factory=list)


@dataclass
class Weight:
    kilos: int


def _note(load: Load) -> None:
    if load.tries:
        with Path(load.tries).open("a") as lines:
            lines.write(f"{context.execution_id} {context.attempt}\n")


@node
async def move(load: Load) -> Load:
    _note(load)
    if not Path(load.door).exists():
        raise NodeError("the door is shut", code="SHUT")
    return load


@node
async def knock(load: Load) -> Load:
    _note(load)
    if not Path(load.door).exists():
        raise ProviderError("nobody opens", code="SHUT")
    return load


@node
async def linger(load: Load) -> Load:
    _note(load)
    while not Path(load.door).exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    return load


@node
async def lift(weight: Weight) -> Weight:
    return weight


@node
async def hear(load: Load) -> Weight:
    first = await context.signal("go", Weight)
    second = await context.signal("go", Weight)
    return Weight(first.kilos + second.kilos)
