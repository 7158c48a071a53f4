"""The compiled graph as the core looks at it: nodes by index, nothing about types or code."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from math import ceil

from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.states import Decision

_ROUNDING = 1e-9
"""So that 0.9 of 10 is 9, whatever 0.9 is in binary."""


class Mode(IntEnum):
    """How a flow answers. Numbers as in penstock.v1.Artifact.Mode."""

    UNARY = 1
    PIPELINE = 2


class NodeKind(IntEnum):
    """How a node answers. Numbers as in penstock.v1.PackageNode.Type."""

    UNARY = 1
    PIPELINE = 2


class Work(IntEnum):
    """What a placed node does."""

    FUNCTION = 1
    PAUSE = 2
    GATE = 3
    MAP = 4
    FLOW = 5
    SLEEP = 6


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one placed node. Lengths of time are microseconds."""

    work: Work = Work.FUNCTION
    choices: frozenset[int] = frozenset()
    """Of the nodes behind it those of which at most one is taken; the others always are."""
    required: int = 0
    """Number of branches that a gate waits for."""
    retries: RetryPolicy | None = None
    fallback: RetryPolicy | None = None
    """How often its fallback is tried; None when it has none."""
    undo: RetryPolicy | None = None
    """How often undoing it is tried; None when nothing undoes it."""
    wait_us: int = 0
    """How long a sleep takes, or a pause waits; 0 for a pause that waits for ever."""
    on_timeout: Decision = Decision.EXPIRED
    """What the timeout of a pause decides."""
    is_read: bool = False
    """Whether a gate behind it reads its output."""
    min_successes: int = -1
    """Number of items of a map that must succeed; -1 when `min_success_ratio` says."""
    min_success_ratio: float = 1.0

    def needed(self, item_count: int) -> int:
        """How many items of a map must succeed."""
        if self.min_successes >= 0:
            return min(self.min_successes, item_count)
        return ceil(self.min_success_ratio * item_count - _ROUNDING)


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order; the index of a node is its place in `names`.

    `successors[i]` are the indices that an edge leads to from node i. `entry` has no incoming
    edge and `terminal` no outgoing one. `pipeline` is the node that gives frames, -1 when there is none.
    `rules[i]` are those of node i.
    """

    names: tuple[str, ...]
    successors: tuple[tuple[int, ...], ...]
    entry: int
    terminal: int
    mode: Mode
    pipeline: int = -1
    rules: tuple[Rules, ...] = ()
    deadline_us: int = 0
    """Longest time of one execution; 0 for no bound."""
    finish_branches: bool = False
    """Whether branches that still run come to their end when one failed for good."""
    compensate_on_cancel: bool = False
    predecessors: tuple[tuple[int, ...], ...] = field(init=False)
    immediate: tuple[bool, ...] = field(init=False)
    """Whether each starts when a message comes to it; pauses, sleeps and gates wait with an event of their own."""
    last: int = field(init=False)
    """The terminal node, where the flow ends with its output; -1 where it ends with frames."""
    straight: tuple[int, ...] = field(init=False)
    """The one node behind each, where that starts at once whatever the output is; else -1."""
    plain: tuple[int, ...] = field(init=False)
    """As `straight`, where an output of each has no other consequence; else -1."""
    kept: tuple[bool, ...] = field(init=False)
    """Whether the output of each is needed to the end: for gates, for undoing, and as the output of the flow."""
    alone: tuple[tuple[int, ...], ...] = field(init=False)
    """The nodes before each whose outputs nobody needs once it has its own."""
    shared: tuple[tuple[int, ...], ...] = field(init=False)
    """The nodes before each whose outputs others may need still."""

    def __post_init__(self) -> None:
        count = len(self.names)
        predecessors: list[list[int]] = [[] for _ in range(count)]
        for source, targets in enumerate(self.successors):
            for target in targets:
                predecessors[target].append(source)
        rules = self.rules or (Rules(),) * count
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "predecessors", tuple(tuple(dict.fromkeys(each)) for each in predecessors))
        works = (Work.FUNCTION, Work.MAP, Work.FLOW)
        object.__setattr__(self, "immediate", tuple(each.work in works for each in rules))
        object.__setattr__(self, "last", self.terminal if self.mode is Mode.UNARY else -1)
        object.__setattr__(self, "straight", tuple(self._straight(node) for node in range(count)))
        object.__setattr__(
            self,
            "kept",
            tuple(each.is_read or each.undo is not None or node == self.terminal for node, each in enumerate(rules)),
        )
        object.__setattr__(self, "alone", tuple(self._before(node, True) for node in range(count)))
        object.__setattr__(self, "shared", tuple(self._before(node, False) for node in range(count)))
        object.__setattr__(self, "plain", tuple(self._plain(node) for node in range(count)))

    def _before(self, node: int, is_alone: bool) -> tuple[int, ...]:
        """The nodes before one whose outputs can be forgotten, with no other node behind them or with some."""
        return tuple(
            source
            for source in self.predecessors[node]
            if not self.kept[source] and (len(self.successors[source]) == 1) is is_alone
        )

    def _straight(self, node: int) -> int:
        if len(self.successors[node]) != 1 or self.rules[node].choices or node == self.pipeline:
            return -1
        target = self.successors[node][0]
        return target if self.immediate[target] else -1

    def _plain(self, node: int) -> int:
        return -1 if self.rules[node].undo is not None or self.shared[node] else self.straight[node]

    def taken(self, node: int, branch: int) -> tuple[int, ...]:
        """The nodes that an output of `node` goes to when `branch` was chosen, -1 for none."""
        choices = self.rules[node].choices
        if not choices:
            return self.successors[node]
        return tuple(target for target in self.successors[node] if target == branch or target not in choices)
