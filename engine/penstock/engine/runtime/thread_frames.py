"""Brings the frames of a plain generator from its thread to the event loop, each as soon as it is there."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from typing import Any

from penstock.engine.runtime.threads import NodeThreads

_AHEAD_MAX = 64
"""Frames that the generator may be ahead of the loop."""


class ThreadFrames:
    """One generator and its thread. The generator is closed in its thread, whatever that takes."""

    def __init__(self, threads: NodeThreads, generator: Iterator[Any]) -> None:
        self._threads = threads
        self._generator = generator
        self._loop = asyncio.get_running_loop()
        self._frames: deque[Any] = deque()
        self._room = threading.Semaphore(_AHEAD_MAX)
        self._news = asyncio.Event()
        self._is_told = False
        self._is_closed = False

    async def read(self) -> AsyncGenerator[Any, None]:
        """The frames in order. Raises what the generator raises, after the frames before it."""
        run = self._loop.create_task(self._threads.run(self._run, None))
        run.add_done_callback(lambda _: self._news.set())
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                self._is_told = False
                is_over = run.done()
                while self._frames:
                    frame = self._frames.popleft()
                    self._room.release()
                    yield frame
                if is_over:
                    run.result()
                    return
        finally:
            self._is_closed = True
            self._room.release()
            # Gives the thread up if it still runs: nobody waits for what the generator does at its end.
            run.cancel()

    def _run(self, _: None) -> None:
        """In the thread."""
        try:
            for frame in self._generator:
                self._room.acquire()
                if self._is_closed:
                    return
                self._frames.append(frame)
                if not self._is_told:
                    self._is_told = True
                    self._loop.call_soon_threadsafe(self._news.set)
        finally:
            close = getattr(self._generator, "close", None)
            if close is not None:
                close()
