"""Nodes that end in every way, after something was put before them that nobody else should see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from penstock.sdk import ConnectorError, context, node, pipeline


@dataclass
class Note:
    text: str


@node(secrets=["mark"])
async def tell(note: Note) -> Note:
    context.log.info("NODELOG-7c21 about %s and %s", note.text, context.secrets["mark"])
    context.progress(0.5, f"half of {note.text}")
    return Note(f"OUTPUT-b93e {note.text} {context.config.get('word', '')}")


@node(secrets=["mark"])
async def fail(note: Note) -> Note:
    raise ConnectorError(f"EXCEPTION-51fa with {context.secrets['mark']}", retryable=False)


@node
async def crash(note: Note) -> Note:
    raise ValueError("EXCEPTION-51fa")


@node
async def hang(note: Note) -> Note:
    await asyncio.sleep(3600)
    return note


@pipeline
def stream(note: Note) -> Iterator[Note]:
    yield Note(f"FRAME-d406 {note.text}")
    raise ValueError("EXCEPTION-51fa")
