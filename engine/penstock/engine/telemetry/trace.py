"""An execution that ended -> spans as OpenTelemetry knows them, without its library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.timeline_pb2 import Span

Attributes = dict[str, str | int | float | bool]

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_ROOT = -1


@dataclass(frozen=True, slots=True)
class Place:
    """A span of any trace. `is_sampled` is what its own trace decided."""

    trace_id: int
    span_id: int
    is_sampled: bool = True


@dataclass(slots=True)
class TraceSpan:
    """One span. Times are unix time in microseconds; `parent_id` 0 is for the root."""

    name: str
    span_id: int
    parent_id: int
    start_us: int
    end_us: int
    is_failed: bool = False
    attributes: Attributes = field(default_factory=dict)
    links: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trace:
    """The root first. The id of the execution is the trace id."""

    trace_id: int
    spans: Sequence[TraceSpan]


def read_traceparent(text: str) -> Place | None:
    """Where a caller is in a trace of its own (W3C Trace Context); None for what does not say so."""
    found = _TRACEPARENT.fullmatch(text)
    if found is None or (text.startswith("00") and found[4]):
        return None
    trace_id, span_id = int(found[1], 16), int(found[2], 16)
    return Place(trace_id, span_id, bool(int(found[3], 16) & 1)) if trace_id and span_id else None


def place_of(execution_id: str, node: int = _ROOT) -> Place:
    """The span of a node, by its index, or the root. The same whoever asks: spans link without asking each other."""
    return Place(int(execution_id, 16), _span_id(execution_id, node))


def trace_of(row: ExecutionRow, names: Sequence[str], spans: Iterable[Span], links: Sequence[Place]) -> Trace:
    """`names` are those of the nodes, by index; `links` belong to the root."""
    drawing = _Drawing(row, names)
    listed = list(spans)
    repeated = _with_several_attempts(listed)
    for span in listed:
        if span.type == Span.EXECUTION:
            drawing.root.links += links
        elif span.type != Span.ATTEMPT or span.node in repeated or span.compensation:
            drawing.add(span)
    return Trace(int(row.execution_id, 16), drawing.spans)


def _with_several_attempts(spans: Iterable[Span]) -> set[str]:
    """Nodes of which one span does not tell everything: each attempt has its own."""
    return {span.node for span in spans if span.type == Span.ATTEMPT and (span.attempt > 1 or span.fallback)}


class _Drawing:
    def __init__(self, row: ExecutionRow, names: Sequence[str]) -> None:
        self._row = row
        self._indexes = {name: index for index, name in enumerate(names)}
        self.root = _root(row)
        self.spans = [self.root]

    def add(self, span: Span) -> None:
        node = self._indexes[span.node]
        node_id = _span_id(self._row.execution_id, node)
        is_node = span.type == Span.NODE
        drawn = TraceSpan(
            _name(span),
            node_id if is_node else _span_id(self._row.execution_id, node, f"{span.type} {span.sequence}"),
            self.root.span_id if is_node else node_id,
            start_us := span.start_time.ToMicroseconds(),
            # What nothing ended, the end of the execution did.
            max(start_us, span.end_time.ToMicroseconds() if span.HasField("end_time") else self.root.end_us),
            span.state == Span.FAILED,
            _attributes(span),
        )
        if span.child_execution_id:
            drawn.links.append(place_of(span.child_execution_id))
        self.spans.append(drawn)


def _root(row: ExecutionRow) -> TraceSpan:
    attributes: Attributes = {
        "penstock.execution_id": row.execution_id,
        "penstock.flow": row.flow,
        "penstock.version": row.version,
        "penstock.graph_id": row.graph_id,
        "penstock.status": row.status.name,
        "penstock.attempt_count": row.attempt_count,
    }
    if row.start_us is not None:
        attributes["penstock.queue_seconds"] = (row.start_us - row.create_us) / 1e6
    if row.failure is not None:
        attributes["error.type"] = row.failure.code
        if row.failure.node:
            attributes["penstock.failed_node"] = row.failure.node
    is_failed = row.status not in (ExecutionStatus.COMPLETED, ExecutionStatus.CANCELLED)
    end_us = max(row.create_us, row.complete_us or row.create_us)
    return TraceSpan(row.flow, _span_id(row.execution_id, _ROOT), 0, row.create_us, end_us, is_failed, attributes)


def _name(span: Span) -> str:
    match span.type:
        case Span.ATTEMPT:
            kind = "undo" if span.compensation else "fallback" if span.fallback else "attempt"
            return f"{span.node} {kind} {span.attempt}"
        case Span.WAIT:
            return f"{span.node} waits: {Event.Wait.Name(span.wait)}"
        case Span.ITEM:
            return f"{span.node} item {span.item}"
        case Span.ITEMS:
            return f"{span.node} {span.item_count} items"
    return span.node


def _attributes(span: Span) -> Attributes:
    attributes: Attributes = {"penstock.node": span.node}
    if span.HasField("attempt"):
        attributes["penstock.attempt"] = span.attempt
    if span.HasField("queue_time"):
        attributes["penstock.queue_seconds"] = span.queue_time.ToMicroseconds() / 1e6
    if span.HasField("run_time"):
        attributes["penstock.run_seconds"] = span.run_time.ToMicroseconds() / 1e6
    for name in ("item", "item_count", "items_failed"):
        if span.HasField(name):
            attributes[f"penstock.{name}"] = getattr(span, name)
    if span.child_execution_id:
        attributes["penstock.child_execution_id"] = span.child_execution_id
    return attributes


def _span_id(execution_id: str, node: int, which: str = "") -> int:
    """Never 0, which stands for none."""
    digest = blake2b(f"{execution_id}/{node}/{which}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") or 1
