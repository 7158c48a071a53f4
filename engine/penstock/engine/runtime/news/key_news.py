"""Tells every process that keys changed: those of this data directory at once, others by a notification."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.storage.postgres.notices import Notices

if TYPE_CHECKING:
    from penstock.engine.runtime.news.hearing import Hearing
    from penstock.engine.runtime.runtime import Runtime

log = logging.getLogger(__name__)

_CHANNEL = "penstock_keys"


class KeyNews:
    """What is known of keys holds as long as `mark` stays the same."""

    def __init__(self, runtime: Runtime, notices: Notices | None, file: Path) -> None:
        """`notices` None stands for a process that is alone. `file` is shared by those of a data directory."""
        self._runtime = runtime
        self._notices = notices
        self._bulletin = Bulletin(file)

    def mark(self) -> bytes:
        return self._bulletin.mark()

    def changed(self) -> None:
        """Call it when a change is durable, before anybody hears of it."""
        self._bulletin.change()
        if self._notices is not None:
            self._runtime.background(self._tell(self._notices))

    def listen(self, hearing: Hearing) -> None:
        # Also when it could not hear for a while: something may have changed meanwhile.
        hearing.on(_CHANNEL, lambda _: self._bulletin.change())

    async def _tell(self, notices: Notices) -> None:
        try:
            await notices.send(_CHANNEL, ["changed"])
        except StoreUnavailable as error:
            # Others find it out when they look again, within seconds.
            log.warning("others are not told", extra={"action": "notice_lost", "error": str(error)})
