"""From a parcel to its label."""

from dataclasses import dataclass

from penstock.sdk import node


@dataclass
class Parcel:
    order_id: str
    to: str
    items: int


@dataclass
class Label:
    order_id: str
    number: str
    text: str


@node
def label(parcel: Parcel) -> Label:
    """Writes the label. Its number follows from the order, so that a second one is the same."""
    number = f"PN-{parcel.order_id}"
    return Label(parcel.order_id, number, f"{number}: {parcel.items} items to {parcel.to}")
