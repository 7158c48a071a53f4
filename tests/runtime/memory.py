"""An engine without a database: the real runtime, whose journal writes into dictionaries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from penstock.engine.domain.artifact import Graph, Mode, Rules, Work
from penstock.engine.domain.event import STATUS_EVENTS, TERMINAL_EVENTS, Event, EventType
from penstock.engine.domain.frontier import sources
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.clock import SystemClock
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.tallies import Tallies
from penstock.engine.storage.journal import Entry, Journal
from penstock.engine.storage.postgres.journal_rows import status_after
from penstock.engine.storage.records import END_STATUS, ExecutionRow, Lease
from penstock.engine.storage.sealing import Sealer

ACCOUNT = "default"
CONCURRENCY = 3
"""Items of a map that run at once."""
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
                self._record(execution_id, event)

    def _record(self, execution_id: str, event: Event) -> None:
        self.stored[execution_id].append(event)
        status = STATUS_EVENTS.get(event.type)
        if status is not None:
            self.rows[execution_id] = replace(self.rows[execution_id], status=status)

    def _accept(self, execution_id: str, entry: Entry, lease: Lease) -> None:
        acceptance, events = entry.acceptance, entry.events
        assert acceptance is not None
        self.stored[execution_id] = list(events[2:])
        self.inputs[execution_id] = acceptance.input
        self.rows[execution_id] = ExecutionRow(
            execution_id=execution_id,
            account=acceptance.account,
            flow=acceptance.flow,
            graph_id=acceptance.graph_id,
            version=acceptance.version,
            mode=acceptance.mode,
            status=ExecutionStatus(status_after(events)),
            lease_id=lease.lease_id,
            create_us=events[0].time_us,
            start_us=events[1].time_us if len(events) > 1 else None,
            complete_us=None,
            last_sequence=events[-1].sequence,
            attempt_count=0,
            failure=None,
            cancel_reason=None,
            labels={},
            options=acceptance.options,
            parent=acceptance.parent,
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

    async def frame(self, execution_id: str, index: int) -> bytes | None:
        await asyncio.sleep(0)
        stored = self.stored[execution_id]
        found = [e.payload for e in stored if e.type is EventType.FRAME_EMITTED and e.frame_index == index]
        return found[-1] if found else None

    async def checkpoint(self, execution_id: str, node: int) -> Event | None:
        await asyncio.sleep(0)
        kind = EventType.NODE_SUCCEEDED
        return next((e for e in self.stored[execution_id] if e.type is kind and e.node == node), None)

    async def opened_input(self, execution_id: str, kept: bytes) -> bytes:
        await asyncio.sleep(0)
        return kept

    async def logs(self, execution_ids: Sequence[str]) -> dict[str, list[Event]]:
        await asyncio.sleep(0)
        return {execution_id: list(self.stored[execution_id]) for execution_id in execution_ids}


async def nothing(message: bytes) -> bytes:
    return message


class Flow:
    """A program of nodes from bytes to bytes; stands in for `Program`. What a gate gives is what came to it, joined."""

    searched_input = searched_output = None
    data_key = sealing_problem = None

    def __init__(self, graph: Graph, functions: Sequence[Callable[[bytes], Any]], timeout_s: float = 60) -> None:
        """`functions` by node; those of nodes that run no code are never called."""
        self.graph = graph
        self.mode = graph.mode
        self.tally = Tallies().of("chain", graph.names)
        shared: dict[str, Any] = {"map": SimpleNamespace(max_concurrency=CONCURRENCY), "flow": "child"}
        plan = SimpleNamespace(nodes=[SimpleNamespace(name=name, **shared) for name in graph.names])
        self.artifact = SimpleNamespace(flow="chain", graph_id="01J00000000000000000000000", version=1, plan=plan)
        self.nodes = tuple(
            BoundNode(
                index=index,
                name=name,
                work=rules.work,
                is_pipeline=index == graph.pipeline,
                is_async=True,
                timeout_us=int(timeout_s * 1e6),
                function=function,
                decode=bytes,
                encode=bytes,
                is_plain=rules.work is Work.FUNCTION and index != graph.pipeline,
            )
            for index, (name, rules, function) in enumerate(zip(graph.names, graph.rules, functions, strict=True))
        )

    def sealing_key(self) -> None:
        return None

    def route(self, node: int, output: bytes, run_input: bytes) -> tuple[int, bytes | None]:
        straight = self.graph.straight[node]
        return (straight, output) if straight >= 0 else (-1, None)

    def message(self, node: int, run: Run, run_input: bytes) -> bytes:
        return run_input if node == self.graph.entry else self.join(node, run, run_input)

    def join(self, node: int, run: Run, run_input: bytes) -> bytes:
        checkpoints = [run.outputs[source] for source in sources(run, node)]
        return b"".join(checkpoint.payload or b"" for checkpoint in checkpoints if checkpoint is not None)

    def items(self, node: int, message: bytes, run_input: bytes) -> list[bytes]:
        """A map runs over the bytes."""
        return [bytes([one]) for one in message]

    def collect(self, node: int, results: Mapping[int, bytes]) -> bytes:
        return b"".join(results[item] for item in sorted(results))


class Chain(Flow):
    """Async functions, one after the other."""

    def __init__(self, *functions: Callable[[bytes], Any], timeout_s: float = 60, rules: Sequence[Rules] = ()) -> None:
        names = tuple(f"node{index}" for index in range(len(functions)))
        last = len(functions) - 1
        successors = tuple((index + 1,) if index < last else () for index in range(len(names)))
        super().__init__(Graph(names, successors, 0, last, Mode.UNARY, rules=tuple(rules)), functions, timeout_s)


class Spring(Flow):
    """A program of one pipeline: an async generator of bytes."""

    def __init__(self, function: Callable[[bytes], Any], timeout_s: float = 60) -> None:
        super().__init__(Graph(("source",), ((),), 0, 0, Mode.PIPELINE, pipeline=0), [function], timeout_s)


def make_runtime(store: MemoryStore) -> Runtime:
    """A runtime whose journal runs and which takes nothing over by itself."""
    nobody: Any = None
    reads: Any = store
    runtime = Runtime(nobody, Journal(store), nobody, SystemClock(), Path("/packages"), "test", Sealer(nobody))
    runtime.executions = reads
    runtime.keeper._lease = LEASE
    runtime.journal.start(LEASE)
    return runtime


async def begin(runtime: Runtime, program: Flow, run_input: bytes = b"") -> Any:
    """The driver of a new execution whose acceptance is durable."""
    chain: Any = program
    driver = runtime.intake.prepare(chain, ACCOUNT, run_input)
    await runtime.intake.accept(driver, b"{}")
    return driver


async def turn(count: int = 10) -> None:
    """Lets everything run that is ready; no timer comes due."""
    for _ in range(count):
        await asyncio.sleep(0)
