"""A node that says how long what it was given in secret is."""

from dataclasses import dataclass
from typing import Annotated

from penstock.sdk import node, sensitive


@dataclass
class Code:
    owner: str
    pin: Annotated[str, sensitive]


@dataclass
class Length:
    owner: str
    length: Annotated[int, "int32"]


@node
async def measure(code: Code) -> Length:
    return Length(code.owner, len(code.pin))
