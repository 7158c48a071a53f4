"""Brings what a plain generator gives from its thread to the event loop, each item as soon as it is there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from typing import Any

from penstock.engine.runtime.running.threads import NodeThreads

_AHEAD_MAX = 16
"""Items that wait for the loop before the generator has to: its thread is given back then."""
_CLOSE_S_MAX = 1.0
"""How long a generator's clean-up may keep its thread's place. It goes on after that, for nobody."""


class ThreadStream:
    """One generator, run in one thread at a time. It is closed in a thread too, since its clean-up may block."""

    def __init__(self, threads: NodeThreads, generator: Generator[Any, None, None]) -> None:
        self._threads = threads
        self._generator = generator
        self._loop = asyncio.get_running_loop()
        self._items: deque[Any] = deque()
        self._news = asyncio.Event()
        self._is_told = False
        self._is_closed = False
        self._call: asyncio.Task[bool] | None = None
        self._error: BaseException | None = None

    async def items(self) -> AsyncGenerator[Any, None]:
        """What the generator gives, in order. Raises what it raises, after the items before."""
        while not self._is_closed:
            call = self._call = self._loop.create_task(self._threads.run(self._fill, self._generator))
            call.add_done_callback(lambda _: self._news.set())
            is_done = False
            while not is_done:
                await self._news.wait()
                self._news.clear()
                self._is_told = False
                is_done = call.done()
                while self._items:
                    yield self._items.popleft()
            if self._error is not None:
                raise self._error
            if call.result():
                return

    async def close(self) -> None:
        """Returns when the generator's clean-up has run or takes too long, or at once when it is still running."""
        self._is_closed = True
        if self._call is not None:
            self._call.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S_MAX):
                await self._threads.run(_close, self._generator)

    def _fill(self, generator: Generator[Any, None, None]) -> bool:
        """Runs in the thread until enough items wait; True at the end of the generator."""
        try:
            for item in generator:
                self._items.append(item)
                if self._is_closed:
                    # The loop has given up; nobody else can close it while it is running here.
                    generator.close()
                    return True
                if not self._is_told:
                    self._is_told = True
                    self._loop.call_soon_threadsafe(self._news.set)
                if len(self._items) >= _AHEAD_MAX:
                    return False
        except BaseException as error:  # a node may raise anything, SystemExit included
            self._error = error
        return True


def _close(generator: Generator[Any, None, None]) -> None:
    try:
        generator.close()
    except ValueError:
        # It is running in the thread that was given up, which closes it.
        return
