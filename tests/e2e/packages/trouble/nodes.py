"""Nodes that misbehave, each in one way."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from penstock.sdk import UserError, node, pipeline

from .deep import raise_deep_down


@dataclass
class Ask:
    text: str = ""


@dataclass
class Reply:
    text: str


@dataclass
class Item:
    number: Annotated[int, "int32"]


class Stop(BaseException):
    """Not an Exception, as KeyboardInterrupt is not."""


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("an error that cannot be printed")


class Exiting(Exception):
    def __str__(self) -> str:
        sys.exit(3)


class Unclassed(UserError):
    failure_class: ClassVar[Any] = "NO_SUCH_CLASS"
    kind: ClassVar[Any] = None


# Raising.


@node
async def raises(ask: Ask) -> Reply:
    raise_deep_down()
    return Reply("never")


@node
def raises_in_a_thread(ask: Ask) -> Reply:
    raise_deep_down()
    return Reply("never")


@node
async def raises_in_a_library(ask: Ask) -> Reply:
    return Reply(json.loads("{"))


@node
async def raises_from(ask: Ask) -> Reply:
    try:
        raise_deep_down()
    except ValueError as error:
        raise LookupError("on top") from error
    return Reply("never")


@node
async def raises_a_base_exception(ask: Ask) -> Reply:
    raise Stop("no exception")


@node
async def raises_keyboard_interrupt(ask: Ask) -> Reply:
    raise KeyboardInterrupt


@node
async def raises_stop_iteration(ask: Ask) -> Reply:
    raise StopIteration("in a coroutine")


@node
def raises_stop_iteration_in_a_thread(ask: Ask) -> Reply:
    raise StopIteration("in a thread")


@node
async def raises_cancelled(ask: Ask) -> Reply:
    raise asyncio.CancelledError


@node
async def cancels_its_task(ask: Ask) -> Reply:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)
    return Reply("never")


@node
async def raises_the_unprintable(ask: Ask) -> Reply:
    raise Unprintable


@node
async def raises_what_exits_when_printed(ask: Ask) -> Reply:
    raise Exiting


@node
async def raises_of_no_class(ask: Ask) -> Reply:
    raise Unclassed("of no class")


@node
async def raises_with_a_surrogate(ask: Ask) -> Reply:
    raise ValueError("half a character: \ud800")


@node
async def raises_a_wrong_code(ask: Ask) -> Reply:
    code: Any = 7
    raise UserError("its code is a number", code=code)


@node
async def raises_a_novel(ask: Ask) -> Reply:
    raise ValueError("x" * 100_000)


@node
async def exits(ask: Ask) -> Reply:
    sys.exit(3)


@node
def exits_in_a_thread(ask: Ask) -> Reply:
    sys.exit("bye")


@node
async def exits_in_a_task(ask: Ask) -> Reply:
    async def leave() -> None:
        sys.exit(3)

    await asyncio.gather(leave())
    return Reply("never")


@node
async def interrupts_in_a_task(ask: Ask) -> Reply:
    async def leave() -> None:
        raise KeyboardInterrupt

    await asyncio.gather(leave())
    return Reply("never")


@node
async def recurses(ask: Ask) -> Reply:
    return await recurses(ask)


@node
def recurses_in_a_thread(ask: Ask) -> Reply:
    return recurses_in_a_thread(ask)


# Giving the wrong thing.


@node
async def gives_text(ask: Ask) -> Reply:
    reply: Any = "text"
    return reply


@node
def gives_text_in_a_thread(ask: Ask) -> Reply:
    reply: Any = "text"
    return reply


@node
async def gives_none(ask: Ask) -> Reply:
    reply: Any = None
    return reply


@node
async def gives_a_wrong_field(ask: Ask) -> Reply:
    text: Any = 7
    return Reply(text)


@node
async def gives_a_surrogate(ask: Ask) -> Reply:
    return Reply("\ud800")


@node
async def prints(ask: Ask) -> Reply:
    print(ask.text)
    print(ask.text, file=sys.stderr)
    return Reply("printed")


# Never coming back.


@node
async def waits_for_ever(ask: Ask) -> Reply:
    await asyncio.Event().wait()
    return Reply("never")


@node
def sleeps_for_ever(ask: Ask) -> Reply:
    time.sleep(3600)
    return Reply("never")


@node
async def sleeps_in_the_executor(ask: Ask) -> Reply:
    await asyncio.to_thread(time.sleep, 3600)
    return Reply("never")


@node
async def swallows_cancellation(ask: Ask) -> Reply:
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


@node
async def sleeps_in_the_loop(ask: Ask) -> Reply:
    time.sleep(60)  # noqa: ASYNC251
    return Reply("never")


@node
async def spins_in_the_loop(ask: Ask) -> Reply:
    while True:
        pass


# Pipelines.


@pipeline
async def yields_nothing(ask: Ask) -> AsyncIterator[Item]:
    return
    yield


@pipeline
def yields_nothing_in_a_thread(ask: Ask) -> Iterator[Item]:
    yield from ()


@pipeline
async def yields_text(ask: Ask) -> AsyncIterator[Item]:
    item: Any = "text"
    yield Item(0)
    yield item


@pipeline
def yields_text_in_a_thread(ask: Ask) -> Iterator[Item]:
    item: Any = "text"
    yield Item(0)
    yield item


@pipeline
async def raises_after_three(ask: Ask) -> AsyncIterator[Item]:
    for number in range(3):
        yield Item(number)
    raise_deep_down()


@pipeline
def raises_after_three_in_a_thread(ask: Ask) -> Iterator[Item]:
    for number in range(3):
        yield Item(number)
    raise_deep_down()


@pipeline
async def waits_after_one(ask: Ask) -> AsyncIterator[Item]:
    yield Item(0)
    await asyncio.Event().wait()


@pipeline
def sleeps_after_one(ask: Ask) -> Iterator[Item]:
    yield Item(0)
    time.sleep(3600)


@pipeline
def exits_after_one(ask: Ask) -> Iterator[Item]:
    yield Item(0)
    sys.exit(3)


@pipeline
def interrupts_after_one(ask: Ask) -> Iterator[Item]:
    yield Item(0)
    raise KeyboardInterrupt


@pipeline
async def exits_when_closed(ask: Ask) -> AsyncIterator[Item]:
    try:
        for number in range(1000):
            yield Item(number)
    finally:
        sys.exit(3)


@pipeline
def exits_when_closed_in_a_thread(ask: Ask) -> Iterator[Item]:
    try:
        for number in range(1000):
            yield Item(number)
    finally:
        sys.exit(3)


@pipeline
async def never_closes(ask: Ask) -> AsyncIterator[Item]:
    try:
        for number in range(1000):
            yield Item(number)
    finally:
        await asyncio.Event().wait()


@pipeline
def never_closes_in_a_thread(ask: Ask) -> Iterator[Item]:
    try:
        for number in range(1000):
            yield Item(number)
    finally:
        time.sleep(3600)


@node
async def refuses_the_third(item: Item) -> Item:
    if item.number == 2:
        raise ValueError("not the third")
    return item
