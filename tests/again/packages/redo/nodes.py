"""Nodes that fail until a file is there, and count how often they ran."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from penstock.sdk import ProviderError, node, pipeline

RUNS: Counter[str] = Counter()


@dataclass
class Work:
    key: str
    value: int = 0


@dataclass
class Works:
    items: list[Work] = field(default_factory=list)


@dataclass
class Count:
    key: str
    runs: int = 0


@node
async def step(work: Work) -> Work:
    RUNS[f"{work.key}/step"] += 1
    return Work(work.key, work.value + 1)


@node
async def undo(work: Work) -> Work:
    return work


@node
async def wall(work: Work) -> Work:
    if not Path(work.key).exists():
        raise ProviderError("there is a wall")
    return Work(work.key, work.value + 10)


@node
async def spread(work: Work) -> Works:
    return Works([Work(work.key, value) for value in range(4)])


@node
async def third(work: Work) -> Work:
    RUNS[f"{work.key}/{work.value}"] += 1
    if work.value == 2 and not Path(work.key).exists():
        raise ProviderError("there is a wall")
    return Work(work.key, work.value * 10)


@node
async def total(works: Works) -> Work:
    return Work(works.items[0].key, sum(work.value for work in works.items))


@node
async def ran(count: Count) -> Count:
    return Count(count.key, RUNS[count.key])


@pipeline
async def trickle(work: Work) -> AsyncIterator[Work]:
    for value in range(3):
        yield Work(work.key, work.value + value)


@node
async def halve(work: Work) -> Work:
    return Work(work.key, 10 // work.value)
