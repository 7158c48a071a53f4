"""An execution's log without the events that its views only count, and the run that it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import Event, implied_start
from penstock.engine.domain.fold import apply
from penstock.engine.domain.run import Run
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.views import Head, Views
from penstock.engine.storage.records import ExecutionRow


@dataclass(frozen=True, slots=True)
class Outline:
    """`events` lack frames, what items of maps gave, and reports; implied starts are put in."""

    program: Program
    events: Sequence[Event]
    run: Run


async def read_outline(runtime: Runtime, views: Views, execution_id: str, account: str) -> Outline:
    """Raises NotFound."""
    row, heads = await read_heads(runtime, views, execution_id, account)
    program = await runtime.catalog.program(row.account, row.graph_id)
    events, run = fold_log(program.graph, heads)
    return Outline(program, events, run)


async def read_heads(
    runtime: Runtime, views: Views, execution_id: str, account: str
) -> tuple[ExecutionRow, list[Head]]:
    """An execution and its log. Raises NotFound."""
    while True:
        row = await followers.get_row(runtime, execution_id, account)
        heads = await views.outline(execution_id)
        if row.start_us is not None or not heads:
            return row, whole_log(row, heads)
        # It found its place between the two reads.


def whole_log(row: ExecutionRow, heads: Sequence[Head]) -> list[Head]:
    """With the events that the execution's row holds."""
    end = row.last_event()
    last = [] if end is None else [Head(end, False)]
    return [*(Head(event, False) for event in row.first_events()), *heads, *last]


def fold_log(graph: Graph, heads: Sequence[Head]) -> tuple[list[Event], Run]:
    """The events with their sequences, and their run, which counts them as if nothing were left out."""
    return with_starts(heads), fold_heads(graph, heads)


def fold_heads(graph: Graph, heads: Iterable[Head]) -> Run:
    run = Run(graph)
    for event, implies_start in heads:
        sequence = run.sequence + 1 + implies_start
        apply(run, event if event.sequence == sequence else event._replace(sequence=sequence))
    return run


def with_starts(heads: Iterable[Head]) -> list[Event]:
    """The events, with the starts that they imply."""
    events: list[Event] = []
    for event, implies_start in heads:
        if implies_start:
            events.append(implied_start(event))
        events.append(event)
    return events
