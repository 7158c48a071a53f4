"""Pipelines that take a stream as well as they give one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.nodes.folders import load_nodes, problems_of_nodes
from tests.nodes.test_signatures import FIRST_LINE, MESSAGES


async def test_each_kind_of_async_stream_is_taken(tmp_path: Path) -> None:
    nodes = """
from collections.abc import AsyncGenerator, AsyncIterable

@pipeline
async def one(frames: AsyncIterator[In]) -> AsyncIterator[Out]: yield Out(1)
@pipeline
async def two(frames: AsyncIterable[In]) -> AsyncGenerator[Out, None]: yield Out(1)
@pipeline
async def three(frames: AsyncGenerator[In, None]) -> AsyncIterable[Out]: yield Out(1)
@pipeline
async def four(frame: In) -> AsyncIterator[Out]: yield Out(1)
"""
    package = await load_nodes(tmp_path, MESSAGES + nodes)
    assert {name: (node.takes_frames, node.input_type, node.output_type) for name, node in package.nodes.items()} == {
        "one": (True, "shop.In", "shop.Out"),
        "two": (True, "shop.In", "shop.Out"),
        "three": (True, "shop.In", "shop.Out"),
        "four": (False, "shop.In", "shop.Out"),
    }
    recorded = package.to_proto().nodes
    assert [(node.type, node.takes_frames) for node in recorded] == [
        (node.PIPELINE, taken) for node, taken in zip(recorded, (True, True, True, False), strict=True)
    ]


async def test_items_are_decoded_one_by_one(tmp_path: Path) -> None:
    nodes = """
@pipeline
async def double(frames: AsyncIterator[In]) -> AsyncIterator[Out]:
    async for frame in frames:
        yield Out(frame.a * 2)
"""
    node = (await load_nodes(tmp_path, MESSAGES + nodes)).nodes["double"]

    async def frames() -> AsyncIterator[Any]:
        for data in (b"\x08\x01", b"\x08\x02"):
            yield node.decode(data)

    assert [node.encode(frame) async for frame in node.function(frames())] == [b"\x08\x02", b"\x08\x04"]


async def test_stream_where_none_is_taken_is_refused(tmp_path: Path) -> None:
    nodes = """@node
async def unary(frames: AsyncIterator[In]) -> Out: ...
@pipeline
def plain(frames: Iterator[In]) -> Iterator[Out]: yield Out(1)
@pipeline
def mixed(frames: AsyncIterator[In]) -> Iterator[Out]: yield Out(1)
@pipeline
async def wrong(frames: Iterator[In]) -> AsyncIterator[Out]: yield Out(1)
@pipeline
async def item(frames: AsyncIterator[int]) -> AsyncIterator[Out]: yield Out(1)
@pipeline
async def bare(frames: AsyncIterator) -> AsyncIterator[Out]: yield Out(1)
"""
    stream = "the parameter frames is a stream: only a @pipeline that is an async generator takes one"
    wrong = "has the wrong annotation (expected"
    expected = [
        (0, f"unary: {stream}"),
        (2, f"plain: {stream}"),
        (4, f"mixed: {stream}"),
        (6, f"wrong: the parameter frames {wrong} AsyncIterator[T], T being a dataclass, found Iterator[In])"),
        (8, f"item: what comes in frames {wrong} a dataclass, found int)"),
        (10, f"bare: the parameter frames {wrong} a dataclass, found AsyncIterator)"),
    ]
    found = await problems_of_nodes(tmp_path, MESSAGES + nodes)
    assert found == [f"nodes.py:{FIRST_LINE + line}: node {problem}" for line, problem in expected]
