"""Nodes that do as the test says: answer, wait for a file, wait for ever, give frames."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from penstock.sdk import node, pipeline

LOOK_EVERY_S = 0.01


@dataclass
class Text:
    text: str = ""


@dataclass
class Frames:
    """`gate` is a file that is waited for after the frame of index `gate_after`; "" for none."""

    count: Annotated[int, "int32"]
    filler_size: Annotated[int, "int32"] = 0
    gate: str = ""
    gate_after: Annotated[int, "int32"] = 0


@dataclass
class Number:
    number: Annotated[int, "int32"]
    filler: str = ""


async def there_is(file: Path) -> None:
    # A file and no event: the test that makes it is another process.
    while not file.exists():  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY_S)


@node
async def echo(given: Text) -> Text:
    return given


@node
async def wait_for_file(given: Text) -> Text:
    """Waits until there is a file called `text`."""
    await there_is(Path(given.text))
    return given


@node
async def wait_for_ever(given: Text) -> Text:
    """Leaves a file called `text` when it is cancelled."""
    try:
        await asyncio.Event().wait()
    finally:
        Path(given.text).touch()
    return given


@node
def sleep_for_ever(given: Text) -> Text:
    """Makes a file called `text`, then sleeps in a thread."""
    Path(given.text).touch()
    time.sleep(3600)
    return given


@pipeline
async def count(frames: Frames) -> AsyncIterator[Number]:
    filler = "x" * frames.filler_size
    for index in range(frames.count):
        yield Number(index, filler)
        if frames.gate and index == frames.gate_after:
            await there_is(Path(frames.gate))


@pipeline
def count_in_thread(frames: Frames) -> Iterator[Number]:
    filler = "x" * frames.filler_size
    for index in range(frames.count):
        yield Number(index, filler)
        if frames.gate and index == frames.gate_after:
            while not Path(frames.gate).exists():
                time.sleep(LOOK_EVERY_S)


@node
async def double(number: Number) -> Number:
    return Number(2 * number.number, number.filler)
