"""Nodes whose messages have a field of each kind that can be searched."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from penstock.sdk import NodeError, node


class Tier(Enum):
    STANDARD = 0
    GOLD = 1


@dataclass
class Customer:
    id: str = ""
    tier: Tier = Tier.STANDARD
    nickname: str | None = None


@dataclass
class Order:
    customer: Customer = field(default_factory=Customer)
    cents: int = 0
    weight: float = 0.0
    express: bool = False
    due: datetime | None = None
    number: int = 0


@dataclass
class Bill:
    total: int = 0
    reference: str = ""


@dataclass
class Note:
    number: str = ""


@node
async def price(order: Order) -> Bill:
    if order.cents < 0:
        raise NodeError("less than nothing", code="BELOW_ZERO")
    return Bill(order.cents, order.customer.id)


@node
async def check(bill: Bill) -> Bill:
    return bill


@node
async def read(note: Note) -> Note:
    return note
