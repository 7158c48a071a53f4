"""`context.last_frame`: what a pipeline that gives the frames of its flow can go on from."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.engine.domain.errors import StoreUnavailable
from penstock.engine.nodes.authoring.reports import Redact, Report
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.attempt import Attempt

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver

_WORD = b"last_frame"
_AGAIN_S = 1.0


class LastFrame:
    """The newest recorded frame of an execution, for one attempt. Read from the node's thread too."""

    __slots__ = ("_decode", "has_begun", "is_gone_on_from", "payload")

    def __init__(self, decode: Callable[[bytes], Any], payload: bytes | None) -> None:
        self._decode = decode
        self.payload = payload
        self.has_begun = False
        """Whether the attempt gave a frame."""
        self.is_gone_on_from = False
        """Whether the code read it before: then it goes on from there and does not give the recorded frames again."""

    def read(self) -> Any | None:
        payload = self.payload
        if payload is None:
            return None
        self.is_gone_on_from = self.is_gone_on_from or not self.has_begun
        return self._decode(payload)


async def last_frame_of(driver: Driver, node: BoundNode) -> LastFrame | None:
    """None when what the node gives is not what the flow gives: nodes behind make frames of it."""
    if node.index != driver.run.graph.terminal:
        return None
    payload = None
    if driver.run.frame_count and _is_read_by(node):
        payload = await _recorded(driver, driver.run.frame_count - 1)
    return LastFrame(node.decode_frame, payload)


async def _recorded(driver: Driver, index: int) -> bytes | None:
    """A frame from the database, however long that is away: it is no fault of the node."""
    while True:
        try:
            return await driver.runtime.executions.frame(driver.execution_id, index)
        except StoreUnavailable:
            await asyncio.sleep(_AGAIN_S)


def _is_read_by(node: BoundNode) -> bool:
    """Whether the node's package has the word in its source: else nothing needs to be fetched."""
    package = getattr(node.function, "__module__", "").partition(".")[0]
    return not package.startswith("penstock_package_") or _has_word(package)


@lru_cache(maxsize=1_000)
def _has_word(package: str) -> bool:
    module = sys.modules.get(package)
    folders = list(getattr(module, "__path__", ()))
    return not folders or any(
        _WORD in file.read_bytes() for folder in folders for file in Path(folder).rglob("*.py") if file.is_file()
    )


class StreamHost:
    """The Host of an attempt that gives the frames of its flow."""

    __slots__ = ("_attempt", "_last")

    def __init__(self, attempt: Attempt, last: LastFrame) -> None:
        self._attempt = attempt
        self._last = last

    @property
    def redact(self) -> Redact | None:
        return self._attempt.redact

    def is_cancelled(self) -> bool:
        return self._attempt.is_cancelled()

    def config(self) -> Mapping[str, Any]:
        return self._attempt.config()

    def secret(self, name: str) -> str:
        return self._attempt.secret(name)

    def signal(self, name: str, type_: type, /) -> Awaitable[Any]:
        return self._attempt.signal(name, type_)

    def report(self, report: Report) -> None:
        self._attempt.report(report)

    def last_frame(self) -> Any | None:
        return self._last.read()
