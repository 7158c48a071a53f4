"""Nodes that get a word in a sensitive field, and say it in every way in which a node can say something."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Annotated

from penstock.sdk import context, node, pipeline, sensitive


@dataclass
class Inner:
    number: Annotated[str, sensitive] = ""
    holder: str = ""


@dataclass
class Note:
    text: Annotated[str, sensitive]
    open: str = ""
    pin: Annotated[int, sensitive] = 0
    raw: Annotated[bytes, sensitive] = b""
    words: Annotated[list[str], sensitive] = field(default_factory=list)
    by_name: Annotated[dict[str, str], sensitive] = field(default_factory=dict)
    inner: Annotated[Inner, sensitive] | None = None
    inners: list[Inner] = field(default_factory=list)


@dataclass
class Notes:
    notes: list[Note] = field(default_factory=list)


@dataclass
class Plain:
    text: str


@dataclass
class Hushed:
    text: Annotated[str, sensitive]


@dataclass
class Sealed:
    notes: Annotated[list[Note], sensitive] = field(default_factory=list)


def full(text: str) -> Note:
    """A note that has the word everywhere."""
    inner = Inner(text, "Ada")
    return Note(text, "seen", 918273645, text.encode(), [text], {text: text}, inner, [inner])


def say_it(text: str) -> None:
    context.log.info("said %s", text)
    context.progress(0.5, f"half of {text}")


@node
async def say(request: Note) -> Note:
    say_it(request.text)
    return full(request.text)


@node
def fail(request: Note) -> Note:
    say_it(request.text)
    raise ValueError(f"no luck with {request.text}, {request.text.encode()!r} and {request.pin}")


@node
def misfit(request: Note) -> Note:
    return Note(request.text, pin=request.text)  # type: ignore[arg-type]


@node
async def listen(request: Note) -> Note:
    heard = await context.signal("hear", Note)
    raise ValueError(f"heard {heard.text}")


@node
def spread(request: Note) -> Notes:
    return Notes([full(request.text), full(request.text)])


@node
def each(request: Note) -> Note:
    say_it(request.text)
    return full(request.text)


@pipeline
def spell(request: Note) -> Iterator[Note]:
    for _ in range(2):
        say_it(request.text)
        yield full(request.text)


@pipeline
async def echo(frames: AsyncIterator[Note]) -> AsyncIterator[Note]:
    async for frame in frames:
        say_it(frame.text)
        yield frame
    raise ValueError(f"no more of {frame.text}")


@node
def show(request: Plain) -> Plain:
    return request


@node
def hush(request: Plain) -> Hushed:
    return Hushed(request.text)


@node
def unseal(request: Sealed) -> Sealed:
    return request
