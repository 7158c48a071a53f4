"""Programs of pipeline nodes and unary nodes in a row, from bytes to bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from penstock.engine.domain.artifact import Graph, Mode, Rules
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.retry import RetryPolicy
from tests.runtime.memory import Flow, MemoryStore

AT_ONCE = RetryPolicy(max_attempts=3, max_system_attempts=3, initial_us=1, max_us=1, jitter=0.0)
"""Three attempts, with next to no wait between them."""


class Staged(Flow):
    """`source`, and what is behind it. A function of one argument named `frames` takes the stream of them."""

    def __init__(
        self,
        source: Callable[[bytes], Any],
        *behind: Callable[[Any], Any],
        retries: RetryPolicy | None = None,
        timeouts_s: tuple[float, ...] = (),
        is_plain: bool = False,
    ) -> None:
        """`timeouts_s` are those of the nodes, 60 for those left out. `is_plain` says so of the source."""
        functions = (source, *behind)
        names = ("source", *(function.__name__ for function in behind))
        last = len(functions) - 1
        successors = tuple((index + 1,) if index < last else () for index in range(len(names)))
        rules = (Rules(retries=retries), *(Rules() for _ in behind))
        super().__init__(Graph(names, successors, 0, last, Mode.PIPELINE, pipeline=0, rules=rules), functions)
        self.nodes = tuple(
            replace(
                node,
                is_pipeline=node.index == 0 or takes_frames(node.function),
                takes_frames=takes_frames(node.function),
                is_async=not (is_plain and node.index == 0),
                timeout_us=int((timeouts_s[node.index] if node.index < len(timeouts_s) else 60) * 1e6),
                decode_frame=bytes,
            )
            for node in self.nodes
        )

    def route(self, node: int, output: bytes, run_input: bytes) -> tuple[int, bytes | None]:
        return (node + 1, output) if node < self.graph.terminal else (-1, None)


def takes_frames(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and code.co_varnames[:1] == ("frames",)


def numbers(count: int) -> Callable[[bytes], AsyncIterator[bytes]]:
    """A source of 0, 1, …"""

    async def source(message: bytes) -> AsyncIterator[bytes]:
        for number in range(count):
            yield b"%d" % number

    return source


async def pairs(frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Two messages in one; at the end what is left."""
    held: list[bytes] = []
    async for frame in frames:
        held.append(frame)
        if len(held) == 2:
            yield b"+".join(held)
            held.clear()
    if held:
        yield held[0]


async def brackets(message: bytes) -> bytes:
    return b"(%b)" % message


def frames(memory: MemoryStore, execution_id: str) -> list[bytes | None]:
    """The frames that count."""
    found: list[bytes | None] = []
    for event in memory.stored[execution_id]:
        if event.type is EventType.FRAME_EMITTED:
            assert event.frame_index == len(found)
            found.append(event.payload)
        elif event.type is EventType.FRAMES_ROLLED_BACK:
            del found[event.frame_index :]
    return found


def log(memory: MemoryStore, execution_id: str) -> list[tuple[EventType, int]]:
    return [(event.type, event.node) for event in memory.stored[execution_id]]


def events(memory: MemoryStore, execution_id: str, kind: EventType) -> list[Event]:
    return [event for event in memory.stored[execution_id] if event.type is kind]


async def ended(driver: Any) -> Any:
    """The run, once it is over."""
    await asyncio.wait_for(driver.rested(), 20)
    return driver.run
