"""Runs a pipeline node: its frames through the nodes behind it into the log.

The generator runs ahead of the commits by a bounded number of frames, and of the caller who streams
them by another: a slow reader slows it, not the memory. After a restart the generator runs again and
its first frames, as many as are on record, are passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from penstock.engine.domain import limits
from penstock.engine.domain.occurrence import FramesEmitted, NodeIsSlow, Occurrence, PipelineCompleted
from penstock.engine.domain.step import Step
from penstock.engine.nodes.authoring import UserError, current
from penstock.engine.runtime.attempts import Attempt
from penstock.engine.runtime.node_runner import call_node, encoded, run_generator
from penstock.engine.runtime.program import BoundNode

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


async def run_pipeline(driver: Driver, node: BoundNode, message: bytes) -> None:
    """Runs the pipeline to the end of the execution. Raises LeaseLost."""
    attempt = driver.start_attempt(node)
    frames = _Frames(driver, attempt)
    behind = _Behind(driver, attempt)
    passed_over = driver.run.frame_count
    generator = run_generator(driver, attempt, message)
    occurrence: Occurrence
    try:
        async for output in generator:
            if passed_over:
                passed_over -= 1
                continue
            await frames.put(await behind.carry(output), behind.reached)
        await frames.flush()
        occurrence = PipelineCompleted(node.index, attempt.started_us)
    except BaseException as error:  # a node may raise anything, SystemExit included
        if driver.is_over:
            return
        failed = driver.attempt or attempt
        await frames.flush()
        if failed is not attempt:
            # The failure tells when the node behind started; when the pipeline did is recorded before it.
            await driver.submit(NodeIsSlow(node.index, attempt.started_us))
        occurrence = driver.failed(failed, error)
    finally:
        driver.end_attempt(attempt)
        # Nobody waits for what the node does when its generator is closed.
        driver.runtime.background(_close(generator))
    await driver.submit(occurrence)


async def _close(generator: AsyncGenerator[bytes, None]) -> None:
    with suppress(Exception):
        await generator.aclose()


class _Behind:
    """The unary nodes behind a pipeline, applied to one output at a time."""

    def __init__(self, driver: Driver, pipeline: Attempt) -> None:
        self._driver = driver
        self._pipeline = pipeline
        self.reached: dict[int, None] = {}
        """Nodes that had a frame in this process."""

    async def carry(self, output: bytes) -> bytes:
        """The output of the terminal node for one output of the pipeline.

        When a node raises, the driver's attempt stays at that node, so that the failure names it.
        """
        driver, program = self._driver, self._driver.program
        here = self._pipeline.node.index
        while here != program.graph.terminal:
            target, message = program.route(here, output, driver.input)
            if target < 0:
                raise UserError(
                    f"no edge of node {program.nodes[here].name} was taken for a frame:"
                    " no `when` held and there is no `otherwise`",
                    code="NO_BRANCH_TAKEN",
                )
            attempt = driver.start_attempt(program.nodes[target])
            context = current.get()
            try:
                output = encoded(attempt.node, await call_node(driver, attempt, message))
            except BaseException:
                driver.runtime.attempts.end(attempt)
                raise
            finally:
                # The pipeline's generator goes on in this task.
                current.set(context)
            driver.end_attempt(attempt, self._pipeline)
            self.reached[target] = None
            here = target
        return output


class _Frames:
    """Frames on their way to the log: all that wait go into one commit."""

    def __init__(self, driver: Driver, attempt: Attempt) -> None:
        self._driver = driver
        self._attempt = attempt
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._through: Iterable[int] = ()
        self._step: asyncio.Future[Step] | None = None

    async def put(self, payload: bytes, through: Iterable[int]) -> None:
        """Returns when the generator may go on. `through` are the nodes that frames went through so far."""
        self._waiting.append(payload)
        self._waiting_bytes += len(payload)
        self._through = through
        if self._step is None:
            self._send()
        while self._step is not None and self._is_full:
            await self._end_of(self._step)
        if self._driver.feed is not None:
            await self._driver.feed.room()

    @property
    def _is_full(self) -> bool:
        return (
            len(self._waiting) >= limits.FRAMES_UNCOMMITTED_MAX
            or self._waiting_bytes >= limits.FRAMES_UNCOMMITTED_BYTES_MAX
        )

    async def flush(self) -> None:
        """Returns when everything is durable. Raises LeaseLost."""
        while self._step is not None:
            await self._end_of(self._step)

    async def _end_of(self, step: asyncio.Future[Step]) -> None:
        # A step that is done is awaited without giving way to anybody, its callback included.
        await asyncio.shield(step)
        self._sent(step)

    def _send(self) -> None:
        payloads, self._waiting, self._waiting_bytes = tuple(self._waiting), [], 0
        through = tuple(sorted(self._through))
        occurrence = FramesEmitted(self._attempt.node.index, self._attempt.started_us, payloads, through)
        self._step = self._driver.submit(occurrence)
        self._step.add_done_callback(self._sent)

    def _sent(self, step: asyncio.Future[Step]) -> None:
        if step is not self._step or step.cancelled() or step.exception() is not None:
            # One that failed is kept, so that `put` and `flush` raise it.
            return
        self._step = None
        if self._waiting:
            self._send()
