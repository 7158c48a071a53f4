"""Does what other processes ask of this one: cancels of executions that it drives."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import PenstockError, StoreUnavailable
from penstock.engine.storage.postgres.commands import Commands

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

_RECONNECT_S = 2.0


class CommandListener:
    """Listens from `start` on; `look` finds what no notification told of."""

    def __init__(self, runtime: Runtime, commands: Commands) -> None:
        self._runtime = runtime
        self._commands = commands

    def start(self) -> None:
        self._runtime.background(self._listen())

    async def look(self) -> None:
        """Cancels what this process is asked to cancel."""
        for execution_id, account, reason in await self._commands.take(self._runtime.keeper.lease):
            driver = self._runtime.driver(execution_id, account)
            if driver is None:
                # Taken over and not resumed yet.
                await self._commands.put_back(execution_id, reason)
                continue
            try:
                await driver.cancel(reason)
            except PenstockError as error:
                log.info("a cancel came too late", extra={"action": "cancel_too_late", "error": str(error)})

    async def ask_for_cancel(self, execution_id: str, reason: str) -> None:
        """Asks whichever process drives the execution."""
        await self._commands.ask_for_cancel(execution_id, reason)

    async def _listen(self) -> None:
        while True:
            try:
                async for _ in self._commands.notifications():
                    await self.look()
            except StoreUnavailable as error:
                log.warning("commands are not heard", extra={"action": "listen_lost", "error": str(error)})
            await asyncio.sleep(_RECONNECT_S)
