"""Tells the processes of one data directory that names stand for something else now: a mark in shared memory."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

_MARK_BYTES = 16


class Bulletin:
    """A mark that differs after each change, whichever process made it.

    A notification of the database would come a moment after the answer to whoever made the change, and that
    caller's next request may go to any process. Here it is seen from the next look on, and a look costs nothing.
    """

    def __init__(self, file: Path) -> None:
        """`file` is made at the first use; what is in it says nothing."""
        self._file = file
        self._memory: mmap.mmap | None = None

    def mark(self) -> bytes:
        """Look at it before reading what it stands for."""
        return (self._memory or self._open())[:]

    def change(self) -> None:
        """Call it when the change is durable, before anybody hears of it."""
        # Random, so that two processes that change it at once need not take turns.
        (self._memory or self._open())[:] = os.urandom(_MARK_BYTES)

    def _open(self) -> mmap.mmap:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            os.ftruncate(descriptor, _MARK_BYTES)
            self._memory = mmap.mmap(descriptor, _MARK_BYTES)
        finally:
            os.close(descriptor)
        return self._memory
