"""Runs the code of a node."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextvars import Token
from typing import TYPE_CHECKING, Any

from penstock.engine.domain import limits
from penstock.engine.nodes.authoring import NodeContext, current
from penstock.engine.nodes.codecs import WrongOutput
from penstock.engine.runtime.attempts import Attempt
from penstock.engine.runtime.program import BoundNode
from penstock.engine.runtime.thread_stream import ThreadStream

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


async def run_node(driver: Driver, attempt: Attempt, message: bytes) -> bytes:
    """The output of a unary node, encoded. Raises whatever the node raises, and WrongOutput.

    An async node is awaited in the caller's task; a plain one runs in a thread.
    """
    # Taken back afterwards: in front of this node may stand a pipeline whose generator runs in the same task.
    token = _set_context(driver, attempt)
    node = attempt.node
    try:
        request = node.decode(message)
        if node.is_async:
            return _encoded(node, await node.function(request))
        return _encoded(node, await driver.runtime.threads.run(node.function, request))
    finally:
        current.reset(token)


async def run_generator(driver: Driver, attempt: Attempt, message: bytes) -> AsyncGenerator[bytes, None]:
    """The frames of a pipeline node, encoded, one by one. The node's generator is closed at the end."""
    _set_context(driver, attempt)
    node = attempt.node
    if node.is_async:
        frames = node.function(node.decode(message))
        try:
            async for frame in frames:
                yield _encoded(node, frame)
        finally:
            await frames.aclose()
        return
    stream = ThreadStream(driver.runtime.threads, node.function(node.decode(message)))
    try:
        async for frame in stream.items():
            yield _encoded(node, frame)
    finally:
        await stream.close()


def _encoded(node: BoundNode, value: Any) -> bytes:
    output = node.encode(value)
    if len(output) > limits.PAYLOAD_BYTES_MAX:
        raise WrongOutput(
            f"{node.name} gave a message of {len(output):,} bytes; the limit is {limits.PAYLOAD_BYTES_MAX:,}",
            code="OUTPUT_TOO_LARGE",
        )
    return output


def _set_context(driver: Driver, attempt: Attempt) -> Token[NodeContext]:
    run, node = driver.run, attempt.node
    return current.set(
        NodeContext(
            execution_id=driver.execution_id,
            node=node.name,
            attempt=run.attempt if node.index == run.node else 1,
            deadline_unix_s=(attempt.started_us + node.timeout_us) / 1e6,
        )
    )
