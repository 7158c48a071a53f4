"""What a running node can know and tell about its own run.

The runtime sets `current` around each attempt. It is a context variable, so concurrent nodes each see
their own; a thread that a node starts by itself sees none unless it is given the context
(`asyncio.to_thread` and `contextvars.copy_context().run` do so).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from penstock.engine.nodes.authoring import reports
from penstock.engine.nodes.authoring.log import NodeLog
from penstock.engine.nodes.authoring.reports import Cost, Redact, Report
from penstock.engine.nodes.authoring.secrets import Secrets

_T = TypeVar("_T")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class NoNodeRunning(RuntimeError):
    """The context was asked for something while no node is running."""


class Host(Protocol):
    """What runs the attempt. Made for each attempt that is given one; asked only when the node asks.

    Plain nodes run in threads, so all but `signal` may be called from any thread.
    """

    @property
    def redact(self) -> Redact | None:
        """What takes the attempt's secrets out of a text. None when it was given none."""
        ...

    def is_cancelled(self) -> bool:
        """Whether what the node gives will count for nothing."""
        ...

    def config(self) -> Mapping[str, Any]:
        """The values that were frozen when the execution was accepted. Not to be changed by the node: see `freeze`."""
        ...

    def secret(self, name: str) -> str:
        """Raises UndeclaredSecret, or another KeyError, for one that the node did not declare."""
        ...

    def signal(self, name: str, type_: type, /) -> Awaitable[Any]:
        """The next signal of this name, made by the node's own codec for it. Called in the event loop.

        Raises UndeclaredSignal.
        """
        ...

    def report(self, report: Report) -> None:
        """Keeps it with the execution. Returns at once and never raises."""
        ...

    def last_frame(self) -> Any | None:
        """The newest recorded frame of this execution as the node's class, None before the first."""
        ...


class NodeContext(NamedTuple):
    """One attempt of one placed node.

    `attempt` counts from 1. `deadline_unix_s` is unix time in seconds, None when nothing bounds the attempt.
    `item` is the index of the item of a map, -1 outside of one. Without a `host`, as in a test, reports go nowhere
    and there are no configs, secrets, signals and frames.
    """

    execution_id: str
    node: str
    attempt: int = 1
    deadline_unix_s: float | None = None
    item: int = -1
    host: Host | None = None

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this node, or of this item, in this execution: what a charge is sent with."""
        if self.item < 0:
            return f"{self.execution_id}/{self.node}"
        return f"{self.execution_id}/{self.node}/{self.item}"

    @property
    def deadline(self) -> datetime | None:
        """When this attempt is given up, in UTC."""
        return None if self.deadline_unix_s is None else datetime.fromtimestamp(self.deadline_unix_s, UTC)

    @property
    def cancelled(self) -> bool:
        """Whether the attempt was given up: what it still does counts for nothing."""
        return self.host is not None and self.host.is_cancelled()

    @property
    def config(self) -> Mapping[str, Any]:
        """The values of the config profiles, as they were when the execution was accepted."""
        return _NOTHING if self.host is None else self.host.config()

    @property
    def secrets(self) -> Secrets:
        """The secrets that the node declares, by name. Raises UndeclaredSecret, a KeyError, for others."""
        return Secrets(self.node, None if self.host is None else self.host.secret)

    @property
    def last_frame(self) -> Any | None:
        """The newest recorded frame of this execution, None before the first: where a pipeline may go on."""
        return None if self.host is None else self.host.last_frame()

    @property
    def log(self) -> NodeLog:
        """A logger that marks each record with execution_id, node and attempt, and keeps it with the execution."""
        fields = {"execution_id": self.execution_id, "node": self.node, "attempt": self.attempt}
        return NodeLog(fields, self.host)

    def signal(self, name: str, type_: type[_T], /) -> Awaitable[_T]:
        """The next signal of this name, as `type_`; one that came early is there at once.

        Both are best written out: the loader reads them from the source. Raises RuntimeError in a plain function.
        """
        _require_event_loop(name)
        if self.host is None:
            raise RuntimeError(
                f"no signal {name} can come without an engine; "
                f"a test gives it with testing_context(signals={{{name!r}: …}})"
            )
        return cast("Awaitable[_T]", self.host.signal(name, type_))

    def progress(self, fraction: float, message: str = "") -> None:
        """Tells how far the node is, from 0 to 1. Raises ValueError."""
        report = reports.progress(fraction, message, None if self.host is None else self.host.redact)
        if self.host is not None:
            self.host.report(report)

    def usage(
        self,
        *,
        provider: str,
        model: str,
        input_tokens: int = 0,
        output_tokens: int = 0,
        cached_tokens: int = 0,
        cost_usd: Cost = 0,
    ) -> None:
        """Tells what a call of a paid service took; reports of one provider and model add up. Raises ValueError.

        `cached_tokens` are those of the `input_tokens` that the provider had in its cache. A cost is exact as text or
        Decimal, to the nano of a dollar.
        """
        redact = None if self.host is None else self.host.redact
        report = reports.usage(provider, model, input_tokens, output_tokens, cached_tokens, cost_usd, redact)
        if self.host is not None:
            self.host.report(report)


current: ContextVar[NodeContext] = ContextVar("penstock_node_context")


class _Context:
    """The running node's context: see NodeContext. Each member but `log` raises NoNodeRunning while none is running.

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
    def cancelled(self) -> bool:
        return _running().cancelled

    @property
    def config(self) -> Mapping[str, Any]:
        return _running().config

    @property
    def secrets(self) -> Secrets:
        return _running().secrets

    @property
    def last_frame(self) -> Any | None:
        return _running().last_frame

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        running = current.get(None)
        return NodeLog({}, None) if running is None else running.log

    def signal(self, name: str, type_: type[_T], /) -> Awaitable[_T]:
        return _running().signal(name, type_)

    def progress(self, fraction: float, message: str = "") -> None:
        _running().progress(fraction, message)

    def usage(
        self,
        *,
        provider: str,
        model: str,
        input_tokens: int = 0,
        output_tokens: int = 0,
        cached_tokens: int = 0,
        cost_usd: Cost = 0,
    ) -> None:
        _running().usage(
            provider=provider,
            model=model,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cached_tokens=cached_tokens,
            cost_usd=cost_usd,
        )


context = _Context()


def _running() -> NodeContext:
    try:
        return current.get()
    except LookupError:
        raise NoNodeRunning(
            "no node is running in this thread; a test can set one with penstock.sdk.testing_context()"
        ) from None


def _require_event_loop(name: str) -> None:
    # Imported here: a package's own tests start without it, and a node that waits has it.
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            f"the signal {name} cannot be waited for in a plain function; declare the node with async def"
        ) from None
