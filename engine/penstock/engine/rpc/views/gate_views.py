"""An execution's log -> its gates."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.engine.domain import frontier
from penstock.engine.domain.artifact import Work
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NodeStatus
from penstock.engine.rpc.messages import timestamp
from penstock.wire.gen.gate_pb2 import Gate

_FAILED = (NodeStatus.FAILED, NodeStatus.TIMED_OUT)
_SETTLED = {
    NodeStatus.SUCCEEDED: Gate.PASSED,
    NodeStatus.COMPENSATED: Gate.PASSED,
    NodeStatus.SKIPPED: Gate.SKIPPED,
    NodeStatus.FAILED: Gate.FAILED,
    NodeStatus.TIMED_OUT: Gate.FAILED,
}


def gates(run: Run, log: Sequence[Event]) -> list[Gate]:
    """The gates in topological order. `log` leads to `run`."""
    return [_gate(run, index, log) for index, rules in enumerate(run.graph.rules) if rules.work is Work.GATE]


def _gate(run: Run, gate: int, log: Sequence[Event]) -> Gate:
    graph = run.graph
    before = graph.predecessors[gate]
    arrived = frontier.sources(run, gate)
    skipped = [source for source in before if frontier.is_skipped(run, source, gate)]
    is_over = run.status.is_terminal or run.undoing is not None
    missing = [source for source in before if frontier.is_open(run, source) and not is_over]
    view = Gate(
        gate=graph.names[gate],
        state=_state(run, gate, len(arrived), is_over),
        required=_required(run, gate),
        arrived=[graph.names[source] for source in arrived],
        missing=[graph.names[source] for source in missing],
        skipped=[graph.names[source] for source in skipped],
    )
    passed = next(
        (e for e in log if e.node == gate and e.type in (EventType.NODE_SUCCEEDED, EventType.NODE_RECOVERED)), None
    )
    if passed is not None:
        view.pass_time.CopyFrom(timestamp(passed.time_us))
    return view


def _required(run: Run, gate: int) -> int:
    """Branches that it waits for: fewer than the flow says when not so many are left."""
    return frontier.missing(run, gate) + len(frontier.sources(run, gate))


def _state(run: Run, gate: int, arrived_count: int, is_over: bool) -> Gate.State:
    status = run.node_statuses[gate]
    if status in _SETTLED:
        return _SETTLED[status]
    if _has_failed(run, gate):
        return Gate.FAILED
    if is_over or status is NodeStatus.CANCELLED:
        return Gate.CANCELLED
    return Gate.WAITING if arrived_count else Gate.PENDING


def _has_failed(run: Run, gate: int) -> bool:
    """Whether branches failed, and too few of the others are left."""
    possible = _possible(run)
    ways = sum(
        possible[source] and not frontier.is_skipped(run, source, gate) for source in run.graph.predecessors[gate]
    )
    return ways < _required(run, gate)


def _possible(run: Run) -> list[bool]:
    """Of each node whether it gave its output, or could if the execution went on."""
    graph = run.graph
    possible: list[bool] = []
    for node, status in enumerate(run.node_statuses):
        is_gate = graph.rules[node].work is Work.GATE and status in (NodeStatus.WAITING, NodeStatus.CANCELLED)
        if status is not NodeStatus.QUEUED and not is_gate:
            possible.append(status not in _FAILED and status is not NodeStatus.SKIPPED)
            continue
        before = graph.predecessors[node]
        ways = sum(possible[source] and not frontier.is_skipped(run, source, node) for source in before)
        needed = _required(run, node) if graph.rules[node].work is Work.GATE else 1
        possible.append(node == graph.entry or ways >= needed)
    return possible
