"""Hands the committed events of a live execution to those who follow it.

Followers read by sequence. The newest events are kept in memory, and only while somebody follows; a
follower that is further behind reads the database. So a slow follower costs no memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from penstock.engine.domain import limits
from penstock.engine.domain.event import Event


class Follower:
    """How far one reader is. A paced one makes a pipeline wait for it."""

    __slots__ = ("is_paced", "sequence")

    def __init__(self, sequence: int, is_paced: bool) -> None:
        self.sequence = sequence
        self.is_paced = is_paced


class Feed:
    """The newest events of one execution and its followers."""

    def __init__(self, sequence: int) -> None:
        """`sequence` is that of the last event already committed: older ones are in the database."""
        self.sequence = sequence
        self.is_ended = False
        self.is_closed = False
        self._tail: deque[Event] = deque()
        self._tail_bytes = 0
        self._tail_after = sequence
        self._followers: set[Follower] = set()
        self._waiters: list[asyncio.Future[None]] = []
        self._room_waiters: list[asyncio.Future[None]] = []

    def follow(self, sequence: int, *, is_paced: bool = False) -> Follower:
        follower = Follower(sequence, is_paced)
        self._followers.add(follower)
        return follower

    def unfollow(self, follower: Follower) -> None:
        self._followers.discard(follower)
        if not self._followers:
            self._forget_tail()
        _wake(self._room_waiters)

    def publish(self, events: Sequence[Event], is_end: bool) -> None:
        """Takes events that have just been committed."""
        self.sequence = events[-1].sequence
        self.is_ended = self.is_ended or is_end
        if self._followers:
            self._keep(events)
        else:
            self._forget_tail()
        _wake(self._waiters)

    def _keep(self, events: Sequence[Event]) -> None:
        for event in events:
            self._tail.append(event)
            self._tail_bytes += len(event.payload or b"")
        while len(self._tail) > limits.EVENTS_TAIL or self._tail_bytes > limits.PAYLOAD_BYTES_MAX:
            oldest = self._tail.popleft()
            self._tail_bytes -= len(oldest.payload or b"")
            self._tail_after = oldest.sequence

    def _forget_tail(self) -> None:
        """Whoever follows from now on reads the database first."""
        self._tail.clear()
        self._tail_bytes = 0
        self._tail_after = self.sequence

    def after(self, sequence: int) -> list[Event] | None:
        """The events after a sequence; None when the tail does not reach back that far."""
        if sequence < self._tail_after:
            return None
        return [event for event in self._tail if event.sequence > sequence]

    def advance(self, follower: Follower, sequence: int) -> None:
        """Notes that a follower has passed on everything up to `sequence`."""
        follower.sequence = sequence
        if self._room_waiters:
            _wake(self._room_waiters)

    def close(self) -> None:
        """Lets the followers go: this process drives the execution no more."""
        self.is_closed = True
        _wake(self._waiters)

    async def news(self, sequence: int) -> None:
        """Returns when there is an event after `sequence`, the execution has ended, or the feed is closed."""
        while self.sequence <= sequence and not self.is_ended and not self.is_closed:
            await self._wait(self._waiters)

    async def room(self) -> None:
        """Returns when no paced follower is too far behind."""
        while any(f.is_paced and self.sequence - f.sequence > limits.FRAMES_UNREAD_MAX for f in self._followers):
            await self._wait(self._room_waiters)

    async def _wait(self, waiters: list[asyncio.Future[None]]) -> None:
        waiter = asyncio.get_running_loop().create_future()
        waiters.append(waiter)
        try:
            await waiter
        finally:
            if waiter in waiters:
                waiters.remove(waiter)


def _wake(waiters: list[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)
    waiters.clear()
