"""Keeps executions in a folder before they are removed: each as an export, compressed."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO
from urllib.parse import quote
from uuid import uuid4

from penstock.engine.storage.postgres.retention import Subject

Export = Callable[[str, str], AsyncGenerator[bytes, None]]
"""Id and account of an execution -> its document, piece by piece."""

_WRITE_BYTES = 1024 * 1024
"""What is collected before a thread compresses it: most executions take one turn."""
_NAME_LENGTH_MAX = 200
"""Of a folder: file systems take no name beyond 255 bytes."""


class Archive:
    """Files <account>/<day of the end>/<flow>/<execution id>.json.gz. Never changed: an execution that ended is not."""

    def __init__(self, folder: Path, export: Export) -> None:
        self._folder = folder
        self._export = export

    async def keep(self, subject: Subject, on_progress: Callable[[], Awaitable[object]]) -> None:
        """Returns when the file is durable. `on_progress` is called now and then.

        A file that is there stays: whoever wrote it may have removed a part of the execution since. Raises OSError, and
        what the export raises.
        """
        file = self.file(subject)
        if file.exists():
            return
        draft = await asyncio.to_thread(_Draft, file)
        try:
            collected = bytearray()
            async with aclosing(self._export(subject.execution_id, subject.account)) as pieces:
                async for piece in pieces:
                    collected += piece
                    if len(collected) >= _WRITE_BYTES:
                        await asyncio.to_thread(draft.write, bytes(collected))
                        collected.clear()
                        await on_progress()
            await asyncio.to_thread(draft.publish, bytes(collected))
        except BaseException:
            # At once, without a thread: the process may be about to stop.
            draft.discard()
            raise

    def file(self, subject: Subject) -> Path:
        day = datetime.fromtimestamp(subject.end_us // 1_000_000, UTC).date().isoformat()
        name = f"{subject.execution_id}.json.gz"
        return self._folder / _folder_name(subject.account) / day / _folder_name(subject.flow) / name


class _Draft:
    """A file that nobody sees before it is whole. Only its owner may read it: it holds what flowed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        if not file.parent.is_dir():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in file.parents[1:4]:
                _sync(folder)
        for left_behind in file.parent.glob(f".{file.name}.*"):
            left_behind.unlink(missing_ok=True)
        self._path = file.with_name(f".{file.name}.{uuid4().hex}")
        self._raw: IO[bytes] = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        # Without a time: the same execution gives the same bytes.
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, mtime=0)

    def write(self, data: bytes) -> None:
        self._packed.write(data)

    def publish(self, rest: bytes) -> None:
        self._packed.write(rest)
        self._packed.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        self._path.rename(self._file)
        _sync(self._file.parent)

    def discard(self) -> None:
        for end in (self._packed.close, self._raw.close, self._path.unlink):
            # A full disk refuses what was not written yet as well.
            with contextlib.suppress(OSError, ValueError):
                end()


def _sync(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folder_name(text: str) -> str:
    """A name that means nothing to a file system, and another one for each text."""
    name = quote(text, safe="").replace(".", "%2E")
    if len(name) <= _NAME_LENGTH_MAX:
        return name
    return f"{name[: _NAME_LENGTH_MAX // 2]}.{sha256(text.encode()).hexdigest()}"
