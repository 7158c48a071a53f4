"""An execution's log -> its node executions and their attempts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from penstock.engine.domain.event import NODE_ENDS, Event, EventType, expand
from penstock.engine.domain.fold import fold
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.rpc.messages import duration, set_error, timestamp
from penstock.engine.runtime.program import Program
from penstock.wire.gen.node_execution_pb2 import Attempt, NodeExecution

_ATTEMPT_STATUS = {
    EventType.NODE_SUCCEEDED: Attempt.SUCCEEDED,
    EventType.NODE_FAILED: Attempt.FAILED,
    EventType.NODE_TIMED_OUT: Attempt.FAILED,
    EventType.NODE_CANCELLED: Attempt.ABORTED,
}


def node_executions(program: Program, log: Sequence[Event]) -> list[NodeExecution]:
    """One for each placed node, in topological order. `log` holds all events, implied starts not expanded."""
    statuses = node_statuses(fold(program.graph, log))
    views = []
    for index, node in enumerate(program.artifact.plan.nodes):
        tries = attempts(program, log, index)
        view = NodeExecution(
            node=node.name,
            status=statuses[index].name,
            use=f"{node.package}/{node.function}",
            attempt_count=len(tries),
        )
        if tries:
            view.start_time.CopyFrom(tries[0].start_time)
        end = next((e for e in reversed(log) if e.node == index and e.type in NODE_ENDS), None)
        if end is not None:
            view.complete_time.CopyFrom(timestamp(end.time_us))
            view.duration.CopyFrom(duration(tries[0].start_time.ToMicroseconds(), end.time_us))
            if end.failure is not None:
                set_error(view, end.failure)
        if node.pipeline:
            view.frame_count = sum(1 for e in log if e.type is EventType.FRAME_EMITTED)
        views.append(view)
    return views


def attempts(program: Program, log: Iterable[Event], node: int) -> list[Attempt]:
    """The attempts of a node, first one first. One that has no end and is not the last was aborted."""
    tries: dict[int, Attempt] = {}
    for event in expand(log, 0):
        if event.node != node or event.type is EventType.FRAME_EMITTED:
            continue
        attempt = tries.get(event.attempt)
        if attempt is None:
            for earlier in tries.values():
                if earlier.status == Attempt.RUNNING:
                    earlier.status = Attempt.ABORTED
            attempt = tries[event.attempt] = Attempt(
                node=program.graph.names[node],
                attempt=event.attempt,
                status=Attempt.RUNNING,
                start_time=timestamp(event.time_us),
            )
        if event.type in NODE_ENDS:
            attempt.status = _ATTEMPT_STATUS[event.type]
            attempt.complete_time.CopyFrom(timestamp(event.time_us))
            attempt.duration.CopyFrom(duration(attempt.start_time.ToMicroseconds(), event.time_us))
            if event.failure is not None:
                set_error(attempt, event.failure)
    return list(tries.values())
