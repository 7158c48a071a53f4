"""Holds a streaming call back while its reader takes nothing."""

from __future__ import annotations

import asyncio


class Credit:
    """Bytes that may be sent before the reader asks for more. The last message may go beyond it."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._waiter: asyncio.Future[None] | None = None

    def grant(self, size: int) -> None:
        self._left += size
        if self._left > 0 and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def spend(self, size: int) -> None:
        """Returns when a message of `size` may be sent. One sender at a time."""
        while self._left <= 0:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._left -= size
