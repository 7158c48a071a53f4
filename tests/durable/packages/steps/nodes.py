"""Nodes that leave a line in a file each time they run, and wait where the test says so."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from penstock.sdk import context, node, pipeline

LOOK_EVERY_S = 0.005


@dataclass
class Work:
    lines: str
    """File that gets `<execution_id> <node> <attempt>` for each run of a node."""
    number: int
    nap_ms: int = 0
    """How long each node takes; for `count`, how long it takes from frame to frame."""
    held: str = ""
    """The node, or the frame of `count`, that waits until `gate` is there."""
    gate: str = ""
    path: list[str] = field(default_factory=list)
    """The nodes that the work went through."""


@dataclass
class Mark:
    number: int
    process: int
    """Process that made the frame."""
    stamps: int = 0


@node
async def first(work: Work) -> Work:
    return await do_async(work)


@node
def left(work: Work) -> Work:
    return do_plain(work)


@node
async def right(work: Work) -> Work:
    return await do_async(work)


@node
def last(work: Work) -> Work:
    return do_plain(work)


@pipeline
async def count(work: Work) -> AsyncIterator[Mark]:
    """Gives as many frames as the work's number says."""
    leave_a_line(work)
    for number in range(work.number):
        await until_let_go(work, str(number))
        yield Mark(number, os.getpid())
        await asyncio.sleep(work.nap_ms / 1000)


@node
async def stamp(mark: Mark) -> Mark:
    return replace(mark, stamps=mark.stamps + 1)


async def do_async(work: Work) -> Work:
    leave_a_line(work)
    await asyncio.sleep(work.nap_ms / 1000)
    await until_let_go(work, context.node)
    return replace(work, path=[*work.path, context.node])


def do_plain(work: Work) -> Work:
    leave_a_line(work)
    time.sleep(work.nap_ms / 1000)
    while is_held(work, context.node):
        time.sleep(LOOK_EVERY_S)
    return replace(work, path=[*work.path, context.node])


async def until_let_go(work: Work, here: str) -> None:
    while is_held(work, here):  # noqa: ASYNC110 (the gate is a file: nobody wakes the node)
        await asyncio.sleep(LOOK_EVERY_S)


def is_held(work: Work, here: str) -> bool:
    return here == work.held and not Path(work.gate).exists()


def leave_a_line(work: Work) -> None:
    # One write at the end of the file: lines of several processes do not mix.
    with open(work.lines, "a", encoding="utf-8") as lines:
        lines.write(f"{context.execution_id} {context.node} {context.attempt}\n")
