"""Nodes that spend what their input says."""

from __future__ import annotations

from dataclasses import dataclass, field

from penstock.sdk import ProviderError, UserError, context, node


@dataclass
class Bill:
    model: str = "small"
    cost: str = "0"
    tokens: int = 0


@dataclass
class Bills:
    items: list[Bill] = field(default_factory=list)


@dataclass
class Go:
    pass


def spend_it(bill: Bill) -> None:
    context.usage(
        provider="acme",
        model=bill.model,
        input_tokens=bill.tokens,
        cached_tokens=bill.tokens // 2,
        output_tokens=1,
        cost_usd=bill.cost,
    )


@node
def spend(bill: Bill) -> Bill:
    context.log.info("spending")
    spend_it(bill)
    return bill


@node(retries={"max_attempts": 2, "initial_backoff": "0.001s"})
async def shaky(bill: Bill) -> Bill:
    spend_it(bill)
    if context.attempt == 1:
        raise ProviderError("not today")
    return bill


@node
async def hold(bill: Bill) -> Bill:
    await context.signal("go", Go)
    return bill


@node
async def spend_and_hold(bill: Bill) -> Bill:
    spend_it(bill)
    await context.signal("go", Go)
    return bill


@node
def trip(bill: Bill) -> Bill:
    raise UserError("as always")
