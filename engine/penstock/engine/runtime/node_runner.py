"""Runs the code of a node."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

from penstock.engine.domain import limits
from penstock.engine.nodes.authoring import NodeContext, current
from penstock.engine.nodes.codecs import WrongOutput
from penstock.engine.runtime.program import BoundNode

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver

_BATCH_ITEMS_MAX = 64
_BATCH_S_MAX = 0.002
"""A plain generator runs in a thread for this long or this many items before its frames are fetched."""


async def run_node(driver: Driver, node: BoundNode, message: bytes) -> bytes:
    """The output of a unary node, encoded. Raises whatever the node raises, and WrongOutput.

    An async node is awaited in the caller's task; a plain one runs in a thread.
    """
    _set_context(driver, node)
    request = node.decode(message)
    if node.is_async:
        return _encoded(node, await node.function(request))
    return _encoded(node, await driver.runtime.threads.run(node.function, request))


async def run_generator(driver: Driver, node: BoundNode, message: bytes) -> AsyncGenerator[bytes, None]:
    """The frames of a pipeline node, encoded, one by one. The node's generator is closed at the end."""
    _set_context(driver, node)
    if node.is_async:
        frames = node.function(node.decode(message))
        try:
            async for frame in frames:
                yield _encoded(node, frame)
        finally:
            await frames.aclose()
        return
    plain = iter(node.function(node.decode(message)))
    while batch := await driver.runtime.threads.run(_next_batch, plain):
        for frame, error in batch:
            if error is not None:
                raise error
            yield _encoded(node, frame)


def _encoded(node: BoundNode, value: Any) -> bytes:
    output = node.encode(value)
    if len(output) > limits.PAYLOAD_BYTES_MAX:
        raise WrongOutput(
            f"{node.name} gave a message of {len(output):,} bytes; the limit is {limits.PAYLOAD_BYTES_MAX:,}",
            code="OUTPUT_TOO_LARGE",
        )
    return output


def _next_batch(frames: Iterator[Any]) -> list[tuple[Any, BaseException | None]]:
    """The next frames; empty at the end. An error comes after the frames before it."""
    batch: list[tuple[Any, BaseException | None]] = []
    until = monotonic() + _BATCH_S_MAX
    try:
        for frame in frames:
            batch.append((frame, None))
            if len(batch) >= _BATCH_ITEMS_MAX or monotonic() >= until:
                break
    except BaseException as error:  # a node may raise anything, SystemExit included
        batch.append((None, error))
    return batch


def _set_context(driver: Driver, node: BoundNode) -> None:
    run = driver.run
    current.set(
        NodeContext(
            execution_id=driver.execution_id,
            node=node.name,
            attempt=run.attempt if node.index == run.node else 1,
            deadline_unix_s=driver.runtime.clock.now_us() / 1e6 + node.timeout_us / 1e6,
        )
    )
