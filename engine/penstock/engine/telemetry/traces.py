"""Sends a trace of each execution that ended: made of its log, so that nothing is done while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import NamedTuple, Protocol

from penstock.engine.domain import limits
from penstock.engine.domain.errors import NotFound, StoreUnavailable
from penstock.engine.rpc.views.timeline import Timeline
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.records import ExecutionRow
from penstock.engine.telemetry.trace import Place, Trace, place_of, read_traceparent, trace_of
from penstock.wire.metrics import Family, counter

log = logging.getLogger(__name__)


class Exporter(Protocol):
    """Takes traces and sends them on, in a thread of its own."""

    def is_sampled(self, trace_id: int, name: str, caller: Place | None) -> bool:
        """Whether a trace is wanted. `caller` is where the execution was invoked from."""
        ...

    def export(self, trace: Trace) -> None: ...

    def shut_down(self) -> None:
        """Sends what is left; may block for a while."""
        ...


class _Due(NamedTuple):
    execution_id: str
    account: str
    caller: Place | None


class Traces:
    """Of one process, from `start` to `stop`. What has ended and was not read yet is lost with the process."""

    def __init__(self, runtime: Runtime, timeline: Timeline, exporter: Exporter) -> None:
        self._runtime = runtime
        self._timeline = timeline
        self._exporter = exporter
        self._due: deque[_Due] = deque()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._counts = {"sent": 0, "dropped": 0, "failed": 0}

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="traces")

    async def stop(self) -> None:
        """Gives what is due a moment, then lets go."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(limits.TRACES_STOP_S):
                while self._due:
                    await self._read(self._due.popleft())
        except TimeoutError:
            self._counts["dropped"] += len(self._due)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        try:
            await asyncio.wait_for(asyncio.to_thread(self._exporter.shut_down), limits.TRACES_STOP_S)
        except TimeoutError:
            log.warning("traces were not all sent", extra={"action": "traces_left"})

    def ended(self, driver: Driver) -> None:
        """Called when the end of an execution is durable."""
        options = driver.options
        caller = None if options is None else read_traceparent(options.message.traceparent)
        if not self._exporter.is_sampled(int(driver.execution_id, 16), driver.program.artifact.flow, caller):
            return
        if len(self._due) >= limits.TRACES_WAITING_MAX:
            self._counts["dropped"] += 1
            return
        self._due.append(_Due(driver.execution_id, driver.account, caller))
        self._news.set()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._due:
                await self._read(self._due.popleft())

    async def _read(self, due: _Due) -> None:
        try:
            self._exporter.export(await self._trace(due))
            self._counts["sent"] += 1
        except (StoreUnavailable, NotFound) as error:
            self._failed(due, str(error))
        except Exception:
            self._failed(due, "see the trace", is_unexpected=True)

    def _failed(self, due: _Due, error: str, *, is_unexpected: bool = False) -> None:
        self._counts["failed"] += 1
        fields = {"action": "trace_not_made", "execution": due.execution_id, "error": error}
        log.warning("the trace of an execution could not be made", exc_info=is_unexpected, extra=fields)

    async def _trace(self, due: _Due) -> Trace:
        row = await self._runtime.executions.get(due.execution_id, due.account)
        if row is None:
            raise NotFound(f"there is no execution {due.execution_id}")
        program = await self._runtime.catalog.program(due.account, row.graph_id)
        page = await self._timeline.page(due.execution_id, due.account, "", limits.TRACE_SPANS_MAX)
        trace = trace_of(row, program.graph.names, page.spans, _links(row, due.caller))
        if page.next_page_token:
            trace.spans[0].attributes["penstock.is_cut"] = True
        return trace

    def families(self) -> list[Family]:
        traces = counter("penstock_traces", "Traces of executions, by what became of them.")
        for outcome, count in self._counts.items():
            traces.add(count, outcome=outcome)
        return [traces]


def _links(row: ExecutionRow, caller: Place | None) -> list[Place]:
    links = [] if caller is None else [caller]
    if row.parent is not None:
        links.append(place_of(row.parent.execution_id.hex(), row.parent.node))
    return links
