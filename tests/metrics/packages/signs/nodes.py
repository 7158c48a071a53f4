"""Nodes that do one thing each that shows in metrics, traces or the log."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from penstock.sdk import ProviderError, UserError, context, node, pipeline


@dataclass
class Num:
    value: int = 0


@dataclass
class Nums:
    items: list[Num] = field(default_factory=list)


@node
async def inc(num: Num) -> Num:
    return Num(num.value + 1)


@node
def slow_inc(num: Num) -> Num:
    """In a thread."""
    return Num(num.value + 1)


@node
async def breaks(num: Num) -> Num:
    context.log.warning("it breaks at %d", num.value)
    raise UserError("no luck", code="NO_LUCK")


@node
async def flaky(num: Num) -> Num:
    if context.attempt == 1:
        raise ProviderError("not yet")
    return Num(num.value + 1)


@node
async def odd(num: Num) -> Num:
    if num.value % 2 == 0:
        raise UserError("even", code="EVEN")
    return num


@pipeline
def count(num: Num) -> Iterator[Num]:
    for value in range(num.value):
        yield Num(value)
