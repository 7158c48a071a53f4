"""The counts of flows and nodes under their names."""

from __future__ import annotations

from penstock.engine.domain.event import EventType
from penstock.engine.runtime.tallies import FlowTally, NodeTally, Tallies
from penstock.engine.storage.records import END_STATUS
from penstock.wire.metrics import Family, counter, histogram

_OUTCOMES = {
    "failed": EventType.NODE_FAILED,
    "timed_out": EventType.NODE_TIMED_OUT,
    "cancelled": EventType.NODE_CANCELLED,
    "skipped": EventType.NODE_SKIPPED,
    "recovered": EventType.NODE_RECOVERED,
    "compensated": EventType.NODE_COMPENSATED,
    "compensation_failed": EventType.COMPENSATION_FAILED,
}
_ITEMS = {"succeeded": EventType.ITEM_SUCCEEDED, "failed": EventType.ITEM_FAILED}


def families(tallies: Tallies) -> list[Family]:
    """Of everything that ran. What never happened has no number."""
    accepted = counter("penstock_executions_accepted", "Executions that were accepted.")
    ended = counter("penstock_executions_ended", "Executions that ended, by status.")
    durations = histogram("penstock_execution_duration_seconds", "From acceptance to end.")
    taken_over = counter("penstock_executions_taken_over", "Executions that another process had left behind.")
    frames = counter("penstock_frames", "Frames of pipelines.")
    nodes = _Nodes()
    for flow in tallies.flows():
        accepted.add(flow.accepted_count, flow=flow.name)
        taken_over.add(flow.taken_over_count, flow=flow.name)
        for event, status in END_STATUS.items():
            # From the first scrape on, so that the first failure is an increase.
            ended.add(flow.counts[event], flow=flow.name, status=status.name)
        if (times := flow.times.histogram).count:
            durations.add_histogram(times, flow=flow.name)
        if flow.counts[EventType.FRAME_EMITTED]:
            frames.add(flow.counts[EventType.FRAME_EMITTED], flow=flow.name)
        for node in flow.nodes.values():
            nodes.add(flow, node)
    return [accepted, ended, durations, taken_over, frames, *nodes.families]


class _Nodes:
    def __init__(self) -> None:
        self._ended = counter("penstock_node_executions", "Nodes that ended, by outcome.")
        self._durations = histogram(
            "penstock_node_duration_seconds", "How long attempts took that succeeded, and how long pauses were open."
        )
        self._retries = counter("penstock_node_retries", "Attempts that failed and were followed by another.")
        self._fallbacks = counter("penstock_node_fallbacks", "Nodes whose fallback took their place.")
        self._items = counter("penstock_map_items", "Items of maps that ended.")

    def add(self, flow: FlowTally, node: NodeTally) -> None:
        labels = {"flow": flow.name, "node": node.name}
        counts = node.counts
        if node.success_count:
            self._ended.add(node.success_count, **labels, outcome="succeeded")
        for outcome, event in _OUTCOMES.items():
            if counts[event]:
                self._ended.add(counts[event], **labels, outcome=outcome)
        if (times := node.times.histogram).count:
            self._durations.add_histogram(times, **labels)
        if counts[EventType.NODE_ATTEMPT_FAILED]:
            self._retries.add(counts[EventType.NODE_ATTEMPT_FAILED], **labels)
        if counts[EventType.NODE_FELL_BACK]:
            self._fallbacks.add(counts[EventType.NODE_FELL_BACK], **labels)
        for outcome, event in _ITEMS.items():
            if counts[event]:
                self._items.add(counts[event], **labels, outcome=outcome)

    @property
    def families(self) -> list[Family]:
        return [self._ended, self._durations, self._retries, self._fallbacks, self._items]
