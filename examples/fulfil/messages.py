"""What the nodes of this package take and give. Amounts are in euro cents."""

from dataclasses import dataclass, field


@dataclass
class Customer:
    name: str


@dataclass
class Line:
    sku: str
    quantity: int = 1


@dataclass
class Order:
    order_id: str
    customer: Customer
    lines: list[Line]


@dataclass
class Quote:
    order_id: str
    total_cents: int


@dataclass
class Risk:
    value: float


@dataclass
class Reservation:
    sku: str
    quantity: int
    shelf: str


@dataclass
class Reservations:
    lines: list[Reservation] = field(default_factory=list)


@dataclass
class Decision:
    order_id: str
    total_cents: int
    risk: float
    items: int


@dataclass
class Decided:
    order_id: str
    items: int
