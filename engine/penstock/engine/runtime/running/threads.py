"""Threads for plain functions, so that a blocking node never blocks the engine.

A thread cannot be interrupted. When its caller gives up (timeout, cancel) the thread is left to
itself and its place goes to a new one, so that functions that hang do not use the pool up. The
standard pool has neither: it keeps the place, and joins its threads at exit.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from penstock.engine.domain import limits


class _Call:
    __slots__ = ("argument", "context", "function", "is_abandoned", "is_delivered", "result")

    def __init__(self, function: Callable[[Any], Any], argument: Any, result: asyncio.Future[Any]) -> None:
        self.function = function
        self.argument = argument
        self.result = result
        self.is_abandoned = False
        self.is_delivered = False
        self.context = contextvars.copy_context()


class NodeThreads:
    """At most `size_max` calls at once, not counting those that were given up; more wait in order."""

    def __init__(self, size_max: int = limits.THREADS_MAX) -> None:
        self._size_max = size_max
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Call] = deque()
        self._idle: list[_Worker] = []
        self._busy_count = 0

    async def run(self, function: Callable[[Any], Any], argument: Any) -> Any:
        """The function's result, from another thread, in the caller's context. Raises what it raises."""
        result: asyncio.Future[Any] = self._loop.create_future()
        call = _Call(function, argument, result)
        self._give_worker(call)
        try:
            return await result
        except asyncio.CancelledError:
            self._give_up(call)
            raise

    @property
    def busy_count(self) -> int:
        return self._busy_count

    def waiting(self) -> list[contextvars.Context]:
        """Where the calls that wait for a thread come from, the next one first."""
        return [call.context for call in self._waiting]

    def close(self) -> None:
        """Lets idle threads end; the others are daemons and end with the process."""
        for worker in self._idle:
            worker.hand(None)
        self._idle.clear()

    def _give_worker(self, call: _Call) -> None:
        if self._busy_count >= self._size_max:
            self._waiting.append(call)
            return
        self._busy_count += 1
        worker = self._idle.pop() if self._idle else _Worker(self._finished)
        worker.hand(call)

    def _give_up(self, call: _Call) -> None:
        """Frees the place of a call whose thread, if it has one, goes on for nobody."""
        if call in self._waiting:
            self._waiting.remove(call)
        elif not call.is_delivered:
            call.is_abandoned = True
            self._free_place()

    def _free_place(self) -> None:
        self._busy_count -= 1
        if self._waiting:
            self._give_worker(self._waiting.popleft())

    def _finished(self, worker: _Worker, call: _Call, value: Any, error: BaseException | None) -> None:
        """Called in the worker's thread."""
        try:
            self._loop.call_soon_threadsafe(self._deliver, worker, call, value, error)
        except RuntimeError:
            # The loop is closed: the process is about to end.
            worker.hand(None)

    def _deliver(self, worker: _Worker, call: _Call, value: Any, error: BaseException | None) -> None:
        self._idle.append(worker)
        call.is_delivered = True
        if not call.is_abandoned:
            self._free_place()
        if call.result.done():
            return
        if error is None:
            call.result.set_result(value)
        elif isinstance(error, StopIteration):
            call.result.set_exception(RuntimeError("the function raised StopIteration"))
        else:
            call.result.set_exception(error)


class _Worker:
    """One thread that takes one call at a time."""

    def __init__(self, finished: Callable[[_Worker, _Call, Any, BaseException | None], None]) -> None:
        self._finished = finished
        self._call: _Call | None = None
        self._ready = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name="penstock-node", daemon=True)
        self._thread.start()

    def hand(self, call: _Call | None) -> None:
        """Gives it a call, or None to end it."""
        self._call = call
        self._ready.release()

    def _run(self) -> None:
        while True:
            self._ready.acquire()
            call, self._call = self._call, None
            if call is None:
                return
            value, error = None, None
            try:
                value = call.context.run(call.function, call.argument)
            except BaseException as raised:  # a node may raise anything, SystemExit included
                error = raised
            self._finished(self, call, value, error)
            del call, value, error
