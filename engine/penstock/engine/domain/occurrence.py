"""What can happen to an execution.

Tuples for the same reason as events. Times are unix time in microseconds; nodes are indices.
"""

from __future__ import annotations

from typing import NamedTuple

from penstock.engine.domain.failure import Failure


class Accepted(NamedTuple):
    """An invocation came in. `has_place` says whether it may run at once."""

    has_place: bool


class PlaceFound(NamedTuple):
    """A queued execution may run."""


class TakenOver(NamedTuple):
    """A process goes on with an execution that another one drove. `by` names the process."""

    by: str


class NodeIsSlow(NamedTuple):
    """The node in flight is taking long enough that its start should be on record."""

    node: int
    started_us: int


class NodeCompleted(NamedTuple):
    """A unary node gave its output. `branch` is the node that it goes to, -1 when no edge is taken."""

    node: int
    started_us: int
    output: bytes
    branch: int


class FramesEmitted(NamedTuple):
    """The pipeline `node` gave frames, already through the nodes behind it, which are in `through`."""

    node: int
    started_us: int
    payloads: tuple[bytes, ...]
    through: tuple[int, ...] = ()


class PipelineCompleted(NamedTuple):
    """The pipeline `node` is at its end."""

    node: int
    started_us: int


class NodeFailed(NamedTuple):
    """An attempt raised or broke a rule. `node` may stand behind the pipeline that is in flight."""

    node: int
    started_us: int
    failure: Failure


class NodeTimedOut(NamedTuple):
    """An attempt took longer than its timeout."""

    node: int
    started_us: int
    failure: Failure


class CancelRequested(NamedTuple):
    """Somebody wants it stopped."""

    reason: str


Occurrence = (
    Accepted
    | PlaceFound
    | TakenOver
    | NodeIsSlow
    | NodeCompleted
    | FramesEmitted
    | PipelineCompleted
    | NodeFailed
    | NodeTimedOut
    | CancelRequested
)
