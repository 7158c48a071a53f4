"""Nodes that pass a word on, in every way in which something flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from penstock.sdk import context, node, pipeline


@dataclass
class Note:
    text: str


@node
async def say(request: Note) -> Note:
    context.log.info("said %s", request.text)
    return Note(f"so {request.text}")


@node
async def fail(request: Note) -> Note:
    raise ValueError("no luck")


@pipeline
def spell(request: Note) -> Iterator[Note]:
    for _ in range(2):
        yield Note(request.text)
