"""What of an imported execution is answered with a stream. Methods are called as those of the services."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.struct_pb2 import Struct

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.chain import Chain
from penstock.engine.domain.errors import Conflict, InvalidArgument
from penstock.engine.domain.event import TERMINAL_EVENTS, EventType
from penstock.engine.rpc.exports.export_document import DocumentWriter
from penstock.engine.rpc.imports.imported_record import Record, message_of
from penstock.engine.storage.postgres.imports import ATTEMPTS, EVENTS, NODES, PAUSES, Imports
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_service_pb2 import WatchExecutionRequest, WatchExecutionResponse
from penstock.wire.gen.export_pb2 import ExportExecutionRequest, ExportExecutionResponse
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.json import to_struct

_LISTS = (("events", EVENTS), ("nodes", NODES), ("attempts", ATTEMPTS), ("pauses", PAUSES))
_IO = ("input", "output", "problem")
_IO_OF_PAUSE = ("input", "value")
_PIECE_BYTES_MAX = 1024 * 1024


class ImportedStreams:
    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    async def watch_execution(
        self, request: WatchExecutionRequest, record: Record
    ) -> AsyncIterator[WatchExecutionResponse]:
        """What is on record after a sequence, and its status at the end: nothing else will come."""
        after = request.after_sequence
        if after < 0:
            raise InvalidArgument(f"after_sequence: expected 0 or more, got {after}", field="after_sequence")
        if request.payload_bytes:
            raise Conflict("an export holds JSON, so frames cannot be given in protobuf", reason="IMPORTED")
        frames, last = _Frames(record), 0
        async for lot in self._imports.all_items(record.stored.import_id, EVENTS):
            for number, text in lot:
                value, last = json.loads(text), number
                event = message_of(Event, value["event"])
                kind = EventType(event.type)
                # Those before are read too: frames are counted.
                frame = frames.read(event, value.get("output"))
                if number <= after:
                    continue
                if kind in TERMINAL_EVENTS:
                    before = number - 1
                    yield WatchExecutionResponse(status=record.imported.execution, sequence=before)
                elif kind is EventType.SIGNAL_RECEIVED or (
                    event.HasField("node") and kind is not EventType.FRAME_EMITTED
                ):
                    yield WatchExecutionResponse(node=event, sequence=number - (frame is not None))
                if frame is not None:
                    yield WatchExecutionResponse(frame=frame, sequence=number)
        if not record.is_ended:
            yield WatchExecutionResponse(status=record.imported.execution, sequence=last)

    async def export_execution(
        self, request: ExportExecutionRequest, record: Record
    ) -> AsyncIterator[ExportExecutionResponse]:
        """The document as it came, so that its chain and its signature hold as before."""
        if request.signed:
            raise Conflict(
                "the execution was imported: only the installation where it ran can say that it ran so",
                reason="IMPORTED",
            )
        if request.no_io and record.stored.summary.problem:
            raise Conflict(
                "its document was changed since its export: only the whole of it shows where", reason="IMPORTED"
            )
        pieces = self._without_io(record) if request.no_io else self._as_it_came(record)
        async for piece in pieces:
            for start in range(0, len(piece), _PIECE_BYTES_MAX):
                yield ExportExecutionResponse(data=piece[start : start + _PIECE_BYTES_MAX])

    async def _as_it_came(self, record: Record) -> AsyncIterator[bytes]:
        yield b"{" + record.stored.head.encode()
        for name, kind in _LISTS:
            opening = f',\n"{name}":['
            async for lot in self._imports.all_items(record.stored.import_id, kind):
                yield (opening + "\n" + ",\n".join(text for _, text in lot)).encode()
                opening = ","
            yield (("" if opening == "," else opening) + "\n]").encode()
        yield (",\n" + record.stored.tail + "}\n").encode()

    async def _without_io(self, record: Record) -> AsyncIterator[bytes]:
        """Its chain is another one: what was left out is no part of it."""
        chain = Chain()
        writer, count = DocumentWriter(chain), 0
        writer.begin({name: value for name, value in record.head.items() if name != "input"} | {"no_io": True})
        for name, kind in _LISTS:
            writer.begin_list(name)
            async for lot in self._imports.all_items(record.stored.import_id, kind):
                for _, text in lot:
                    _write(writer, kind, json.loads(text))
                count += len(lot) if kind == EVENTS else 0
                yield writer.take()
            writer.end_list()
        writer.end([("chain", {"algorithm": "sha-256", "event_count": count, "head": chain.head.hex()})])
        yield writer.take()


def _write(writer: DocumentWriter, kind: int, value: Any) -> None:
    if kind == EVENTS:
        writer.event({name: member for name, member in value.items() if name not in (*_IO, "hash")})
    elif kind == PAUSES:
        writer.link({name: member for name, member in value.items() if name not in _IO_OF_PAUSE})
    else:
        writer.link(value)


class _Frames:
    """The frames of a document, as `FrameReader` gives those of an execution that ran here."""

    def __init__(self, record: Record) -> None:
        graph = record.graph
        self._execution_id = record.imported.execution.execution_id
        self._type = EventType.FRAME_EMITTED if graph.mode is Mode.PIPELINE else EventType.NODE_SUCCEEDED
        self._terminal = graph.names[graph.terminal]
        self._count = 0

    def read(self, event: Event, output: Any) -> Frame | None:
        kind = EventType(event.type)
        frame = Frame(execution_id=self._execution_id, frame_index=self._count, success=True, sequence=event.sequence)
        if kind is self._type and event.node == self._terminal:
            frame.payload.CopyFrom(to_struct(output) if isinstance(output, dict) else Struct())
            if event.provisional:
                frame.provisional = True
            self._count += 1
            return frame
        if kind is EventType.FRAMES_ROLLED_BACK:
            self._count = frame.frame_index = frame.rollback_to = event.frame_index
            return frame
        if kind in TERMINAL_EVENTS:
            frame.is_final = True
            if kind is not EventType.EXECUTION_COMPLETED:
                frame.success, frame.error = False, _why(event)
            return frame
        return None


def _why(event: Event) -> str:
    if event.HasField("error"):
        return event.error.message
    return f"cancelled: {event.reason}" if event.reason else "cancelled"
