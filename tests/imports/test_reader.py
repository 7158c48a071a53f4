"""A document is read the same however it is cut into pieces."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.rpc.imports.import_document import DocumentReader

DOCUMENT = {
    "schema": "x",
    "number": -12.5e3,
    "text": 'ä€𝄞 "quoted" \\ \u2028',
    "events": [{"sequence": 1, "nested": {"list": [1, [2, {}], []]}}, 17, "", None, True],
    "empty": [],
    "tail": {"head": "0"},
}


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(data: bytes, size: int) -> dict[str, Any]:
    reader = DocumentReader(pieces(data, size))
    await reader.begin()
    found: dict[str, Any] = {}
    while (name := await reader.member()) is not None:
        if name in ("events", "empty"):
            found[name] = [value async for value, text in reader.items() if json.loads(text) == value]
        else:
            found[name], text = await reader.value()
            assert json.loads(text) == found[name]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
@pytest.mark.parametrize("indent", [None, 2])
async def test_pieces_of_any_size_give_the_same(size: int, indent: int | None) -> None:
    data = json.dumps(DOCUMENT, indent=indent, ensure_ascii=False).encode()
    assert await read(data + b"\n ", size) == DOCUMENT
    assert await read(b"{}", size) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected an exported document, a JSON object at character 1, got its end"),
        ("[]", 'expected an exported document, a JSON object at character 1, got "[]"'),
        ('{"a" 1}', "expected a colon at character 6, got "),
        ('{"a":1 "b":2}', "expected a comma or } at character 8, got "),
        ("{1:2}", "expected the name of a member at character 3, got "),
        ('{"a":1}x', 'expected the end of the document at character 8, got "x"'),
        ('{"events":{}}', "expected a list at character 11, got "),
        ('{"events":[1 2]}', "expected a comma or ] at character 14, got "),
        ('{"a":' + "[" * 100_000 + "}", "expected a JSON value that can be read"),
        ('{"a":' + "1" * 5_000 + "}", "expected a JSON value that can be read"),
        ('{"a":Infinity}', "expected a JSON value, got Infinity"),
        ('{"a":{"b":1,"b":2}}', "has the member 'b' twice in one object"),
    ],
)
async def test_what_is_no_document_is_refused_with_its_place(text: str, message: str) -> None:
    for size in (3, 1_000_000):
        with pytest.raises(InvalidArgument) as refused:
            await read(text.encode(), size)
        assert message in str(refused.value)
