"""What the nodes of this package take and give. Amounts are in euro cents."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated


class Tier(Enum):
    STANDARD = 0
    GOLD = 1


class Method(Enum):
    CARD = 0
    INVOICE = 1


@dataclass
class Customer:
    name: str
    tier: Tier = Tier.STANDARD
    card: str | None = None


@dataclass
class Line:
    sku: str
    quantity: Annotated[int, "int32"] = 1


@dataclass
class Order:
    order_id: str
    customer: Customer
    lines: list[Line]


@dataclass
class PricedLine:
    sku: str
    title: str
    quantity: Annotated[int, "int32"]
    amount_cents: int


@dataclass
class Quote:
    order_id: str
    customer: Customer
    lines: list[PricedLine]
    goods_cents: int
    discount_cents: int
    shipping_cents: int
    total_cents: int


@dataclass
class CardCharge:
    reference: str
    card: str
    amount_cents: int


@dataclass
class Payment:
    reference: str
    method: Method
    amount_cents: int
    note: str


@dataclass
class Confirmation:
    order_id: str
    method: Method
    amount_cents: int
    text: str
