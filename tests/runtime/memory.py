"""An engine without a database: the real runtime, whose journal writes into dictionaries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from penstock.engine.domain.artifact import Graph, Mode
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.clock import SystemClock
from penstock.engine.runtime.program import BoundNode
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.journal import Entry, Journal
from penstock.engine.storage.records import END_STATUS, ExecutionRow, Lease

ACCOUNT = "default"
LEASE = Lease(UUID(int=1), 1)
NEXT_LEASE = Lease(UUID(int=2), 1)


@dataclass(slots=True)
class MemoryStore:
    """What the journal writes and the runtime reads, as the tables hold it. `gate` holds writes back while clear."""

    rows: dict[str, ExecutionRow] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)
    stored: dict[str, list[Event]] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    group_sizes: list[int] = field(default_factory=list)
    """Number of events of each group that was written."""
    after_events: Callable[[], None] | None = None
    """Called once after the next read of events."""

    def __post_init__(self) -> None:
        self.gate.set()

    async def write(self, entries: Sequence[Entry], lease: Lease, *, again: bool = False) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.group_sizes.append(sum(len(entry.events) for entry in entries))
        for entry in entries:
            self.put(entry, lease)

    def put(self, entry: Entry, lease: Lease = LEASE) -> None:
        execution_id = entry.execution_id.hex()
        if entry.acceptance is not None:
            self._accept(execution_id, entry, lease)
            return
        for event in entry.events:
            if event.type in TERMINAL_EVENTS:
                self._end(execution_id, event)
            elif event.type is EventType.EXECUTION_STARTED:
                self.rows[execution_id] = replace(
                    self.rows[execution_id], status=ExecutionStatus.RUNNING, start_us=event.time_us
                )
            else:
                self.stored[execution_id].append(event)

    def _accept(self, execution_id: str, entry: Entry, lease: Lease) -> None:
        acceptance, events = entry.acceptance, entry.events
        assert acceptance is not None
        self.stored[execution_id] = []
        self.inputs[execution_id] = acceptance.input
        self.rows[execution_id] = ExecutionRow(
            execution_id=execution_id,
            account=acceptance.account,
            flow=acceptance.flow,
            graph_id=acceptance.graph_id,
            version=acceptance.version,
            mode=acceptance.mode,
            status=ExecutionStatus(len(events)),
            lease_id=lease.lease_id,
            create_us=events[0].time_us,
            start_us=events[1].time_us if len(events) > 1 else None,
            complete_us=None,
            last_sequence=len(events),
            attempt_count=0,
            failure=None,
            cancel_reason=None,
            labels={},
        )

    def _end(self, execution_id: str, event: Event) -> None:
        self.rows[execution_id] = replace(
            self.rows[execution_id],
            status=END_STATUS[event.type],
            complete_us=event.time_us,
            last_sequence=event.sequence,
            attempt_count=event.attempt,
            failure=event.failure,
            cancel_reason=event.reason,
        )

    # What the runtime reads: see storage/postgres/executions.py.

    async def get(self, execution_id: str, account: str) -> ExecutionRow | None:
        await asyncio.sleep(0)
        row = self.rows.get(execution_id)
        return row if row is not None and row.account == account else None

    async def events(self, execution_id: str, after: int, count_max: int) -> tuple[list[Event], bool]:
        await asyncio.sleep(0)
        found = [event for event in self.stored[execution_id] if event.sequence > after][:count_max]
        if self.after_events is not None:
            then, self.after_events = self.after_events, None
            then()
        return found, len(found) < count_max

    async def logs(self, execution_ids: Sequence[str]) -> dict[str, list[Event]]:
        await asyncio.sleep(0)
        return {execution_id: list(self.stored[execution_id]) for execution_id in execution_ids}


class Chain:
    """A program of async functions from bytes to bytes, one after the other; stands in for `Program`."""

    def __init__(self, *functions: Callable[[bytes], Any], timeout_s: float = 60) -> None:
        names = tuple(f"node{index}" for index in range(len(functions)))
        last = len(functions) - 1
        self.graph = Graph(names, tuple((i + 1,) if i < last else () for i in range(len(names))), 0, last, Mode.UNARY)
        self.mode = Mode.UNARY
        self.artifact = SimpleNamespace(flow="chain", graph_id="01J00000000000000000000000", version=1)
        self.nodes = tuple(
            BoundNode(index, name, False, True, int(timeout_s * 1e6), function, bytes, bytes)
            for index, (name, function) in enumerate(zip(names, functions, strict=True))
        )

    def route(self, node: int, output: bytes, run_input: bytes) -> tuple[int, bytes]:
        return (node + 1, output) if node < self.graph.terminal else (-1, b"")

    def hand_on(self, node: int, target: int, output: bytes, run_input: bytes) -> bytes:
        return output


class Spring(Chain):
    """A program of one pipeline: an async generator of bytes."""

    def __init__(self, function: Callable[[bytes], Any], timeout_s: float = 60) -> None:
        super().__init__(function, timeout_s=timeout_s)
        self.mode = Mode.PIPELINE
        self.graph = replace(self.graph, names=("source",), mode=Mode.PIPELINE, pipeline=0)
        self.nodes = (replace(self.nodes[0], name="source", is_pipeline=True),)


def make_runtime(store: MemoryStore) -> Runtime:
    """A runtime whose journal runs and which takes nothing over by itself."""
    nothing: Any = None
    reads: Any = store
    runtime = Runtime(nothing, Journal(store), nothing, SystemClock(), Path("/packages"), "test")
    runtime.executions = reads
    runtime.keeper._lease = LEASE
    runtime.journal.start(LEASE)
    return runtime


async def begin(runtime: Runtime, program: Chain, run_input: bytes = b"") -> Any:
    """The driver of a new execution whose acceptance is durable."""
    chain: Any = program
    driver = runtime.intake.prepare(chain, ACCOUNT, run_input)
    await runtime.intake.accept(driver, b"{}")
    return driver


async def turn(count: int = 10) -> None:
    """Lets everything run that is ready; no timer comes due."""
    for _ in range(count):
        await asyncio.sleep(0)
