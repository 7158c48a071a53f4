"""The pipeline nodes of one flow that run at once: each takes what the one before it gives.

All but the last run in a task of their own, a few messages ahead of the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from penstock.engine.runtime.pipelines.behind import Behind
from penstock.engine.runtime.pipelines.frame_judge import FrameJudge
from penstock.engine.runtime.pipelines.frame_stream import Broken, FrameStream
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.node_runner import open_secrets, run_generator
from penstock.engine.runtime.running.redaction import say_nothing

if TYPE_CHECKING:
    from penstock.engine.runtime.walker import Walker


class Stages:
    """The source and the nodes that take streams, for one attempt of the pipeline."""

    def __init__(self, walker: Walker, source: Attempt, message: bytes) -> None:
        """`message` is what the source takes."""
        self._walker = walker
        self._driver = walker.driver
        self.reached: dict[int, None] = {}
        """Nodes behind the source that had a message in this process."""
        self._judge = FrameJudge(walker, source)
        self.behind = Behind(walker, source, self.reached, self._judge, message)
        """The last stage, and the nodes behind it."""
        self.taken: bytes | FrameStream = message
        """What the last stage takes."""
        self.stream: FrameStream | None = None
        """The same when it is a stream."""
        self._stages = [self.behind]
        self._is_closed = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins every stage but the last. Raises a NodeError."""
        for node in self._driver.program.nodes:
            if node.takes_frames:
                options = self._driver.options
                await self._add(node if options is None else options.bound(node))

    async def _add(self, node: BoundNode) -> None:
        """Puts a stage behind the one that was the last."""
        runtime = self._driver.runtime
        attempt = Attempt(self._walker, node, 1, runtime.clock.now_us())
        before, taken = self.behind, self.taken
        self.behind = Behind(self._walker, attempt, self.reached, self._judge, None)
        self.taken = self.stream = FrameStream(attempt)
        self._stages.append(self.behind)
        self.reached[node.index] = None
        runtime.attempts.begin(attempt)
        await open_secrets(attempt)
        if node.sensitive is not None:
            attempt.redact = say_nothing
        self._tasks.append(runtime.background(self._fill(self.stream, before, taken)))

    async def _fill(self, stream: FrameStream, behind: Behind, taken: bytes | FrameStream) -> None:
        """Brings what a stage gives, through the nodes behind it, to the next one."""
        source = taken if isinstance(taken, FrameStream) else None
        generator = run_generator(self._driver, behind.stage, taken, None)
        broken = None
        try:
            async for output, is_provisional in generator:
                if self._is_closed or (source is not None and source.met is not None):
                    break
                message = await behind.carry(output, stream.attempt.node.index)
                behind.at = stream.attempt
                message = await self._judge.before(stream.attempt.node, message)
                behind.at = behind.stage
                await stream.put(message, is_provisional or (source is not None and source.is_provisional))
        except BaseException as error:  # a node may raise anything, SystemExit included
            broken = Broken(self._walker.failed(behind.at, error), error)
        if source is not None and source.met is not None:
            # Whatever the stage made of the error.
            broken = source.met
        stream.end(broken)
        await close(generator)

    def close(self) -> None:
        """Stops everything but the last stage, which its caller closes. What code still says does not count."""
        self._is_closed = True
        for stage in self._stages:
            for attempt in (stage.stage, stage.at, *stage.listeners):
                if not attempt.is_given_up:
                    attempt.is_given_up = True
                    # The next attempt of the pipeline runs everything again.
                    attempt.give_signals_back()
                    self._driver.runtime.attempts.end(attempt)
        for task in self._tasks:
            task.cancel()


async def close(generator: AsyncGenerator[Any, None]) -> None:
    with suppress(Exception):
        await generator.aclose()
