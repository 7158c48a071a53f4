"""A message may hold what the author's class has no value for: the refusal says what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.engine.nodes.codecs import WrongInput
from penstock.engine.nodes.package import LoadedNode
from penstock.wire.types import TypePool
from tests.nodes.folders import load_nodes

CLASSES = """
class Color(enum.Enum):
    RED = 0
    GREEN = 1

@dataclass
class Card:
    number: str

@dataclass
class Cash:
    cents: int

@dataclass
class Box:
    color: Color | None
    pay: Card | Cash | None
    must: Card | Cash
    at: datetime | None
    length: timedelta | None

    def __post_init__(self) -> None:
        if self.color is Color.GREEN:
            raise ValueError("green is out")

@node
def echo(request: Box) -> Box:
    return request
"""


async def test_message_that_the_class_cannot_hold_is_refused_in_words(tmp_path: Path) -> None:
    package = await load_nodes(tmp_path, CLASSES)
    echo = package.nodes["echo"]
    box = TypePool(package.descriptors).message("shop.Box")

    def refusal(data: bytes) -> str:
        with pytest.raises(WrongInput) as caught:
            echo.decode(data)
        return str(caught.value)

    def serialized(**fields: Any) -> bytes:
        return bytes(box(must_card={"number": "1"}, **fields).SerializeToString())

    start = "echo cannot take its input as Box: expected "
    assert [
        refusal(serialized(color=7)),
        refusal(b""),
        refusal(serialized(at={"seconds": 2**40})),
        refusal(serialized(length={"seconds": 2**62})),
    ] == [
        start + "Color: one of RED (0), GREEN (1), got 7",
        start + "must_card or must_cash, got none of them",
        start + f"a time from year 1 to 9999, got {2**40} s",
        start + f"at most 10,000 years, got {2**62} s",
    ]
    assert refusal(b"\xff").startswith("echo cannot take its input as Box: ")


async def test_what_the_class_itself_raises_is_the_authors_own_error(tmp_path: Path) -> None:
    package = await load_nodes(tmp_path, CLASSES)
    echo: LoadedNode = package.nodes["echo"]
    data = TypePool(package.descriptors).message("shop.Box")(color=1, must_cash={}).SerializeToString()
    with pytest.raises(ValueError, match="green is out"):
        echo.decode(data)
