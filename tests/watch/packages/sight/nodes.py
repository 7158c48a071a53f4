"""Nodes that wait for a file, log, fail, and give what is large."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from penstock.sdk import PolicyError, context, node, pipeline, provisional

LOOK_EVERY_S = 0.01


@dataclass
class Text:
    text: str = ""


@dataclass
class Sizes:
    """One frame of each size in bytes."""

    sizes: list[Annotated[int, "int32"]]


@node
async def echo(given: Text) -> Text:
    return given


@node
async def hold(given: Text) -> Text:
    """Waits until there is a file called `text`."""
    # A file and no event: the test that makes it is another process.
    while not Path(given.text).exists():  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY_S)
    return given


@node
async def refuse(given: Text) -> Text:
    raise PolicyError("not allowed", code="NOT_ALLOWED")


@node
async def talk(given: Text) -> Text:
    """Logs each word of the text, the last as a WARNING."""
    *others, last = given.text.split()
    for word in others:
        context.log.info(word)
    context.log.warning(last)
    return given


@pipeline
async def blow(sizes: Sizes) -> AsyncIterator[Text]:
    for size in sizes.sizes:
        yield Text("x" * size)


@pipeline
async def guess(given: Text) -> AsyncIterator[Text]:
    """The first guess is taken back."""
    yield Text("sure")
    yield provisional(Text(f"guess {context.attempt}"))
    if context.attempt == 1:
        raise ConnectionError("again")
    yield Text("known")
