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

    @property
    def is_terminal(self) -> bool:
        return not EXECUTION_MOVES[self]


class NodeStatus(IntEnum):
    """Numbers as in penstock.v1.NodeExecution.Status."""

    QUEUED = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    SKIPPED = 5
    CANCELLED = 6
    TIMED_OUT = 7


class AttemptStatus(IntEnum):
    """Numbers as in penstock.v1.Attempt.Status."""

    QUEUED = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    RETRYABLE_FAILED = 5
    ABORTED = 6


EXECUTION_MOVES: Mapping[ExecutionStatus, frozenset[ExecutionStatus]] = MappingProxyType(
    {
        ExecutionStatus.QUEUED: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CANCELLED}),
        ExecutionStatus.RUNNING: frozenset(
            {
                ExecutionStatus.COMPLETED,
                ExecutionStatus.FAILED,
                ExecutionStatus.CANCELLED,
                ExecutionStatus.TIMED_OUT,
            }
        ),
        ExecutionStatus.COMPLETED: frozenset(),
        ExecutionStatus.FAILED: frozenset(),
        ExecutionStatus.CANCELLED: frozenset(),
        ExecutionStatus.TIMED_OUT: frozenset(),
    }
)

NODE_MOVES: Mapping[NodeStatus, frozenset[NodeStatus]] = MappingProxyType(
    {
        NodeStatus.QUEUED: frozenset({NodeStatus.RUNNING, NodeStatus.SKIPPED}),
        NodeStatus.RUNNING: frozenset(
            {
                # RUNNING again: the process died and another one starts the next attempt.
                NodeStatus.RUNNING,
                NodeStatus.SUCCEEDED,
                NodeStatus.FAILED,
                NodeStatus.CANCELLED,
                NodeStatus.TIMED_OUT,
            }
        ),
        NodeStatus.SUCCEEDED: frozenset(),
        NodeStatus.FAILED: frozenset(),
        NodeStatus.SKIPPED: frozenset(),
        NodeStatus.CANCELLED: frozenset(),
        NodeStatus.TIMED_OUT: frozenset(),
    }
)
