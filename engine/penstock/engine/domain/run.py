"""An execution as the core sees it: what its events fold to."""

from __future__ import annotations

from dataclasses import dataclass, field

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import Event
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus, NodeStatus


@dataclass(slots=True)
class Run:
    """Changed by `fold.apply` alone, and only with events that are committed."""

    graph: Graph
    status: ExecutionStatus = ExecutionStatus.QUEUED
    sequence: int = 0
    """Sequence of the last recorded event; 0 before the acceptance."""
    node: int = -1
    """The node that is in flight or starts next; -1 when there is none."""
    attempt: int = 1
    """Number of the current attempt of that node."""
    is_start_recorded: bool = False
    """Whether that attempt's start has an event."""
    frame_count: int = 0
    attempt_count: int = 0
    """Number of attempts that were started."""
    takeover_count: int = 0
    """Take-overs since the last output or frame."""
    end_us: int = 0
    """When it ended, unix time in microseconds; 0 before."""
    checkpoint: Event | None = None
    """The checkpoint whose output leads to the current node; None at the entry node."""
    failure: Failure | None = None
    node_statuses: list[NodeStatus] = field(default_factory=list)

    def has_start(self, node: int) -> bool:
        """Whether the current attempt of a node has its start on record."""
        if node == self.node:
            return self.is_start_recorded
        return self.node_statuses[node] is NodeStatus.RUNNING

    def __post_init__(self) -> None:
        self.node_statuses = [NodeStatus.QUEUED] * len(self.graph.names)
