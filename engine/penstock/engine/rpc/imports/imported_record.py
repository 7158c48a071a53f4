"""An imported document as the views of an execution look at it: its head, its plan, its log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from google.protobuf import descriptor_pool
from google.protobuf.message import Message

from penstock.engine.domain.artifact import Graph, Mode
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.fold import apply
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc.imports.import_events import EventReader
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.engine.storage.failures import decode_failure
from penstock.engine.storage.postgres.imports import EVENTS, Import, Imports
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.event_pb2 import Event as EventMessage
from penstock.wire.gen.imported_execution_pb2 import ImportedExecution
from penstock.wire.json import JsonCodec

JsonObject = dict[str, Any]
_CODEC = JsonCodec(descriptor_pool.Default())
_NOBODY = UUID(int=0)
_COUNTED = frozenset(
    {EventType.FRAME_EMITTED, EventType.ITEM_SUCCEEDED, EventType.ITEM_FAILED, EventType.NODE_REPORTED}
)
_OUTLINED = tuple(kind for kind in EventType if kind not in _COUNTED)
_ENDED = {
    ExecutionStatus.COMPLETED,
    ExecutionStatus.FAILED,
    ExecutionStatus.CANCELLED,
    ExecutionStatus.TIMED_OUT,
}


def message_of(kind: type[Message], value: object) -> Any:
    """The message of the fixed API whose JSON this is."""
    descriptor: Any = kind.DESCRIPTOR
    return _CODEC.decoder(descriptor)(value)


@dataclass(frozen=True)
class Record:
    """One import. `imported` is what callers see of it."""

    stored: Import
    imported: ImportedExecution

    @cached_property
    def head(self) -> JsonObject:
        """The members of the document before its lists."""
        return cast(JsonObject, json.loads("{" + self.stored.head + "}"))

    @cached_property
    def artifact(self) -> Artifact:
        return cast(Artifact, message_of(Artifact, self.head["artifact"]))

    @cached_property
    def graph(self) -> Graph:
        return graph_of(self.artifact)

    @cached_property
    def events(self) -> EventReader:
        return EventReader({name: index for index, name in enumerate(self.graph.names)})

    @property
    def is_ended(self) -> bool:
        return ExecutionStatus(self.imported.execution.status) in _ENDED

    @property
    def export_us(self) -> int:
        """When it was exported: what had not ended stood so then."""
        return self.imported.export_time.ToMicroseconds()

    def row(self) -> ExecutionRow:
        """What is known of it in the form of an execution that ran here."""
        seen = self.imported.execution
        return ExecutionRow(
            execution_id=seen.execution_id,
            account="",
            flow=seen.flow,
            graph_id=seen.graph_id,
            version=seen.version,
            mode=Mode(seen.mode),
            status=ExecutionStatus(seen.status),
            lease_id=_NOBODY,
            create_us=seen.create_time.ToMicroseconds(),
            start_us=seen.start_time.ToMicroseconds() if seen.HasField("start_time") else None,
            complete_us=seen.complete_time.ToMicroseconds() if seen.HasField("complete_time") else None,
            last_sequence=seen.last_sequence,
            attempt_count=seen.attempt_count,
            failure=decode_failure(seen.error.SerializeToString()) if seen.HasField("error") else None,
            cancel_reason=seen.cancel_reason if seen.HasField("cancel_reason") else None,
            labels=dict(seen.labels),
        )


async def outline(imports: Imports, record: Record) -> list[Event]:
    """The log without frames, items and reports, and without payloads."""
    events: list[Event] = []
    after, is_all = 0, False
    while not is_all:
        lot, is_all = await imports.items(record.stored.import_id, EVENTS, after, 500, types=_OUTLINED)
        for number, text in lot:
            event = record.events.read(message_of(EventMessage, json.loads(text)["event"]))
            if not (event.type is EventType.NODE_ATTEMPT_FAILED and event.frame_index >= 0):
                events.append(event)
            after = number
    return events


def folded(graph: Graph, events: Sequence[Event]) -> Run:
    """Where a log leads that lacks some events: they are counted as if nothing were left out."""
    run = Run(graph)
    for event in events:
        apply(run, event._replace(sequence=run.sequence + 1))
    return run
