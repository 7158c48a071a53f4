"""Folds the events of an exported document: where its execution stood after each of them. Nothing runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf import descriptor_pool

from penstock.cli.client import JsonObject
from penstock.cli.errors import CliError
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.fold import apply
from penstock.engine.domain.run import Run
from penstock.engine.rpc.imports.import_events import EventReader
from penstock.engine.rpc.views.node_views import add_usage, placed_nodes
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.event_pb2 import Event as EventMessage
from penstock.wire.gen.event_pb2 import NodeProgress, NodeReport, NodeUsage
from penstock.wire.gen.node_execution_pb2 import NodeExecution
from penstock.wire.json import JsonCodec, JsonError

_CODEC = JsonCodec(descriptor_pool.Default())
_EVENT: Any = EventMessage.DESCRIPTOR
_ARTIFACT: Any = Artifact.DESCRIPTOR
_NODE: Any = NodeExecution.DESCRIPTOR

_message_of = cast(Callable[[object], EventMessage], _CODEC.decoder(_EVENT))

_ABOUT_ITEMS = (EventType.ITEM_SUCCEEDED, EventType.ITEM_FAILED)
_LEFT_OUT = (*_ABOUT_ITEMS, EventType.FRAME_EMITTED, EventType.NODE_REPORTED)


@dataclass(frozen=True, slots=True)
class Standing:
    """An execution after one of its events. `nodes` are NodeExecution in JSON."""

    sequence: int
    status: str
    nodes: list[JsonObject]


class Recording:
    """The events of one document. Going on costs one event; going back folds anew."""

    def __init__(self, document: JsonObject) -> None:
        """Raises CliError when it cannot be read."""
        self.document = document
        self.events: list[JsonObject] = document["events"]
        try:
            artifact = cast(Artifact, _CODEC.decoder(_ARTIFACT)(document["artifact"]))
            self._plan = artifact.plan
            self._graph = graph_of(artifact)
            reader = EventReader({name: index for index, name in enumerate(self._graph.names)})
            self._read = [reader.read(_message_of(exported["event"])) for exported in self.events]
        except (JsonError, KeyError, ValueError, TypeError) as error:
            raise CliError(f"cannot replay the document: {error}") from error
        self._rewind()

    @property
    def last(self) -> int:
        return len(self.events)

    def status_at(self, sequence: int) -> str:
        self._go(sequence)
        return self._run.status.name

    def changes(self, sequence: int) -> list[str]:
        """What the event of this sequence changed: the statuses of nodes and of the execution, as words."""
        self._go(sequence - 1)
        before, status = list(self._run.node_statuses), self._run.status
        self._go(sequence)
        changed = [
            f"{self._graph.names[index]} {old.name} -> {new.name}"
            for index, (old, new) in enumerate(zip(before, self._run.node_statuses, strict=True))
            if old is not new
        ]
        if self._run.status is not status:
            changed.append(f"execution {status.name} -> {self._run.status.name}")
        return changed

    def at(self, sequence: int) -> Standing:
        self._go(sequence)
        nodes = placed_nodes(self._plan, self._told, self._run)
        for index, node in enumerate(nodes):
            if node.HasField("item_count"):
                node.items_succeeded = self._counts[index, EventType.ITEM_SUCCEEDED]
                node.items_failed = self._counts[index, EventType.ITEM_FAILED]
            if self._plan.nodes[index].pipeline:
                node.frame_count = self._frame_count
            if index in self._progress:
                node.progress.CopyFrom(self._progress[index])
        for (index, _, _), usage in sorted(self._used.items(), key=lambda each: each[0]):
            nodes[index].usage.append(usage)
        return Standing(sequence, self._run.status.name, [_CODEC.encoder(_NODE)(node) for node in nodes])

    def _rewind(self) -> None:
        self._position = 0
        self._run = Run(self._graph)
        self._told: list[Event] = []
        self._counts: Counter[tuple[int, EventType]] = Counter()
        self._frame_count = 0
        self._progress: dict[int, NodeProgress] = {}
        self._used: dict[tuple[int, str, str], NodeUsage] = {}

    def _go(self, sequence: int) -> None:
        if sequence < self._position:
            self._rewind()
        while self._position < sequence:
            event = self._read[self._position]
            self._apply(event)
            self._position += 1

    def _apply(self, event: Event) -> None:
        try:
            apply(self._run, event)
        except (ValueError, KeyError, AssertionError, AttributeError) as error:
            raise CliError(f"cannot replay the document: event {self._position + 1} does not fit: {error}") from error
        if event.type in _ABOUT_ITEMS:
            self._counts[event.node, event.type] += 1
        elif event.type is EventType.FRAME_EMITTED:
            self._frame_count += 1
        elif event.type is EventType.FRAMES_ROLLED_BACK:
            self._frame_count = event.frame_index
        elif event.type is EventType.NODE_REPORTED:
            self._take(event.node, _message_of(self.events[self._position]["event"]).report)
        if event.type not in _LEFT_OUT and not (event.type is EventType.NODE_ATTEMPT_FAILED and event.frame_index >= 0):
            self._told.append(event)

    def _take(self, node: int, report: NodeReport) -> None:
        if report.HasField("progress"):
            self._progress[node] = report.progress
        elif report.HasField("usage"):
            add_usage(self._used, node, report.usage)
