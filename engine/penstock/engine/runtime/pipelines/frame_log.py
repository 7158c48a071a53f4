"""Brings the frames of a pipeline into the log, a bounded number ahead of their commits.

It is as far ahead of the caller who streams them: a slow reader slows the pipeline, not the memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from penstock.engine.domain import limits
from penstock.engine.domain.occurrence import FramesEmitted
from penstock.engine.domain.states import NodeStatus
from penstock.engine.domain.step import Step
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.last_frame import LastFrame

if TYPE_CHECKING:
    from penstock.engine.runtime.walker import Walker


class FrameLog:
    """Frames on their way: all that wait go into one commit."""

    def __init__(self, walker: Walker, attempt: Attempt, through: Collection[int]) -> None:
        """`attempt` is that of the pipeline, `through` the nodes that frames went through so far: it grows."""
        self._walker = walker
        self._driver = walker.driver
        self._attempt = attempt
        self.last: LastFrame | None = None
        """Is told what is recorded."""
        self._through = through
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._provisional: set[int] = set()
        """Places in `_waiting`."""
        self._is_through_news = False
        self._step: asyncio.Future[Step] | None = None
        self._newest: bytes | None = None

    def put(self, payload: bytes, is_provisional: bool) -> bool:
        """Takes a frame, and says whether the pipeline has to look for `room` before it goes on."""
        if is_provisional:
            self._provisional.add(len(self._waiting))
        self._waiting.append(payload)
        self._waiting_bytes += len(payload)
        if self._step is None:
            self._send()
        return self._driver.feed is not None or self._is_full

    async def room(self) -> None:
        """Returns when the pipeline may go on. Raises LeaseLost."""
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

    def note_through(self) -> None:
        """Has it recorded where messages went, before a frame comes of it."""
        statuses = self._driver.run.node_statuses
        if any(statuses[node] is NodeStatus.QUEUED for node in self._through):
            self._is_through_news = True
            if self._step is None:
                self._send()

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
        provisional: tuple[bool, ...] = ()
        if self._provisional:
            provisional = tuple(place in self._provisional for place in range(len(payloads)))
            self._provisional.clear()
        if payloads:
            self._newest = payloads[-1]
        self._is_through_news = False
        through = tuple(sorted(self._through))
        occurrence = FramesEmitted(self._attempt.node.index, self._attempt.started_us, payloads, through, provisional)
        self._step = self._driver.submit(occurrence)
        self._step.add_done_callback(self._sent)

    def _sent(self, step: asyncio.Future[Step]) -> None:
        if step is not self._step or step.cancelled() or step.exception() is not None:
            # One that failed is kept, so that `put` and `flush` raise it.
            return
        self._step = None
        if self.last is not None and self._newest is not None:
            self.last.payload = self._newest
        if (self._waiting or self._is_through_news) and not self._walker.is_dropped:
            self._send()
