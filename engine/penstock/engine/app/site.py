"""What the engine processes of one data directory work on: its lock, and a database that is up to date."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from penstock.engine.app.data_dir import DataDir
from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.postgres.migrate import migrate


class Site:
    """Held by one process from `open` to `close`, for itself or for the processes that it starts."""

    def __init__(self, data_dir: Path, database_url: str | None) -> None:
        """`database_url` None means the embedded Postgres, which then runs as long as the site is open."""
        self._data_dir = DataDir(data_dir)
        self._given_url = database_url
        self._stack = AsyncExitStack()
        self.database_url: str
        self.instance: str

    async def open(self) -> None:
        """Raises DataDirInUse, StoreUnavailable, OSError; what was begun is undone then."""
        async with AsyncExitStack() as stack:
            self.instance = self._data_dir.acquire()
            stack.callback(self._data_dir.release)
            self.database_url = await self._start_postgres(stack) if self._given_url is None else self._given_url
            await migrate(self.database_url)
            self._stack = stack.pop_all()

    async def _start_postgres(self, stack: AsyncExitStack) -> str:
        postgres = EmbeddedPostgres(self._data_dir.path)
        url = await postgres.start()
        stack.push_async_callback(postgres.stop)
        return url

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock: a process that inherits it holds the lock as well."""
        return self._data_dir.lock

    async def close(self) -> None:
        await self._stack.aclose()
