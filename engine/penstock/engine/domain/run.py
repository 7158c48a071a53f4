"""An execution as the core sees it: what its events fold to."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import Detail, Event
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.policy import Guard
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.states import ExecutionStatus, NodeStatus, Wait


@dataclass(frozen=True, slots=True)
class Tries:
    """The failed attempts of a node or of an item of a map."""

    user: int = 0
    system: int = 0
    due_us: int = 0
    """When the next attempt starts, unix time in microseconds."""

    @property
    def count(self) -> int:
        return self.user + self.system


@dataclass(slots=True)
class Items:
    """The items of a map that is under way, by index."""

    count: int
    results: dict[int, bytes] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    tries: dict[int, Tries] = field(default_factory=dict)
    """Of items that failed and are tried again."""

    def copied(self) -> Items:
        return Items(self.count, self.results.copy(), self.failures.copy(), self.tries.copy())


@dataclass(slots=True)
class Flight:
    """A node in flight: it runs, or it waits for what `wait` says."""

    attempt: int = 1
    """Number of the current attempt."""
    is_start_recorded: bool = False
    """Whether that attempt's start has an event."""
    wait: Wait | None = None
    due_us: int = 0
    """When the wait ends by itself, unix time in microseconds; 0 when it does not."""
    since_us: int = field(default=0, compare=False)
    """When the wait began, or the attempt whose start is on record: for those who watch, nothing follows from it."""
    is_fallback: bool = False
    tries: Tries | None = None
    items: Items | None = None
    child: str = ""
    """The child execution of a sub-flow."""
    signal: str = ""
    """The signal that it waits for."""


@dataclass(frozen=True, slots=True)
class Signal:
    name: str
    payload: bytes
    request_id: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A node that failed for good."""

    ends_as: ExecutionStatus
    """How the execution ends if nothing makes up for it."""
    failure: Failure


@dataclass(slots=True)
class Undoing:
    """How an execution ends once its completed nodes are undone."""

    ends_as: ExecutionStatus
    failure: Failure | None
    reason: str | None
    left: list[int]
    """Nodes that are still to be undone; the last one is next."""


@dataclass(slots=True)
class Run:
    """Changed by `fold.apply` alone, and only with events that are committed."""

    graph: Graph
    status: ExecutionStatus = ExecutionStatus.QUEUED
    sequence: int = 0
    """Sequence of the last recorded event; 0 before the acceptance."""
    flights: dict[int, Flight] = field(default_factory=dict)
    """The nodes in flight, by index."""
    frame_count: int = 0
    provisional_from: int = -1
    """Index of the first frame that may still be rolled back; -1 when there is none."""
    attempt_count: int = 0
    """Number of attempts that were started."""
    takeover_count: int = 0
    """Take-overs since the last output, frame or end of a node."""
    create_us: int = 0
    end_us: int = 0
    """When it ended, unix time in microseconds; 0 before."""
    failure: Failure | None = None
    """Why it ended, or why it will when the branches that still run have come to their end."""
    ends_as: ExecutionStatus | None = None
    """How it will end, once a failure came that nothing makes up for."""
    tolerated: Lost | None = None
    """The last failure that other branches make up for, as long as they do."""
    undoing: Undoing | None = None
    node_statuses: list[NodeStatus] = field(default_factory=list)
    outputs: list[Event | None] = field(default_factory=list)
    """The checkpoint of each node whose output is still needed."""
    branches: dict[int, int] | None = None
    """What was chosen at nodes that have a choice."""
    completed: list[int] | None = None
    """Completed nodes that something undoes, oldest first."""
    signals: list[Signal] | None = None
    """Every signal that came in."""
    taken_signals: frozenset[int] = frozenset()
    """Places of those that completed nodes took."""
    decisions: dict[int, Detail] | None = None
    """How each pause was decided, by node."""
    guards: Mapping[int, Guard] | None = None
    """What policies decided, by node. Never changed in place."""
    retries: Mapping[int, RetryPolicy] | None = None
    """Policies that the execution's config sets in place of the graph's."""

    def __post_init__(self) -> None:
        count = len(self.graph.names)
        self.node_statuses = [NodeStatus.QUEUED] * count
        self.outputs = [None] * count

    def has_start(self, node: int) -> bool:
        """Whether the current attempt of a node has its start on record."""
        flight = self.flights.get(node)
        if flight is not None:
            return flight.is_start_recorded
        return self.node_statuses[node] is NodeStatus.RUNNING

    def retry_policy(self, node: int) -> RetryPolicy | None:
        """How a node in flight is tried again; None when it is not."""
        rules = self.graph.rules[node]
        flight = self.flights[node]
        if self.undoing is not None:
            return rules.undo
        if flight.is_fallback:
            return rules.fallback
        return rules.retries if self.retries is None else self.retries.get(node, rules.retries)

    @property
    def output(self) -> bytes | None:
        """What the terminal node gave."""
        checkpoint = self.outputs[self.graph.terminal]
        return None if checkpoint is None else checkpoint.payload

    def copied(self) -> Run:
        """One that events can be applied to without changing this one; what maps hold is shared."""
        other = copy(self)
        other.flights = {node: copy(flight) for node, flight in self.flights.items()}
        other.node_statuses = self.node_statuses.copy()
        other.outputs = self.outputs.copy()
        other.branches = None if self.branches is None else self.branches.copy()
        other.completed = None if self.completed is None else self.completed.copy()
        other.signals = None if self.signals is None else self.signals.copy()
        if self.undoing is not None:
            other.undoing = copy(self.undoing)
            other.undoing.left = self.undoing.left.copy()
        return other
