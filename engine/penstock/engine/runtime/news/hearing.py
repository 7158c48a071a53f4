"""Listens to what other processes tell, for everything in this one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.storage.postgres.notices import Notices

if TYPE_CHECKING:
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

_RECONNECT_S = 2.0

Heard = Callable[[str], None]
"""Gets what was told; "" as soon as this process listens, again after it could not for a while."""


class Hearing:
    """One connection for all channels. What is to be heard is known before `start`."""

    def __init__(self, runtime: Runtime, notices: Notices) -> None:
        self._runtime = runtime
        self._notices = notices
        self._heard: dict[str, Heard] = {}

    def on(self, channel: str, heard: Heard) -> None:
        self._heard[channel] = heard

    def start(self) -> None:
        self._runtime.background(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                async for notice in self._notices.heard(self._heard):
                    if notice.channel:
                        self._heard[notice.channel](notice.text)
                    else:
                        for heard in self._heard.values():
                            heard("")
            except StoreUnavailable as error:
                log.warning("other processes are not heard", extra={"action": "listen_lost", "error": str(error)})
            except Exception:
                log.exception("other processes are not heard", extra={"action": "listen_broke"})
            await asyncio.sleep(_RECONNECT_S)
