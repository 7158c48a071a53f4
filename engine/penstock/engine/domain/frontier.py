"""Which nodes can still run."""

from __future__ import annotations

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NodeStatus


def reachable(graph: Graph, node: int) -> frozenset[int]:
    """`node` and every node behind it; empty for -1."""
    seen: set[int] = set()
    ahead = [node] if node >= 0 else []
    while ahead:
        here = ahead.pop()
        if here not in seen:
            seen.add(here)
            ahead.extend(graph.successors[here])
    return frozenset(seen)


def node_statuses(run: Run) -> tuple[NodeStatus, ...]:
    """Status of each node, those that can no longer be reached as SKIPPED.

    Skipping is not recorded: it follows from the branches that were taken and from the end of the
    execution.
    """
    ahead = reachable(run.graph, run.node)
    return tuple(
        NodeStatus.SKIPPED if status is NodeStatus.QUEUED and node not in ahead else status
        for node, status in enumerate(run.node_statuses)
    )
