"""Frees the event loop from an async node that blocks it.

An `async def` node runs in the engine's own loop; if it calls something that blocks, everybody waits.
A thread notices that the loop does not answer and sends the main thread a signal, whose handler
raises inside the node's code. The node fails, the engine goes on. Nothing is raised while the engine's
own code runs.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

log = logging.getLogger(__name__)

BLOCKED_S_MAX = 5.0
"""How long the loop may be blocked. Long computations belong in a plain `def`, which runs in a thread."""

_SIGNAL = signal.SIGUSR2


class NodeBlocksLoop(BaseException):
    """Raised in the node's code. Not an Exception, so that the node does not catch it by accident."""


class Watchdog:
    """Watches the loop of the main thread. `is_node_code` tells by its file whether a frame is a node's."""

    def __init__(self, is_node_code: Callable[[str], bool], blocked_s_max: float = BLOCKED_S_MAX) -> None:
        self._is_node_code = is_node_code
        self._blocked_s_max = blocked_s_max
        self._loop = asyncio.get_running_loop()
        self._answered = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="penstock-watchdog", daemon=True)

    def start(self) -> None:
        """Does nothing outside the main thread: only there can a signal interrupt the loop."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(_SIGNAL, self._interrupt)
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._blocked_s_max / 2):
            self._answered.clear()
            try:
                self._loop.call_soon_threadsafe(self._answered.set)
            except RuntimeError:
                return
            while not self._answered.wait(self._blocked_s_max):
                if self._stopped.is_set():
                    return
                signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)

    def _interrupt(self, signal_number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if self._is_node_code(frame.f_code.co_filename):
                raise NodeBlocksLoop(
                    f"the node blocked the event loop for {self._blocked_s_max:g} s:"
                    " await what it waits for, or write it as a plain def, which runs in a thread"
                )
            frame = frame.f_back
        log.warning("the event loop is blocked, but not by a node", extra={"action": "loop_blocked"})
