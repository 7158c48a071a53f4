"""What SIGTERM and Ctrl-C do to a server."""

from __future__ import annotations

import asyncio
import signal
import sys

from penstock.cli.serving.console import say

_SAME_SIGNAL_S = 0.5
"""Two signals this close are one: some tools signal both the process and its group."""


def listen_for_signals(stop: asyncio.Event) -> None:
    """The first SIGTERM or Ctrl-C drains, the second stops at once."""
    loop = asyncio.get_running_loop()

    first = 0.0

    def stop_or_kill() -> None:
        nonlocal first
        if stop.is_set():
            if loop.time() - first < _SAME_SIGNAL_S:
                return
            say("penstock: stopped at once; what ran goes on after the next start", sys.stderr)
            signal.raise_signal(signal.SIGKILL)
        first = loop.time()
        stop.set()
        say("penstock: stopping, what runs may finish (10 s; once more stops at once)", sys.stderr)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_or_kill)
