"""A context for nodes that are called without an engine, as in a package's own tests."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from penstock.engine.nodes.authoring.context import NodeContext, current
from penstock.engine.nodes.authoring.frozen import freeze
from penstock.engine.nodes.authoring.reports import Redact, Report
from penstock.engine.nodes.authoring.secrets import UndeclaredSecret


@dataclass(slots=True)
class Rehearsal:
    """The host of nodes under test. `reports` is what they told, in order; the rest may be changed at any time."""

    node: str
    values: Mapping[str, Any]
    secrets: Mapping[str, str]
    signals: Mapping[str, object]
    frame: Any | None
    cancelled: bool
    reports: list[Report] = field(default_factory=list)
    redact: Redact | None = None

    def is_cancelled(self) -> bool:
        return self.cancelled

    def config(self) -> Mapping[str, Any]:
        return self.values

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            raise UndeclaredSecret(self.node, name)
        return self.secrets[name]

    def signal(self, name: str, type_: type, /) -> Awaitable[Any]:
        return self._signal(name, type_)

    async def _signal(self, name: str, type_: type) -> Any:
        if name not in self.signals:
            raise LookupError(f"the test gives no signal {name}: testing_context(signals={{{name!r}: …}})")
        value = self.signals[name]
        if not isinstance(value, type_):
            raise TypeError(f"signal {name}: expected {type_.__name__}, got {type(value).__name__}")
        return value

    def report(self, report: Report) -> None:
        self.reports.append(report)

    def last_frame(self) -> Any | None:
        return self.frame


@contextmanager
def testing_context(
    node: str = "test",
    *,
    execution_id: str = "0" * 32,
    attempt: int = 1,
    deadline_unix_s: float | None = None,
    item: int = -1,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    signals: Mapping[str, object] | None = None,
    last_frame: Any | None = None,
    cancelled: bool = False,
) -> Iterator[Rehearsal]:
    """Nodes that are called inside the `with` see this context; what they report is in the list `reports`.

    with testing_context(config={"limit": 5}, signals={"approved": Approval("ada")}) as run:
        asyncio.run(charge(order))
    assert run.reports == [Progress(1.0, "charged")]
    """
    host = Rehearsal(node, freeze(dict(config or {})), secrets or {}, signals or {}, last_frame, cancelled)
    token = current.set(NodeContext(execution_id, node, attempt, deadline_unix_s, item, host))
    try:
        yield host
    finally:
        current.reset(token)


# Its name begins with "test", and a test imports it: pytest would take it for one of its own.
testing_context.__test__ = False  # type: ignore[attr-defined]
