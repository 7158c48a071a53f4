"""A TCP connection between a client and a server that a test can cut."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


class Cable:
    """Leads from `address` to `target` (HOST:PORT), which may change; connections that are there stay with the old."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.address = ""
        self.bytes_count = 0
        """How many came from the target."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(is_ready,))
        self._thread.start()
        is_ready.wait()

    def cut(self) -> None:
        """Breaks every connection that is there."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self, is_ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(is_ready))

    async def _serve(self, is_ready: threading.Event) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.address = "{}:{}".format(*server.sockets[0].getsockname())
        is_ready.set()
        await self._end.wait()
        server.close()
        await self._cut()

    async def _cut(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        host, _, port = self.target.rpartition(":")
        writers = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            writers.append(far_writer)
            async with asyncio.TaskGroup() as group:
                group.create_task(_carry(reader, far_writer, lambda size: None))
                group.create_task(_carry(far_reader, writer, self._count))
        except (OSError, asyncio.CancelledError, ExceptionGroup):
            pass  # To those at both ends it is the same: nobody there.
        finally:
            self._tasks.discard(task)
            for each in writers:
                each.transport.abort()

    def _count(self, size: int) -> None:
        self.bytes_count += size


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None]) -> None:
    while data := await reader.read(65536):
        count(len(data))
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()
