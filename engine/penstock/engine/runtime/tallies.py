"""Counts what becomes of executions and nodes, from their committed events, for whoever watches the process.

It is called for each commit of each execution, so it only counts up; names and sums are put together when somebody
asks (`penstock.engine.telemetry`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from penstock.engine.domain import limits
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType
from penstock.engine.domain.run import Run
from penstock.wire.metrics import US, Histogram

OTHER = "other"
"""Stands for the flows and nodes beyond the limits: a label must not have a value for each of them."""

_BOUNDS_US = tuple(
    round(seconds * US)
    for seconds in (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
)
_TYPES = max(EventType) + 1
_SUM = len(_BOUNDS_US) + 1
"""Place of the sum behind the counts of times."""
_FIRST = 2
"""Events that nearly every acceptance has: that it was accepted, and started."""
# Not looked up in the class each time: that takes as long as counting.
_SUCCEEDED = EventType.NODE_SUCCEEDED
_COMPLETED = EventType.EXECUTION_COMPLETED
_FRAME = EventType.FRAME_EMITTED


class Times:
    """How long something took: in one list how often up to each bound, and behind that the sum, in microseconds."""

    __slots__ = ("row",)

    def __init__(self) -> None:
        self.row = [0] * (_SUM + 1)

    def add(self, took_us: int) -> None:
        self.row[bisect_left(_BOUNDS_US, took_us)] += 1
        self.row[_SUM] += took_us

    @property
    def histogram(self) -> Histogram:
        found = Histogram(_BOUNDS_US, US)
        found.counts, found.sum = self.row[:_SUM], self.row[_SUM]
        return found


class NodeTally:
    """One node of a flow."""

    __slots__ = ("counts", "name", "times")

    def __init__(self, name: str) -> None:
        self.name = name
        self.counts = [0] * _TYPES
        """Events by type; of NODE_SUCCEEDED those alone that are not among `times`."""
        self.times = Times()
        """Of the attempts that succeeded; of a pause, how long it was open."""

    @property
    def success_count(self) -> int:
        return self.counts[_SUCCEEDED] + self.times.histogram.count


class FlowTally:
    """One flow in all its versions and accounts."""

    __slots__ = ("accepted_count", "counts", "name", "nodes", "taken_over_count", "times")

    def __init__(self, name: str) -> None:
        self.name = name
        self.accepted_count = 0
        self.taken_over_count = 0
        self.counts = [0] * _TYPES
        """Events by type: of the execution itself those after its start, and its frames."""
        self.times = Times()
        """From the acceptance to the end."""
        self.nodes: dict[str, NodeTally] = {}


class ProgramTally:
    """What the executions of one program are counted in; `nodes` are in the order of its graph."""

    __slots__ = ("_rows", "flow", "nodes")

    def __init__(self, flow: FlowTally, nodes: Sequence[NodeTally]) -> None:
        self.flow = flow
        self.nodes = tuple(nodes)
        self._rows = tuple(node.times.row for node in nodes)

    def accept(self, events: Sequence[Event], run: Run) -> None:
        """Counts an acceptance that is committed, and what came with it."""
        self.flow.accepted_count += 1
        if len(events) > _FIRST:
            self.add(events[_FIRST:], run)

    def add(self, events: Sequence[Event], run: Run) -> None:
        """Counts committed events of a run that has not moved on by them yet."""
        for event in events:
            # In one go, and the usual cases written out: each look at a member, and a call, costs as much as the rest.
            _, kind, time_us, node, _, started_us, _, _, _, _, _, _ = event
            if kind is _SUCCEEDED and started_us:
                took_us = time_us - started_us
                row = self._rows[node]
                row[bisect_left(_BOUNDS_US, took_us)] += 1
                row[_SUM] += took_us
            elif kind is _COMPLETED:
                self.flow.counts[_COMPLETED] += 1
                self.flow.times.add(time_us - run.create_us)
            elif node >= 0 and kind is not _FRAME:
                self._add_of_node(kind, event, run)
            else:
                self.flow.counts[kind] += 1
                if kind in TERMINAL_EVENTS:
                    self.flow.times.add(time_us - run.create_us)

    def _add_of_node(self, kind: EventType, event: Event, run: Run) -> None:
        tally, flight = self.nodes[event.node], run.flights.get(event.node)
        if kind is _SUCCEEDED and flight is not None and flight.since_us:
            tally.times.add(event.time_us - flight.since_us)
        else:
            tally.counts[kind] += 1


class Tallies:
    """Of one process: a bounded number of flows and nodes, the rest together."""

    def __init__(self) -> None:
        self._flows: dict[str, FlowTally] = {}
        self._node_count = 0

    def of(self, flow: str, nodes: Sequence[str]) -> ProgramTally:
        """The counts for a program of `flow` with these nodes."""
        tally = self._flow(flow)
        return ProgramTally(tally, [self._node(tally, name) for name in nodes])

    def flows(self) -> Iterable[FlowTally]:
        return self._flows.values()

    def _flow(self, name: str) -> FlowTally:
        if name not in self._flows and len(self._flows) >= limits.METRIC_FLOWS_MAX:
            name = OTHER
        if name not in self._flows:
            self._flows[name] = FlowTally(name)
        return self._flows[name]

    def _node(self, flow: FlowTally, name: str) -> NodeTally:
        if name not in flow.nodes:
            if flow.name == OTHER or self._node_count >= limits.METRIC_NODES_MAX:
                name = OTHER
            if name not in flow.nodes:
                self._node_count += 1
                flow.nodes[name] = NodeTally(name)
        return flow.nodes[name]
