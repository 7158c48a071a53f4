"""Collects what waits for a writer: while one message is sent the next one fills, without a timer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

_M = TypeVar("_M")

_ITEM_BYTES = 128
"""What an item takes beside its content. More than nothing: one without content makes a message worth sending too."""


class Batches(Generic[_M]):
    """Messages that each take many items, for one writer. A lone item is sent at once."""

    def __init__(self, make: Callable[[], _M], bytes_max: int) -> None:
        """`make` gives an empty message. One takes no more items beyond `bytes_max`, but always a first one."""
        self._make = make
        self._bytes_max = bytes_max
        self._full: deque[_M] = deque()
        self._open = make()
        self._open_bytes = 0
        self._writer: asyncio.Future[None] | None = None
        self._is_closed = False

    def open(self, size: int) -> _M:
        """The message to add an item of about `size` bytes to, at once and without awaiting."""
        if self._open_bytes and self._open_bytes + size > self._bytes_max:
            self._full.append(self._open)
            self._open, self._open_bytes = self._make(), 0
        self._open_bytes += size + _ITEM_BYTES
        self._wake()
        return self._open

    def close(self) -> None:
        """Lets the writer end when it has taken everything."""
        self._is_closed = True
        self._wake()

    async def take(self) -> _M | None:
        """The oldest message with anything in it, waiting for one; None when closed. One writer at a time."""
        while not self._full and not self._open_bytes:
            if self._is_closed:
                return None
            self._writer = asyncio.get_running_loop().create_future()
            try:
                await self._writer
            finally:
                self._writer = None
        if self._full:
            return self._full.popleft()
        taken, self._open, self._open_bytes = self._open, self._make(), 0
        return taken

    def _wake(self) -> None:
        if self._writer is not None and not self._writer.done():
            self._writer.set_result(None)
