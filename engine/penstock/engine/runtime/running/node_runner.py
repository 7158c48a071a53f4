"""Runs the code of a node."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Generator
from typing import TYPE_CHECKING, Any

from penstock.engine.domain import limits
from penstock.engine.nodes.authoring import NodeContext, Provisional, current
from penstock.engine.nodes.authoring.context import Host
from penstock.engine.nodes.codecs import WrongOutput
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.last_frame import LastFrame, StreamHost
from penstock.engine.runtime.running.redaction import redactor
from penstock.engine.runtime.running.thread_stream import ThreadStream

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.pipelines.frame_stream import FrameStream


def call_node(driver: Driver, attempt: Attempt, message: bytes) -> Awaitable[Any]:
    """Calls a unary node: what it gives, still to be awaited and to be `encoded`. Raises whatever the node raises.

    An async node is awaited in the caller's task, without a coroutine of ours around it: ten thousand may be
    waiting. A plain one runs in a thread. The node's context stays set in the caller's.
    """
    node = attempt.node
    _set_context(driver, attempt, attempt)
    request = node.decode(message)
    if node.is_async:
        awaitable: Awaitable[Any] = node.function(request)
        return awaitable
    return driver.runtime.threads.run(node.function, request)


Given = tuple[bytes, bool]
"""A frame of a pipeline node, encoded, and whether it may still be taken back."""


async def run_generator(
    driver: Driver, attempt: Attempt, taken: bytes | FrameStream, last: LastFrame | None
) -> AsyncGenerator[Given, None]:
    """The frames of a pipeline node, one by one. The node's generator is closed at the end.

    `taken` is its message, or the stream that it takes. `last` is what its code may go on from, None when there is
    no such thing for it.
    """
    _set_context(driver, attempt, attempt if last is None else StreamHost(attempt, last))
    node = attempt.node
    given = node.function(node.decode(taken) if isinstance(taken, bytes) else taken)
    if node.is_async:
        try:
            async for frame in given:
                if last is not None:
                    last.has_begun, last = True, None
                if type(frame) is Provisional:
                    yield encoded(node, frame.frame), True
                else:
                    yield encoded(node, frame), False
        finally:
            await given.aclose()
        return
    stream = ThreadStream(driver.runtime.threads, given if last is None else _begun(given, last))
    try:
        async for frame in stream.items():
            if type(frame) is Provisional:
                yield encoded(node, frame.frame), True
            else:
                yield encoded(node, frame), False
    finally:
        await stream.close()


def _begun(frames: Generator[Any, None, None], last: LastFrame) -> Generator[Any, None, None]:
    """The frames, having noted in the node's thread that the first one is there."""
    try:
        for first in frames:
            last.has_begun = True
            yield first
            yield from frames
    finally:
        frames.close()


async def open_secrets(attempt: Attempt) -> None:
    """Gives an attempt the secrets that its node declares. Raises a NodeError when one is missing."""
    if attempt.node.secrets:
        driver = attempt.owner.driver
        attempt.secrets = await driver.runtime.secrets.values(driver.account, attempt.node.secrets)
        attempt.redact = redactor(attempt.secrets)


def encoded(node: BoundNode, value: Any) -> bytes:
    """What a node gave, as a message. Raises WrongOutput."""
    output = node.encode(value)
    if len(output) > limits.PAYLOAD_BYTES_MAX:
        raise too_large(node, len(output))
    return output


def bounded(node: BoundNode, output: bytes) -> bytes:
    """The output, unless it is too large for a message: then it raises WrongOutput."""
    if len(output) > limits.PAYLOAD_BYTES_MAX:
        raise too_large(node, len(output))
    return output


def too_large(node: BoundNode, size: int) -> WrongOutput:
    return WrongOutput(
        f"{node.name} gave a message of {size:,} bytes; the limit is {limits.PAYLOAD_BYTES_MAX:,}",
        code="OUTPUT_TOO_LARGE",
    )


def _set_context(driver: Driver, attempt: Attempt, host: Host) -> None:
    node = attempt.node
    current.set(
        NodeContext(
            driver.execution_id,
            node.name,
            attempt.number,
            (attempt.started_us + node.timeout_us) / 1e6,
            attempt.item,
            host,
        )
    )
