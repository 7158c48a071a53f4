"""Flows that wait for people and for signals, and one that takes frames back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from penstock.sdk import ProviderError, Provisional, context, node, pipeline


@dataclass
class Order:
    """What somebody wants."""

    total: int = 0
    customer: str = ""


@dataclass
class Address:
    """Where it goes."""

    street: str
    number: int = 0


@dataclass
class Parcel:
    """What is sent."""

    label: str
    total: int = 0


@dataclass
class Draft:
    """Some words, and how many it should be."""

    words: int = 0
    failures: int = 0


@dataclass
class Word:
    """One of them."""

    text: str
    attempt: int = 0


@node
async def price(order: Order) -> Order:
    return Order(order.total * 100, order.customer)


@node
async def receipt(order: Order) -> Parcel:
    return Parcel(f"for {order.customer}", order.total)


@node
async def pack(address: Address) -> Parcel:
    return Parcel(f"{address.street} {address.number}")


@node
async def listen(order: Order) -> Parcel:
    paid = await context.signal("paid", Order)
    where = await context.signal("new_address", Address)
    return Parcel(f"{where.street} {where.number}", order.total - paid.total)


@pipeline
async def write(draft: Draft) -> AsyncIterator[Word]:
    """Gives the first word for good; the others may be taken back."""
    for index in range(draft.words):
        word = Word(f"word {index}", context.attempt)
        yield word if index == 0 else Provisional(word)
    if context.attempt <= draft.failures:
        raise ProviderError("the pen is empty")
