"""What a running node can know about its own run.

The runtime sets `current` around each attempt. It is a context variable, so concurrent nodes each see
their own; a thread that a node starts by itself sees none unless it is given the context
(`asyncio.to_thread` and `contextvars.copy_context().run` do so).
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, NamedTuple

_LOGGER = logging.getLogger("penstock.node")


class NoNodeRunning(RuntimeError):
    """The context was asked for something while no node is running."""


class _NodeLog(logging.LoggerAdapter[logging.Logger]):
    """Adds the run's fields to each record. The base class would drop the author's own `extra`."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs


class NodeContext(NamedTuple):
    """One attempt of one placed node.

    `attempt` counts from 1. `deadline_unix_s` is unix time in seconds, None when nothing bounds the attempt.
    """

    execution_id: str
    node: str
    attempt: int = 1
    deadline_unix_s: float | None = None

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this node in this execution: what a charge or an e-mail is sent with."""
        return f"{self.execution_id}/{self.node}"

    @property
    def deadline(self) -> datetime | None:
        """When this attempt is given up, in UTC."""
        return None if self.deadline_unix_s is None else datetime.fromtimestamp(self.deadline_unix_s, UTC)

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        """A logger that marks each record with execution_id, node and attempt."""
        return _NodeLog(_LOGGER, {"execution_id": self.execution_id, "node": self.node, "attempt": self.attempt})


current: ContextVar[NodeContext] = ContextVar("penstock_node_context")


class _Context:
    """The running node's context. Each member but `log` raises NoNodeRunning while none is running.

    Raising is on purpose: an empty idempotency key would be the same key for everybody.
    """

    __slots__ = ()

    @property
    def execution_id(self) -> str:
        return _running().execution_id

    @property
    def node(self) -> str:
        return _running().node

    @property
    def attempt(self) -> int:
        return _running().attempt

    @property
    def idempotency_key(self) -> str:
        return _running().idempotency_key

    @property
    def deadline(self) -> datetime | None:
        return _running().deadline

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        running = current.get(None)
        return _NodeLog(_LOGGER, {}) if running is None else running.log


context = _Context()


def _running() -> NodeContext:
    try:
        return current.get()
    except LookupError:
        raise NoNodeRunning(
            "no node is running in this thread; a test can set one with "
            'penstock.sdk.current.set(NodeContext(execution_id="…", node="…"))'
        ) from None
