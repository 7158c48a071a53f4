"""Nodes that policies are about."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from penstock.sdk import ProviderError, context, node, pipeline


@dataclass
class Customer:
    name: str = ""
    card_number: str = ""


@dataclass
class Line:
    sku: str = ""
    note: str = ""


@dataclass
class Order:
    total_cents: int = 0
    customer: Customer = field(default_factory=Customer)
    lines: list[Line] = field(default_factory=list)
    failures: int = 0
    """Attempts of `shaky` that fail."""


@dataclass
class Receipt:
    text: str = ""
    card_number: str = ""


@dataclass
class Skus:
    items: list[Line] = field(default_factory=list)


@node
async def price(order: Order) -> Order:
    return replace(order, total_cents=order.total_cents + 1)


@node
def charge(order: Order) -> Receipt:
    card = order.customer.card_number
    return Receipt(f"{order.total_cents} from {order.customer.name} with {card or 'nothing'}", card)


@node
async def send(receipt: Receipt) -> Receipt:
    return replace(receipt, text=f"sent: {receipt.text}")


@node
async def shaky(order: Order) -> Order:
    if context.attempt <= order.failures:
        raise ProviderError("not yet")
    return order


@node
async def upper(line: Line) -> Line:
    return replace(line, sku=line.sku.upper())


@node
async def count(skus: Skus) -> Receipt:
    return Receipt(" ".join(f"{line.sku}:{line.note}" for line in skus.items))


@pipeline
async def each(order: Order) -> AsyncIterator[Line]:
    for line in order.lines:
        yield line
