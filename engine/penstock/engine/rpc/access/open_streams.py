"""Ends the streams of keys that were revoked or ran out, also those on which nothing is sent."""

from __future__ import annotations

import asyncio
import logging
from time import time_ns
from typing import TYPE_CHECKING

from penstock.engine.domain.errors import PenstockError

if TYPE_CHECKING:
    from penstock.engine.rpc.keys import Keys
    from penstock.wire.service import Caller

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
"""How late a stream may end."""


class OpenStream:
    """One stream, from its begin to its end."""

    __slots__ = ("expire_us", "is_over", "key_id", "waiting")

    def __init__(self, caller: Caller) -> None:
        self.key_id = caller.key_id
        self.expire_us = caller.expire_us
        self.is_over = False
        self.waiting: asyncio.Task[object] | None = None
        """Who waits for its next message; None while the reader has the one before."""

    def wait(self) -> None:
        """Call it before a message is waited for."""
        self.waiting = asyncio.current_task()

    def end(self) -> None:
        """Its reader takes no new message: who does not wait for one asks by himself whether the key is still good."""
        if self.waiting is not None and not self.is_over:
            self.is_over = True
            self.waiting.cancel()

    def was_ended(self) -> bool:
        """Whether a cancellation that has come is that of `end` alone."""
        task = asyncio.current_task()
        return self.is_over and task is not None and task.uncancel() == 0


class OpenStreams:
    """All of one process, looked at together: while there is none, nothing is done."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._open: set[OpenStream] = set()
        self._expiring: set[OpenStream] = set()
        self._mark = b""
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None

    def begin(self, caller: Caller) -> OpenStream:
        stream = OpenStream(caller)
        self._open.add(stream)
        if stream.expire_us is not None:
            self._expiring.add(stream)
        if self._timer is None:
            self._mark = self._keys.mark()
            self._timer = asyncio.get_running_loop().call_later(_LOOK_EVERY_S, self._look)
        return stream

    def finish(self, stream: OpenStream) -> None:
        self._open.discard(stream)
        self._expiring.discard(stream)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_LOOK_EVERY_S, self._look) if self._open else None
        self._end_expired()
        if self._open and self._asking is None and self._mark != (mark := self._keys.mark()):
            self._asking = loop.create_task(self._ask(mark))

    async def _ask(self, mark: bytes) -> None:
        try:
            ends = await self._keys.ends({stream.key_id for stream in self._open})
        except PenstockError as error:
            # It is asked again at the next look.
            log.debug("keys of streams are not known", extra={"action": "stream_keys_unknown", "error": str(error)})
            return
        finally:
            self._asking = None
        self._mark = mark
        for stream in self._open:
            stream.expire_us = ends.get(stream.key_id)
        self._expiring = {stream for stream in self._open if stream.expire_us is not None}
        self._end_expired()

    def _end_expired(self) -> None:
        now_us = time_ns() // 1000
        for stream in self._expiring:
            if stream.expire_us is not None and now_us >= stream.expire_us:
                stream.end()
