"""Runs the code of a node."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable
from typing import TYPE_CHECKING, Any

from penstock.engine.domain import limits
from penstock.engine.nodes.authoring import NodeContext, current
from penstock.engine.nodes.codecs import WrongOutput
from penstock.engine.runtime.attempts import Attempt
from penstock.engine.runtime.program import BoundNode
from penstock.engine.runtime.thread_stream import ThreadStream

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


def call_node(driver: Driver, attempt: Attempt, message: bytes) -> Awaitable[Any]:
    """Calls a unary node: what it gives, still to be awaited and to be `encoded`. Raises whatever the node raises.

    An async node is awaited in the caller's task, without a coroutine of ours around it: ten thousand may be
    waiting. A plain one runs in a thread. The node's context stays set in the caller's.
    """
    node = attempt.node
    _set_context(driver, attempt)
    request = node.decode(message)
    if node.is_async:
        awaitable: Awaitable[Any] = node.function(request)
        return awaitable
    return driver.runtime.threads.run(node.function, request)


async def run_generator(driver: Driver, attempt: Attempt, message: bytes) -> AsyncGenerator[bytes, None]:
    """The frames of a pipeline node, encoded, one by one. The node's generator is closed at the end."""
    _set_context(driver, attempt)
    node = attempt.node
    if node.is_async:
        frames = node.function(node.decode(message))
        try:
            async for frame in frames:
                yield encoded(node, frame)
        finally:
            await frames.aclose()
        return
    stream = ThreadStream(driver.runtime.threads, node.function(node.decode(message)))
    try:
        async for frame in stream.items():
            yield encoded(node, frame)
    finally:
        await stream.close()


def encoded(node: BoundNode, value: Any) -> bytes:
    """What a node gave, as a message. Raises WrongOutput."""
    output = node.encode(value)
    if len(output) > limits.PAYLOAD_BYTES_MAX:
        raise WrongOutput(
            f"{node.name} gave a message of {len(output):,} bytes; the limit is {limits.PAYLOAD_BYTES_MAX:,}",
            code="OUTPUT_TOO_LARGE",
        )
    return output


def _set_context(driver: Driver, attempt: Attempt) -> None:
    run, node = driver.run, attempt.node
    current.set(
        NodeContext(
            execution_id=driver.execution_id,
            node=node.name,
            attempt=run.attempt if node.index == run.node else 1,
            deadline_unix_s=(attempt.started_us + node.timeout_us) / 1e6,
        )
    )
