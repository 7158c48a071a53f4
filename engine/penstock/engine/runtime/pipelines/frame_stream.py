"""What one pipeline node gives and the next one takes, a few messages at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, NamedTuple

from penstock.engine.domain import limits
from penstock.engine.domain.occurrence import NodeFailed

if TYPE_CHECKING:
    from penstock.engine.runtime.running.attempt import Attempt


class Broken(NamedTuple):
    """What failed before the end of a stream, and the error that the node behind gets from it."""

    failure: NodeFailed
    error: BaseException


class FrameStream(AsyncIterator[Any]):
    """Handed to the code of a node as its stream.

    A caller who stops waiting takes nothing along: the message that was on its way is there for the next one.
    """

    def __init__(self, attempt: Attempt) -> None:
        """`attempt` is that of the node that takes the messages."""
        self.attempt = attempt
        self._messages: deque[tuple[bytes, bool]] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._is_ended = False
        self._broken: Broken | None = None
        self.is_provisional = False
        """Whether the newest message that was taken may be taken back."""
        self.met: Broken | None = None
        """What the node has met in it. Whatever it made of the error, the pipeline has failed by it."""

    def __aiter__(self) -> FrameStream:
        return self

    async def __anext__(self) -> Any:
        while not self._messages:
            if self._is_ended:
                self._end_reached()
            self._news.clear()
            await self._news.wait()
        message, self.is_provisional = self._messages.popleft()
        self._room.set()
        try:
            return self.attempt.node.decode(message)
        except BaseException as error:
            self.met = Broken(self.attempt.owner.failed(self.attempt, error), error)
            raise

    def _end_reached(self) -> None:
        if self._broken is None:
            raise StopAsyncIteration
        self.met = self._broken
        raise self._broken.error

    # For who fills it.

    async def put(self, message: bytes, is_provisional: bool) -> None:
        """Returns when there is room for more."""
        while len(self._messages) >= limits.FRAMES_BETWEEN_MAX:
            self._room.clear()
            await self._room.wait()
        self._messages.append((message, is_provisional))
        self._news.set()

    def end(self, broken: Broken | None = None) -> None:
        """Nothing comes any more. An error is met behind the messages that came before it."""
        self._is_ended = True
        self._broken = broken
        self._news.set()
