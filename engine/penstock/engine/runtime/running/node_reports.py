"""What nodes tell while they run, on its way to the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from penstock.engine.domain.money import spell
from penstock.engine.domain.occurrence import Reported
from penstock.engine.nodes.authoring.reports import LogLine, Progress, Report
from penstock.engine.runtime.waiters import ignore_outcome
from penstock.wire.gen.event_pb2 import NodeLog, NodeProgress, NodeReport, NodeUsage

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver


class Reports:
    """Keeps those of one execution together until the next step, or the end of this turn of the loop."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._waiting: dict[tuple[int, int], list[bytes]] = {}

    def add(self, node: int, started_us: int, content: bytes) -> None:
        """`started_us` is when the attempt that tells it started."""
        if not self._waiting:
            self._driver.runtime.loop.call_soon(self.keep)
        self._waiting.setdefault((node, started_us), []).append(content)

    def keep(self) -> None:
        """Has what there is recorded; nobody waits for it."""
        waiting, self._waiting = self._waiting, {}
        for (node, started_us), contents in waiting.items():
            occurrence = Reported(node, tuple(contents), started_us)
            self._driver.submit(occurrence).add_done_callback(ignore_outcome)


def encode_report(report: Report, redact: Callable[[str], str] | None) -> bytes:
    """A serialized penstock.v1.NodeReport, without the secrets that the node was given."""
    clean = redact or _same
    if isinstance(report, LogLine):
        message = NodeReport(log=NodeLog(level=report.level, message=clean(report.message)))
    elif isinstance(report, Progress):
        message = NodeReport(progress=NodeProgress(fraction=report.fraction, message=clean(report.message)))
    else:
        usage = NodeUsage(
            provider=clean(report.provider),
            model=clean(report.model),
            input_tokens=report.input_tokens,
            output_tokens=report.output_tokens,
            cost_usd=float(report.cost_usd),
            cached_tokens=report.cached_tokens,
            cost=spell(report.cost_nanos),
        )
        message = NodeReport(usage=usage)
    return message.SerializeToString()


def _same(text: str) -> str:
    return text
