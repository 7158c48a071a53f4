"""Shows an execution's progress: on a terminal with a line that lives, elsewhere as plain lines."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import cycle
from typing import TextIO

from penstock.cli.runs.follow import Update
from penstock.cli.runs.progress import Narrator
from penstock.cli.table import one_line

_TICK_S = 0.1
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_CLEAR_LINE = "\r\x1b[K"


@asynccontextmanager
async def display(stream: TextIO) -> AsyncIterator[Callable[[Update], None]]:
    """Gives the function that shows one update on `stream`."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield _Plain(stream).show
        return
    live = _Live(stream)
    ticking = asyncio.create_task(live.tick_for_ever())
    try:
        yield live.show
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        stream.write(_CLEAR_LINE)
        stream.flush()


class _Plain:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._narrator = Narrator()

    def show(self, update: Update) -> None:
        for line in self._narrator.tell(update):
            print(one_line(line.text), file=self._stream, flush=True)


class _Live:
    """Ended nodes scroll by; the last line says what runs and for how long."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._narrator = Narrator()
        self._spinner = cycle(_SPINNER)

    def show(self, update: Update) -> None:
        lasting = [one_line(line.text) for line in self._narrator.tell(update) if line.is_lasting]
        self._stream.write("".join(f"{_CLEAR_LINE}{text}\n" for text in lasting))
        self._draw()

    async def tick_for_ever(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(_TICK_S)

    def _draw(self) -> None:
        running = one_line(self._narrator.running(datetime.now(UTC)))
        text = f"{next(self._spinner)} {running}"[: shutil.get_terminal_size().columns - 1] if running else ""
        self._stream.write(_CLEAR_LINE + text)
        self._stream.flush()
