"""Values come back as they were, and what would not is refused: tried with values that nobody thought of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.engine.nodes.codecs import WrongOutput
from penstock.engine.nodes.package import LoadedNode
from tests.nodes.folders import load_echo

CLASSES = """
class Color(enum.Enum):
    RED = 0
    GREEN = -5

@dataclass
class Item:
    sku: str = "none"
    quantity: Annotated[int, "int32"] = 1

@dataclass
class Note:
    text: str = ""

@dataclass
class Box:
    text: str = ""
    number: int = 7
    unsigned: Annotated[int, "uint32"] = 0
    flag: bool = True
    share: float = 0.0
    small: Annotated[float, "float"] = 0.0
    data: bytes = b""
    color: Color = Color.GREEN
    item: Item = field(default_factory=Item)
    maybe: int | None = None
    maybe_item: Item | None = None
    items: list[Item] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    flags: list[bool] = field(default_factory=list)
    by_name: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    either: Item | Note | None = None
    at: datetime = datetime(2000, 1, 1)
    length: timedelta = timedelta(0)
    extra: dict = field(default_factory=dict)
    any: Any = None
""".replace("datetime(2000, 1, 1)", "field(default_factory=lambda: datetime.fromisoformat('2000-01-01T00:00:00Z'))")

text = st.text(max_size=5)
int32 = st.integers(-(2**31), 2**31 - 1)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=3)
    | st.binary(max_size=3)
    | st.timedeltas()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(text | st.integers() | st.binary(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> LoadedNode:
    folder: Path = tmp_path_factory.mktemp("shop")
    return asyncio.run(load_echo(folder, CLASSES))


def boxes(names: dict[str, Any]) -> st.SearchStrategy[Any]:
    item = st.builds(names["Item"], text, int32)
    note = st.builds(names["Note"], text)
    return st.builds(
        names["Box"],
        text=text,
        number=st.integers(-(2**63), 2**63 - 1),
        unsigned=st.integers(0, 2**32 - 1),
        flag=st.booleans(),
        share=st.floats(allow_nan=False),
        small=st.floats(width=32, allow_nan=False),
        data=st.binary(max_size=5),
        color=st.sampled_from(names["Color"]),
        item=item,
        maybe=st.none() | int32,
        maybe_item=st.none() | item,
        items=st.lists(item, max_size=3),
        texts=st.lists(text, max_size=3),
        shares=st.lists(st.floats(allow_nan=False), max_size=3),
        flags=st.lists(st.booleans(), max_size=3),
        by_name=st.dictionaries(text, int32, max_size=3),
        notes=st.dictionaries(text, note, max_size=3),
        either=st.none() | item | note,
        at=st.datetimes(timezones=st.just(UTC)),
        length=st.timedeltas(timedelta(days=-3_000_000), timedelta(days=3_000_000)),
        extra=st.dictionaries(text, json, max_size=3),
        any=json,
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_values_come_back_as_they_were(echo: LoadedNode, data: st.DataObject) -> None:
    box = data.draw(boxes(echo.function.__globals__))
    again = echo.decode(echo.encode(box))
    assert again == box
    assert spelled(again) == spelled(box)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_what_is_taken_comes_back_and_the_rest_is_refused(echo: LoadedNode, data: st.DataObject) -> None:
    box = echo.function.__globals__["Box"]()
    name = data.draw(st.sampled_from(sorted(vars(box))))
    value = data.draw(junk)
    setattr(box, name, value)
    try:
        again = echo.decode(echo.encode(box))
    except WrongOutput as error:
        assert str(error).startswith(f"echo returned Box with {name}")
    else:
        came_back = getattr(again, name)
        rounded = isinstance(came_back, float) and came_back == pytest.approx(value, rel=1e-6)
        assert rounded or spelled(came_back) == spelled(value)


def spelled(value: Any) -> str:
    """repr, in which 1.0, 1 and True differ; but JSON does not tell 1.0 from 1, nor a tuple from a list."""
    if isinstance(value, dict):
        return str(sorted((spelled(key), spelled(item)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return str([spelled(item) for item in value])
    if isinstance(value, datetime):
        return value.isoformat()  # repr shows `fold` as well, which says nothing in UTC
    if isinstance(value, float | int) and not isinstance(value, bool):
        return repr(float(value)) if abs(value) <= 2**53 else repr(value)
    if hasattr(value, "__dataclass_fields__"):
        return f"{type(value).__name__}{spelled(vars(value))}"
    return repr(value)
