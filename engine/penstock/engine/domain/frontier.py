"""Which nodes start, which can still run, and which never will: follows from what the nodes before them did."""

from __future__ import annotations

from penstock.engine.domain.artifact import Graph, Work
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus, Wait

_TAKEABLE = (NodeStatus.SUCCEEDED, NodeStatus.RECOVERED, NodeStatus.COMPENSATED)
_OPEN = (NodeStatus.QUEUED, NodeStatus.RUNNING, NodeStatus.WAITING)
_FOR_PEOPLE = frozenset({Wait.PAUSE, Wait.APPROVAL})


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


def is_taken(run: Run, source: int, target: int) -> bool:
    """Whether the output of `source` went to `target`."""
    if run.node_statuses[source] not in _TAKEABLE:
        return False
    if target not in run.graph.rules[source].choices:
        return True
    return run.branches is not None and run.branches.get(source) == target


def is_open(run: Run, node: int) -> bool:
    """Whether a node may still start, or runs or waits."""
    return run.node_statuses[node] in _OPEN


def sources(run: Run, node: int) -> list[int]:
    """The nodes whose output came to `node`."""
    return [source for source in run.graph.predecessors[node] if is_taken(run, source, node)]


def is_passed_over(run: Run, node: int) -> bool:
    """Whether a node that did not start never will, because nothing comes to it any more."""
    if run.node_statuses[node] is not NodeStatus.QUEUED or node in run.flights or node == run.graph.entry:
        return False
    return not any(is_open(run, p) or is_taken(run, p, node) for p in run.graph.predecessors[node])


def missing(run: Run, gate: int) -> int:
    """How many more branches a gate waits for. One that was not taken counts as settled."""
    before = run.graph.predecessors[gate]
    arrived = len(sources(run, gate))
    skipped = sum(is_skipped(run, source, gate) for source in before)
    return max(1, min(run.graph.rules[gate].required, len(before) - skipped)) - arrived


def is_skipped(run: Run, source: int, target: int) -> bool:
    """Whether `source` was passed over, or chose another way than to `target`."""
    status = run.node_statuses[source]
    return status is NodeStatus.SKIPPED or (status in _TAKEABLE and not is_taken(run, source, target))


def can_complete(run: Run) -> bool:
    """Whether the terminal node can still be reached after what failed or was passed over."""
    graph = run.graph
    possible: list[bool] = []
    for node, status in enumerate(run.node_statuses):
        if status is not NodeStatus.QUEUED and not _is_waiting_gate(run, node):
            # What runs without being in flight handles frames, as long as there may be some.
            is_under_way = status in _OPEN and (node in run.flights or graph.pipeline in run.flights)
            possible.append(status in _TAKEABLE or is_under_way)
            continue
        before = graph.predecessors[node]
        if node == graph.entry:
            possible.append(True)
            continue
        ways = sum(is_taken(run, p, node) or (is_open(run, p) and possible[p]) for p in before)
        if graph.rules[node].work is not Work.GATE:
            possible.append(ways > 0)
            continue
        skipped = sum(is_skipped(run, p, node) for p in before)
        possible.append(ways >= max(1, min(graph.rules[node].required, len(before) - skipped)))
    return possible[graph.terminal]


def _is_waiting_gate(run: Run, node: int) -> bool:
    flight = run.flights.get(node)
    return flight is not None and flight.wait is Wait.GATE


def useless(run: Run) -> list[int]:
    """Nodes that are open and whose output nobody waits for any more: their gate has what it needs."""
    graph = run.graph
    wanted = {graph.terminal}
    for node in range(len(graph.names) - 1, -1, -1):
        if node in wanted and not _needs_no_more(run, node):
            wanted.update(graph.predecessors[node])
    return [node for node, status in enumerate(run.node_statuses) if status in _OPEN and node not in wanted]


def _needs_no_more(run: Run, node: int) -> bool:
    if run.node_statuses[node] not in _OPEN:
        return True
    return node in run.flights and not _is_waiting_gate(run, node)


def node_statuses(run: Run) -> tuple[NodeStatus, ...]:
    """Status of each node, those that can no longer be reached as SKIPPED.

    That they were not taken has events; that the execution ended before them has none.
    """
    if not run.status.is_terminal:
        return tuple(run.node_statuses)
    return tuple(NodeStatus.SKIPPED if status in _OPEN else status for status in run.node_statuses)


def status_of(run: Run) -> ExecutionStatus:
    """Where an execution that has not ended stands by its nodes in flight."""
    if run.undoing is not None:
        return ExecutionStatus.COMPENSATING
    waits = {flight.wait for flight in run.flights.values()}
    if None in waits or Wait.FLOW in waits or not waits:
        return ExecutionStatus.RUNNING
    if waits & _FOR_PEOPLE and waits <= _FOR_PEOPLE | {Wait.GATE}:
        return ExecutionStatus.PAUSED
    return ExecutionStatus.WAITING_ON_GATE if Wait.GATE in waits else ExecutionStatus.RUNNING


def is_moving(run: Run) -> bool:
    """Whether something goes on without a person and without what other branches give."""
    still = _FOR_PEOPLE | {Wait.GATE}
    return any(flight.wait not in still for flight in run.flights.values())
