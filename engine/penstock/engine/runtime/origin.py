"""What an execution begins with that goes on from another one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from penstock.engine.domain import frontier
from penstock.engine.domain.artifact import Graph, Work
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.fold import fold
from penstock.engine.domain.occurrence import Recovered, RecoveredItems
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NodeStatus

_OUTPUTS = (EventType.NODE_SUCCEEDED, EventType.NODE_RECOVERED)
_DONE = (NodeStatus.SUCCEEDED, NodeStatus.RECOVERED)


@dataclass(frozen=True, slots=True)
class Origin:
    """`children` are the child executions that sub-flows go on from, by node."""

    recovered: tuple[Recovered, ...] = ()
    items: tuple[RecoveredItems, ...] = ()
    children: Mapping[int, str] = field(default_factory=dict)

    def with_output(self, node: int, output: bytes, branch: int) -> Origin:
        """With another output of one of its nodes."""
        changed = tuple(Recovered(node, output, branch) if each.node == node else each for each in self.recovered)
        return replace(self, recovered=changed)


def origin_of(graph: Graph, log: Sequence[Event], within: Collection[int] | None = None) -> Origin:
    """What of an execution need not run again; with `within`, of these nodes alone.

    `log` holds its events without the end. A node that was undone runs again, and so does everything behind one that
    does.
    """
    run = fold(graph, log)
    outputs = {event.node: event for event in log if event.type in _OUTPUTS}
    kept = _kept(run, within)
    recovered = tuple(Recovered(node, outputs[node].payload or b"", outputs[node].branch) for node in sorted(kept))
    if within is not None:
        return Origin(recovered)
    reached = [node for node in range(len(graph.names)) if node not in kept and _is_reached(run, node, kept)]
    return Origin(
        recovered,
        tuple(items for node in reached if (items := _items(graph, log, node)) is not None),
        {node: child for node in reached if (child := _child(graph, log, node))},
    )


def _kept(run: Run, within: Collection[int] | None) -> set[int]:
    graph = run.graph
    # A pipeline gives its frames anew, in an execution of their own.
    stream = frontier.reachable(graph, graph.pipeline)
    kept: set[int] = set()
    for node, status in enumerate(run.node_statuses):
        is_wanted = node not in stream and (within is None or node in within) and _leads_on(run, node)
        if is_wanted and status in _DONE and _is_reached(run, node, kept):
            kept.add(node)
    return kept


def _leads_on(run: Run, node: int) -> bool:
    """Whether some edge behind a node was taken. When none was, only another output makes a difference."""
    branch = -1 if run.branches is None else run.branches.get(node, -1)
    return node == run.graph.terminal or bool(run.graph.taken(node, branch))


def _is_reached(run: Run, node: int, kept: set[int]) -> bool:
    """Whether everything that led to a node is kept."""
    if node == run.graph.entry:
        return True
    before = frontier.sources(run, node)
    return bool(before) and kept.issuperset(before)


def _items(graph: Graph, log: Sequence[Event], node: int) -> RecoveredItems | None:
    if graph.rules[node].work is not Work.MAP:
        return None
    own = [event for event in log if event.node == node]
    counts = [e.detail.item_count for e in own if e.detail is not None and e.detail.item_count >= 0]
    results = {e.frame_index: e.payload or b"" for e in own if e.type is EventType.ITEM_SUCCEEDED}
    return RecoveredItems(node, counts[-1], tuple(sorted(results.items()))) if counts and results else None


def _child(graph: Graph, log: Sequence[Event], node: int) -> str:
    if graph.rules[node].work is not Work.FLOW:
        return ""
    return next((e.detail.child for e in reversed(log) if e.node == node and e.detail and e.detail.child), "")
