"""Events -> run. Resume, replay and the views of an execution are this one function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType

from penstock.engine.domain import flight_events, frontier, policy_events
from penstock.engine.domain.artifact import Graph, Work
from penstock.engine.domain.event import ATTEMPT_ENDS, Detail, Event, EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.run import Flight, Items, Lost, Run, Undoing
from penstock.engine.domain.states import ExecutionStatus, NodeStatus, Wait

_NO_DETAIL = Detail()
# Not looked up in their classes each time: that takes as long as what is done with them.
_NODE_STARTED = EventType.NODE_STARTED
_QUEUED, _SUCCEEDED = NodeStatus.QUEUED, NodeStatus.SUCCEEDED


def fold(graph: Graph, events: Iterable[Event]) -> Run:
    """The run that these events, in order from the first one, lead to."""
    run = Run(graph)
    for event in events:
        apply(run, event)
    return run


def apply(run: Run, event: Event) -> None:
    """Moves the run on by one event. The event's sequence must be the next one, or the one after an implied start."""
    sequence, kind = event.sequence, event.type
    skip = sequence - run.sequence
    if skip != 1 and not (skip == 2 and kind in ATTEMPT_ENDS and not run.has_start(event.node)):
        raise ValueError(f"event {sequence} does not follow event {run.sequence}")
    run.sequence = sequence
    if skip == 2 or kind is _NODE_STARTED:
        run.attempt_count += 1
    _APPLY[kind](run, event)


def _accepted(run: Run, event: Event) -> None:
    run.create_us = event.time_us


def _started(run: Run, event: Event) -> None:
    run.status = ExecutionStatus.RUNNING
    _arrive(run, run.graph.entry)


def _arrive(run: Run, node: int) -> None:
    """A message came to a node that waited for nothing else; pauses and sleeps begin with an event of their own."""
    # It may be passed over already: nobody needs what it would give.
    if run.node_statuses[node] is _QUEUED and run.graph.immediate[node]:
        run.flights[node] = Flight()


def _resumed(run: Run, event: Event) -> None:
    # A process that only waited was not taken down by a node.
    run.takeover_count += any(flight.wait is None for flight in run.flights.values())
    for node, flight in run.flights.items():
        if flight.wait is Wait.SIGNAL:
            flight.wait = None
            flight.signal = ""
            run.node_statuses[node] = NodeStatus.RUNNING
        if flight.wait is None and flight.is_start_recorded:
            flight.attempt += 1
            flight.is_start_recorded = False


def _node_started(run: Run, event: Event) -> None:
    run.node_statuses[event.node] = NodeStatus.RUNNING
    flight = run.flights.get(event.node)
    if flight is None:  # it stands behind a pipeline
        return
    flight.is_start_recorded = True
    flight.wait = None
    flight.due_us = 0
    flight.since_us = event.time_us
    if event.detail is not None and event.detail.item_count >= 0 and flight.items is None:
        flight.items = Items(event.detail.item_count)


def _node_waiting(run: Run, event: Event) -> None:
    detail = event.detail or _NO_DETAIL
    run.node_statuses[event.node] = NodeStatus.WAITING
    flight = run.flights.setdefault(event.node, Flight())
    flight.wait = detail.wait
    flight.due_us = detail.due_us
    flight.since_us = event.time_us
    flight.child = detail.child or flight.child
    flight.signal = detail.signal
    flight.is_start_recorded = True


def _node_succeeded(run: Run, event: Event) -> None:
    node, graph = event.node, run.graph
    run.node_statuses[node] = _SUCCEEDED
    run.takeover_count = 0
    flights, outputs = run.flights, run.outputs
    flight = flights.pop(node, None)
    if flight is None:
        return  # it stands behind a pipeline
    outputs[node] = event
    following = graph.plain[node]
    if following >= 0 and event.detail is None:
        # The usual case: nothing but the next node follows.
        if flight.attempt == 1 and flight.tries is None and flight.items is None and flight.wait is None:
            flight.is_start_recorded = False
            flights[following] = flight
        else:
            flights[following] = Flight()
        for source in graph.alone[node]:
            outputs[source] = None
        return
    straight, rules = graph.straight[node], graph.rules[node]
    if rules.choices:
        run.branches = {**(run.branches or {}), node: event.branch}
    if rules.undo is not None:
        run.completed = [*(run.completed or ()), node]
    if event.detail is not None and event.detail.taken_signals:
        run.taken_signals |= frozenset(event.detail.taken_signals)
    if straight >= 0:
        run.flights[straight] = Flight()
    elif node != graph.pipeline and node != graph.terminal:
        if run.ends_as is None and not graph.taken(node, event.branch):
            run.ends_as, run.failure = ExecutionStatus.FAILED, _no_branch_taken(run, event)
        for target in graph.taken(node, event.branch):
            _arrive(run, target)
        _look_at_gates(run, node)
    _drop_outputs(run, node)
    if run.tolerated is not None:
        _look_at_end(run)


def _node_recovered(run: Run, event: Event) -> None:
    """Like the end of a node, in an execution before it: what follows is settled by the events after it."""
    node, graph = event.node, run.graph
    run.node_statuses[node] = NodeStatus.RECOVERED
    run.flights.pop(node, None)
    run.outputs[node] = event
    if graph.rules[node].choices:
        run.branches = {**(run.branches or {}), node: event.branch}
    if graph.rules[node].undo is not None:
        run.completed = [*(run.completed or ()), node]
    for target in graph.taken(node, event.branch):
        _arrive(run, target)
    _look_at_gates(run, node)
    _drop_outputs(run, node)


def _no_branch_taken(run: Run, event: Event) -> Failure:
    name = run.graph.names[event.node]
    return Failure(
        "NO_BRANCH_TAKEN",
        f"no edge of node {name} was taken: no `when` held and there is no `otherwise`",
        node=name,
        attempt=event.attempt,
    )


def _look_at_gates(run: Run, node: int) -> None:
    """Lets the gates behind a node that settled pass when they have what they need."""
    graph = run.graph
    for target in graph.successors[node]:
        if graph.rules[target].work is Work.GATE and run.node_statuses[target] in (
            NodeStatus.QUEUED,
            NodeStatus.WAITING,
        ):
            flight = run.flights.get(target)
            if flight is not None and flight.wait is not Wait.GATE:
                continue
            if frontier.sources(run, target) and frontier.missing(run, target) <= 0:
                if flight is None:
                    run.flights[target] = Flight()
                else:
                    flight.wait = None
                    flight.is_start_recorded = False


def _drop_outputs(run: Run, node: int) -> None:
    """Forgets the outputs before a node that settled which nobody needs any more."""
    graph = run.graph
    for source in graph.alone[node]:
        run.outputs[source] = None
    for source in graph.shared[node]:
        if run.outputs[source] is not None and not any(
            frontier.is_open(run, target) for target in graph.successors[source]
        ):
            run.outputs[source] = None


def _node_skipped(run: Run, event: Event) -> None:
    run.node_statuses[event.node] = NodeStatus.SKIPPED
    run.flights.pop(event.node, None)
    _look_at_gates(run, event.node)
    if run.tolerated is not None:
        _look_at_end(run)


def _node_ended(status: NodeStatus, ends_as: ExecutionStatus) -> Callable[[Run, Event], None]:
    def ended(run: Run, event: Event) -> None:
        run.node_statuses[event.node] = status
        run.takeover_count = 0
        run.flights.pop(event.node, None)
        if event.failure is not None and run.ends_as is None:
            run.tolerated = Lost(ends_as, event.failure)
            _look_at_end(run)

    return ended


def _look_at_end(run: Run) -> None:
    """Settles how the run ends when nothing makes up for its last failure any more."""
    lost = run.tolerated
    if lost is not None and not frontier.can_complete(run):
        run.tolerated = None
        run.ends_as, run.failure = lost.ends_as, lost.failure


def _status(status: ExecutionStatus) -> Callable[[Run, Event], None]:
    def moved(run: Run, event: Event) -> None:
        run.status = status

    return moved


def _compensating(run: Run, event: Event) -> None:
    ends_as = (event.detail or _NO_DETAIL).ends_as
    assert ends_as is not None
    run.status = ExecutionStatus.COMPENSATING
    run.flights.clear()
    run.takeover_count = 0
    run.undoing = Undoing(ends_as, event.failure, event.reason, list(run.completed or ()))
    _undo_next(run)


def _undo_next(run: Run) -> None:
    assert run.undoing is not None
    if run.undoing.left:
        run.flights[run.undoing.left.pop()] = Flight()


def _compensated(run: Run, event: Event) -> None:
    run.flights.pop(event.node)
    run.takeover_count = 0
    if event.type is EventType.NODE_COMPENSATED:
        run.node_statuses[event.node] = NodeStatus.COMPENSATED
    _undo_next(run)


def _execution_ended(status: ExecutionStatus) -> Callable[[Run, Event], None]:
    def ended(run: Run, event: Event) -> None:
        run.status = status
        run.failure = event.failure
        run.end_us = event.time_us
        run.flights.clear()

    return ended


def _change_nothing(run: Run, event: Event) -> None:
    return


_APPLY: MappingProxyType[EventType, Callable[[Run, Event], None]] = MappingProxyType(
    {
        EventType.EXECUTION_ACCEPTED: _accepted,
        EventType.EXECUTION_STARTED: _started,
        EventType.EXECUTION_RESUMED: _resumed,
        EventType.EXECUTION_PAUSED: _status(ExecutionStatus.PAUSED),
        EventType.EXECUTION_WAITING_ON_GATE: _status(ExecutionStatus.WAITING_ON_GATE),
        EventType.EXECUTION_CONTINUED: _status(ExecutionStatus.RUNNING),
        EventType.EXECUTION_COMPENSATING: _compensating,
        EventType.EXECUTION_COMPLETED: _execution_ended(ExecutionStatus.COMPLETED),
        EventType.EXECUTION_FAILED: _execution_ended(ExecutionStatus.FAILED),
        EventType.EXECUTION_CANCELLED: _execution_ended(ExecutionStatus.CANCELLED),
        EventType.EXECUTION_TIMED_OUT: _execution_ended(ExecutionStatus.TIMED_OUT),
        EventType.NODE_STARTED: _node_started,
        EventType.NODE_WAITING: _node_waiting,
        EventType.NODE_SUCCEEDED: _node_succeeded,
        EventType.NODE_SKIPPED: _node_skipped,
        EventType.NODE_RECOVERED: _node_recovered,
        EventType.NODE_FAILED: _node_ended(NodeStatus.FAILED, ExecutionStatus.FAILED),
        EventType.NODE_TIMED_OUT: _node_ended(NodeStatus.TIMED_OUT, ExecutionStatus.TIMED_OUT),
        EventType.NODE_CANCELLED: _node_ended(NodeStatus.CANCELLED, ExecutionStatus.CANCELLED),
        EventType.NODE_ATTEMPT_FAILED: flight_events.attempt_failed,
        EventType.NODE_FELL_BACK: flight_events.fell_back,
        EventType.NODE_COMPENSATED: _compensated,
        EventType.COMPENSATION_FAILED: _compensated,
        EventType.NODE_REPORTED: _change_nothing,
        EventType.PAUSE_DECIDED: flight_events.pause_decided,
        EventType.POLICY_DECIDED: policy_events.policy_decided,
        EventType.SIGNAL_RECEIVED: flight_events.signal_received,
        EventType.RETRY_REQUESTED: flight_events.retry_requested,
        EventType.ITEM_SUCCEEDED: flight_events.item_succeeded,
        EventType.ITEM_FAILED: flight_events.item_failed,
        EventType.FRAME_EMITTED: flight_events.frame_emitted,
        EventType.FRAMES_ROLLED_BACK: flight_events.frames_rolled_back,
    }
)
