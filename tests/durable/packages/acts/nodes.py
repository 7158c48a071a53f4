"""Nodes that leave a line in a file each time they run, for one capability of flows each.

A field of what they take is sensitive, so that all of it is sealed in the database.
"""

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Annotated

from penstock.sdk import ProviderError, UserError, context, node, sensitive


@dataclass
class Work:
    lines: Annotated[str, sensitive]
    """File that gets `<idempotency key> <what> <attempt> <unix time in microseconds>` for each run of a node."""
    number: int = 0


@dataclass
class Works:
    items: list[Work] = field(default_factory=list)


@dataclass
class Pair:
    lines: Annotated[str, sensitive]
    one: int = 0
    two: int = 0


@dataclass
class More:
    number: int = 0


@node
async def step(work: Work) -> Work:
    return more(work)


@node
def plain(work: Work) -> Work:
    return more(work)


@node
async def flaky(work: Work) -> Work:
    leave_a_line(work)
    if context.attempt < 3:
        raise ProviderError("not yet")
    return replace(work, number=work.number + 1)


@node
async def down(work: Work) -> Work:
    leave_a_line(work)
    raise ProviderError("down")


@node
async def broken(work: Work) -> Work:
    leave_a_line(work)
    raise UserError("broken", code="BROKEN")


@node
async def rescue(work: Work) -> Work:
    leave_a_line(work, "rescue")
    return replace(work, number=work.number + 100)


@node
async def slow(work: Work) -> Work:
    leave_a_line(work)
    await asyncio.sleep(0.05)
    return replace(work, number=work.number + 1)


@node
async def stuck(work: Work) -> Work:
    leave_a_line(work)
    await asyncio.Event().wait()
    return work


@node
async def spread(work: Work) -> Works:
    leave_a_line(work)
    return Works([replace(work, number=number) for number in range(6)])


@node
async def item(work: Work) -> Work:
    leave_a_line(work)
    if work.number == 3 and context.attempt < 2:
        raise ProviderError("not yet")
    return replace(work, number=work.number * 10)


@node
async def total(works: Works) -> Work:
    leave_a_line(works.items[0])
    return replace(works.items[0], number=sum(work.number for work in works.items))


@node
async def add(pair: Pair) -> Work:
    leave_a_line(Work(pair.lines))
    return Work(pair.lines, pair.one + pair.two)


@node
async def undo(work: Work) -> Work:
    leave_a_line(work, "undo")
    return work


@node(retries={"max_attempts": 4, "initial_backoff": "50ms"})
async def undo_later(work: Work) -> Work:
    leave_a_line(work, "undo")
    if context.attempt < 2:
        raise ProviderError("not yet")
    return work


@node
async def listens(work: Work) -> Work:
    leave_a_line(work)
    first = await context.signal("more", More)
    second = await context.signal("more", More)
    return replace(work, number=work.number + 10 * first.number + second.number)


@node
async def tells(work: Work) -> Work:
    leave_a_line(work)
    context.log.info("half way")
    context.progress(0.5, "half")
    context.usage(provider="acme", model="large", input_tokens=10, output_tokens=3, cost_usd=0.5)
    return work


@node
async def rated(work: Work) -> Work:
    leave_a_line(work)
    return replace(work, number=int(context.config["rate"]))


@node(secrets=["acts_token"])
async def keeps(work: Work) -> Work:
    leave_a_line(work)
    token = context.secrets["acts_token"]
    context.log.info("the token is %s", token)
    return replace(work, number=len(token))


def more(work: Work) -> Work:
    leave_a_line(work)
    return replace(work, number=work.number + 1)


def leave_a_line(work: Work, what: str = "run") -> None:
    # One write at the end of the file: lines of several processes do not mix.
    with open(work.lines, "a", encoding="utf-8") as lines:
        lines.write(f"{context.idempotency_key} {what} {context.attempt} {time.time_ns() // 1000}\n")
