"""What can happen to an execution.

Tuples for the same reason as events. Times are unix time in microseconds; nodes are indices. `chance` is drawn from
0 to 1 for the wait before another attempt.
"""

from __future__ import annotations

from typing import NamedTuple

from penstock.engine.domain.failure import Failure
from penstock.engine.domain.policy import Ruling
from penstock.engine.domain.states import Decision


class Recovered(NamedTuple):
    """A node that completed in an execution before: its output and what was chosen of the nodes behind it."""

    node: int
    output: bytes
    branch: int


class RecoveredItems(NamedTuple):
    """The items of a map that completed in an execution before, with their results."""

    node: int
    item_count: int
    results: tuple[tuple[int, bytes], ...]


class Accepted(NamedTuple):
    """An invocation came in. `has_place` says whether it may run at once.

    `recovered` are in topological order; an execution that has some needs a place.
    """

    has_place: bool
    recovered: tuple[Recovered, ...] = ()
    items: tuple[RecoveredItems, ...] = ()


class PlaceFound(NamedTuple):
    """A queued execution may run."""


class TakenOver(NamedTuple):
    """A process goes on with an execution that another one drove. `by` names the process."""

    by: str


class NodeStarted(NamedTuple):
    """An attempt began whose start should be on record: it takes long, follows another one, or is that of a map.

    `item_count` is that of a map, else -1.
    """

    node: int
    started_us: int
    item_count: int = -1


class NodeCompleted(NamedTuple):
    """A node gave its output. `branch` is what was chosen of the nodes behind it, -1 for none.

    `taken_signals` are the places of the signals that it took, among those that came in.
    """

    node: int
    started_us: int
    output: bytes
    branch: int
    is_cache_hit: bool = False
    taken_signals: tuple[int, ...] = ()


class FramesEmitted(NamedTuple):
    """The pipeline `node` gave frames, already through the nodes behind it, which are in `through`.

    `provisional` says of each whether it may still be rolled back; empty for none.
    """

    node: int
    started_us: int
    payloads: tuple[bytes, ...]
    through: tuple[int, ...] = ()
    provisional: tuple[bool, ...] = ()


class PipelineCompleted(NamedTuple):
    """The pipeline `node` is at its end."""

    node: int
    started_us: int


class NodeFailed(NamedTuple):
    """An attempt raised or broke a rule. `node` may stand behind the pipeline that is in flight."""

    node: int
    started_us: int
    failure: Failure
    chance: float = 0.0


class NodeTimedOut(NamedTuple):
    """An attempt took longer than its timeout."""

    node: int
    started_us: int
    failure: Failure
    chance: float = 0.0


class ItemsCompleted(NamedTuple):
    """Items of the map `node` gave their results: (item, attempt, when it started, result)."""

    node: int
    items: tuple[tuple[int, int, int, bytes], ...]


class ItemFailed(NamedTuple):
    """An attempt of an item failed."""

    node: int
    item: int
    started_us: int
    failure: Failure
    chance: float = 0.0


class ChildChosen(NamedTuple):
    """A sub-flow is about to run as the execution `child`."""

    node: int
    child: str


class PauseDecided(NamedTuple):
    """Somebody decided a pause, or its timeout did: then `by` is "".

    `value` is what the execution goes on with and `branch` where to, when it goes on.
    """

    node: int
    decision: Decision
    by: str = ""
    comment: str = ""
    value: bytes = b""
    branch: int = -1
    request_id: str = ""


class PolicyDecided(NamedTuple):
    """Policies decided about a node that is about to run, or about its output, with which it is `completed`.

    Of `rulings` the one that stops the node, where there is one, is the last. `message` is what a person is to approve,
    None when a gate has none, and `due_us` when that wait ends by itself, 0 for never.

    With `frames_of` they decided about a frame of the pipeline `node`: about what that node takes or gives. None of
    the rulings stops anything then: who looks at frames fails the pipeline itself.
    """

    node: int
    started_us: int
    rulings: tuple[Ruling, ...]
    message: bytes | None = None
    due_us: int = 0
    completed: NodeCompleted | None = None
    frames_of: int = -1


class SignalAwaited(NamedTuple):
    """The code of a node waits for a signal; it has looked at the first `seen` that came in, of whatever name."""

    node: int
    started_us: int
    signal: str
    seen: int


class SignalReceived(NamedTuple):
    """A signal came in. One that came with the same request id before is not stored again."""

    signal: str
    payload: bytes
    by: str = ""
    request_id: str = ""


class RetryRequested(NamedTuple):
    """Somebody asked for the next attempt of `node` at once; -1 for that of every node that waits for one."""

    node: int
    by: str = ""
    request_id: str = ""


class Reported(NamedTuple):
    """A node told something; each of `reports` is a penstock.v1.NodeReport.

    `started_us` is when its attempt began, so that the log has that first; 0 when it need not.
    """

    node: int
    reports: tuple[bytes, ...]
    started_us: int = 0


class Undone(NamedTuple):
    """What undoes a completed node came to its end."""

    node: int
    started_us: int


class NotUndone(NamedTuple):
    """An attempt to undo a completed node failed."""

    node: int
    started_us: int
    failure: Failure
    chance: float = 0.0


class DeadlinePassed(NamedTuple):
    """The execution took longer than its flow allows."""


class CancelRequested(NamedTuple):
    """Somebody wants it stopped."""

    reason: str


Occurrence = (
    Accepted
    | PlaceFound
    | TakenOver
    | NodeStarted
    | NodeCompleted
    | FramesEmitted
    | PipelineCompleted
    | NodeFailed
    | NodeTimedOut
    | ItemsCompleted
    | ItemFailed
    | ChildChosen
    | PauseDecided
    | PolicyDecided
    | SignalAwaited
    | SignalReceived
    | RetryRequested
    | Reported
    | Undone
    | NotUndone
    | DeadlinePassed
    | CancelRequested
)
