"""How a process ends that has run nodes."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """Ends the process without waiting for what nodes have left in it.

    Everything is stopped and durable. asyncio and Python would wait for ever for tasks that ignore a cancel and
    for threads that do not come back: those of asyncio.to_thread and those that a node started by itself.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
