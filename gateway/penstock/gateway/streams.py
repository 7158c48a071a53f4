"""Keeps the open event streams together, so that a stop can end them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from penstock.gateway import limits
from penstock.wire.status import Code, RpcError


class OpenStreams:
    """The streams that are being sent. aiohttp would wait for them at a stop for as long as it waits for anything."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._of_keys: Counter[str] = Counter()

    @property
    def count(self) -> int:
        return len(self._tasks)

    async def run(
        self, response: web.StreamResponse, send: Callable[[], Awaitable[None]], key_id: str
    ) -> web.StreamResponse:
        """Runs `send`, which sends `response` to the bearer of a key, to its end or to the stop; gives `response`.

        Raises RpcError UNAVAILABLE when the stop comes before `response` was begun, RESOURCE_EXHAUSTED when that key
        has too many open already.
        """
        if self._stopping:
            raise _stopping()
        if self._of_keys.get(key_id, 0) >= limits.KEY_STREAMS_MAX:
            problem = f"the key has {limits.KEY_STREAMS_MAX:,} streams open in this process: end some"
            raise RpcError(Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS", problem)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._of_keys[key_id] += 1
        try:
            await send()
        except asyncio.CancelledError:
            # A stop and a caller that went away both cancel; only after a stop somebody waits for an end.
            if not self._stopping:
                raise
            task.uncancel()
            if not response.prepared:
                raise _stopping() from None
        finally:
            self._tasks.discard(task)
            self._of_keys[key_id] -= 1
            if not self._of_keys[key_id]:
                del self._of_keys[key_id]
        return response

    def stop(self) -> None:
        """Ends every stream after the event it is at and refuses new ones. Callers resume where they were."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()


def _stopping() -> RpcError:
    return RpcError(Code.UNAVAILABLE, "STOPPING", "the server is stopping; try again")
