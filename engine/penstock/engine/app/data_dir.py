"""The data directory: one server at a time, known by a name that outlives it."""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from pathlib import Path
from typing import IO

from penstock.engine.storage.embedded_process import is_process

_ORPHANS_S = 5.0
"""How long the processes that a killed server had started may take to notice: they hold its lock until they end."""
_LOOK_EVERY_S = 0.01


class DataDirInUse(Exception):
    """Another server works in this data directory."""


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
        give_up = time.monotonic() + _ORPHANS_S
        while not _try_to_lock(lock):
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            if time.monotonic() > give_up or not _is_dead(holder):
                lock.close()
                raise DataDirInUse(f"{self.path} is in use by process {holder}")
            time.sleep(_LOOK_EVERY_S)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        return self._instance()

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock, between `acquire` and `release`."""
        assert self._lock is not None
        return self._lock.fileno()

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


def _try_to_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_dead(holder: str) -> bool:
    return holder.isdigit() and not is_process(int(holder))
