"""The data directory: one engine process at a time, known by a name that outlives it."""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path
from typing import IO


class DataDirInUse(Exception):
    """Another engine process works in this data directory."""


class DataDir:
    """Holds the directory's lock until `release` or the end of the process, kill -9 included."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    def acquire(self) -> str:
        """Locks the directory and gives its instance name. Raises DataDirInUse.

        Who holds the lock knows that every earlier process of this instance is dead.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = (self.path / "engine.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise DataDirInUse(f"{self.path} is in use by process {holder}") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        return self._instance()

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _instance(self) -> str:
        file = self.path / "instance"
        if not file.exists():
            draft = file.with_suffix(".new")
            draft.write_text(uuid.uuid4().hex)
            draft.rename(file)
        return file.read_text().strip()
