"""Where an execution, a node execution and an attempt can stand, and the moves of the first two.

The tables here are the truth; the CHECK in SQL and docs/state_machine.md repeat them and a test
compares all three.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class ExecutionStatus(IntEnum):
    """Numbers as in penstock.v1.Execution.Status."""

    QUEUED = 1
    RUNNING = 2
    COMPLETED = 3
    FAILED = 4
    CANCELLED = 5
    TIMED_OUT = 6
    PAUSED = 7
    WAITING_ON_GATE = 8
    COMPENSATING = 9

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL_STATUSES


class NodeStatus(IntEnum):
    """Numbers as in penstock.v1.NodeExecution.Status."""

    QUEUED = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    SKIPPED = 5
    CANCELLED = 6
    TIMED_OUT = 7
    RECOVERED = 8
    WAITING = 9
    COMPENSATED = 10


class AttemptStatus(IntEnum):
    """Numbers as in penstock.v1.Attempt.Status."""

    QUEUED = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    RETRYABLE_FAILED = 5
    ABORTED = 6


class Wait(IntEnum):
    """What a node waits for. Numbers as in penstock.v1.Event.Wait."""

    RETRY = 1
    GATE = 2
    PAUSE = 3
    SLEEP = 4
    FLOW = 5
    SIGNAL = 6
    APPROVAL = 7


class Decision(IntEnum):
    """How a pause was decided. Numbers as in penstock.v1.Pause.State."""

    APPROVED = 2
    REJECTED = 3
    RESUMED = 4
    EXPIRED = 5


_ENDS = frozenset(
    {ExecutionStatus.COMPLETED, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED, ExecutionStatus.TIMED_OUT}
)
TERMINAL_STATUSES = _ENDS

EXECUTION_MOVES: Mapping[ExecutionStatus, frozenset[ExecutionStatus]] = MappingProxyType(
    {
        ExecutionStatus.QUEUED: frozenset(
            {ExecutionStatus.RUNNING, ExecutionStatus.CANCELLED, ExecutionStatus.TIMED_OUT}
        ),
        ExecutionStatus.RUNNING: _ENDS
        | {ExecutionStatus.PAUSED, ExecutionStatus.WAITING_ON_GATE, ExecutionStatus.COMPENSATING},
        ExecutionStatus.PAUSED: _ENDS
        | {ExecutionStatus.RUNNING, ExecutionStatus.WAITING_ON_GATE, ExecutionStatus.COMPENSATING},
        # It is never COMPLETED from here: a gate that waits passes before the terminal node is reached.
        ExecutionStatus.WAITING_ON_GATE: _ENDS - {ExecutionStatus.COMPLETED}
        | {ExecutionStatus.RUNNING, ExecutionStatus.PAUSED, ExecutionStatus.COMPENSATING},
        ExecutionStatus.COMPENSATING: _ENDS - {ExecutionStatus.COMPLETED},
        **{end: frozenset[ExecutionStatus]() for end in _ENDS},
    }
)

_NODE_ENDS = frozenset(
    {
        NodeStatus.SUCCEEDED,
        NodeStatus.FAILED,
        NodeStatus.CANCELLED,
        NodeStatus.TIMED_OUT,
    }
)

NODE_MOVES: Mapping[NodeStatus, frozenset[NodeStatus]] = MappingProxyType(
    {
        NodeStatus.QUEUED: frozenset(
            {NodeStatus.RUNNING, NodeStatus.WAITING, NodeStatus.SKIPPED, NodeStatus.RECOVERED}
        ),
        # RUNNING again: the process died and another one starts the next attempt, or the fallback takes its place.
        NodeStatus.RUNNING: frozenset({NodeStatus.RUNNING, NodeStatus.WAITING}) | _NODE_ENDS,
        NodeStatus.WAITING: frozenset({NodeStatus.RUNNING}) | _NODE_ENDS,
        NodeStatus.SUCCEEDED: frozenset({NodeStatus.COMPENSATED}),
        NodeStatus.RECOVERED: frozenset({NodeStatus.COMPENSATED}),
        NodeStatus.FAILED: frozenset(),
        NodeStatus.SKIPPED: frozenset(),
        NodeStatus.CANCELLED: frozenset(),
        NodeStatus.TIMED_OUT: frozenset(),
        NodeStatus.COMPENSATED: frozenset(),
    }
)
