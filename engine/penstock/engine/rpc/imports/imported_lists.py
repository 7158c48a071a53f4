"""Of an imported execution what there may be much of: logs, frames, pauses, payloads. Methods as in the services."""

from __future__ import annotations

from typing import Any

from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.event import EventType
from penstock.engine.rpc import requests
from penstock.engine.rpc.imports.imported_items import ImportedItems, next_token, node_name, struct_of
from penstock.engine.rpc.imports.imported_record import Record, message_of
from penstock.engine.storage.postgres.imports import EVENTS, PAUSES
from penstock.wire.gen import execution_lists_pb2 as lists
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.gen.pause_service_pb2 import GetPauseRequest, ListPausesRequest, ListPausesResponse
from penstock.wire.gen.payload_pb2 import GetPayloadRequest, Payload
from penstock.wire.json import dumps

_LINES_LOOKED_AT_MAX = 20_000
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class ImportedLists(ImportedItems):
    async def list_logs(self, request: lists.ListLogsRequest, record: Record) -> lists.ListLogsResponse:
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        if request.level and request.level not in _LEVELS:
            raise InvalidArgument(
                f"level: expected one of {', '.join(_LEVELS)}, got {request.level[:80]!r}", field="level"
            )
        levels = _LEVELS[_LEVELS.index(request.level) :] if request.level else _LEVELS
        binding = f"logs|{request.execution_id}|{request.node}|{request.level}"
        after, looked_at, is_all = requests.sequence_token(request.page_token, binding), 0, False
        node = node_name(record, request.node)
        lines: list[lists.LogLine] = []
        while not is_all and len(lines) < size and looked_at < _LINES_LOOKED_AT_MAX:
            found, is_all = await self.items(record, EVENTS, after, size - len(lines), node, (EventType.NODE_REPORTED,))
            for number, value in found:
                event = message_of(Event, value["event"])
                if event.report.HasField("log") and event.report.log.level in levels:
                    lines.append(_line(event))
                after = number
            looked_at += len(found)
        return lists.ListLogsResponse(lines=lines, next_page_token="" if is_all else page.encode(str(after), binding))

    async def list_frames(self, request: lists.ListFramesRequest, record: Record) -> lists.ListFramesResponse:
        size = requests.page_size(request)
        binding = f"frames|{request.execution_id}"
        after = requests.sequence_token(request.page_token, binding)
        if record.graph.pipeline >= 0:
            found, is_all = await self.items(record, EVENTS, after, size, None, (EventType.FRAME_EMITTED,))
        else:
            terminal = record.graph.names[record.graph.terminal]
            found, is_all = await self.items(record, EVENTS, after, size, terminal, (EventType.NODE_SUCCEEDED,))
        return lists.ListFramesResponse(
            frames=[_frame(record, value) for _, value in found], next_page_token=next_token(found, is_all, binding)
        )

    async def list_child_executions(
        self, request: lists.ListChildExecutionsRequest, record: Record
    ) -> lists.ListChildExecutionsResponse:
        """An export holds none of them; its nodes name them."""
        return lists.ListChildExecutionsResponse()

    async def get_payload(self, request: GetPayloadRequest, record: Record) -> Payload:
        """In its JSON form alone: an export holds no other."""
        if request.payload_bytes:
            raise Conflict("an export holds JSON, so a payload cannot be given in protobuf", reason="IMPORTED")
        value = await self._payload(request.payload, record)
        if value is None:
            raise NotFound(f"{request.payload[:80]} of execution {request.execution_id} has no payload")
        data = dumps(value)
        if request.offset < 0 or (request.offset and request.offset >= len(data)):
            raise InvalidArgument(
                f"offset: expected less than {len(data)}, the size of the payload, got {request.offset}",
                field="offset",
                reason="BEHIND_THE_END",
                facts={"size": str(len(data))},
            )
        part = data[request.offset : request.offset + (request.limit or len(data))]
        return Payload(data=part, offset=request.offset, size=len(data))

    async def get_pause(self, request: GetPauseRequest, record: Record) -> Pause:
        found, _ = await self.items(record, PAUSES, 0, 1, request.pause)
        if not found:
            raise NotFound(f"execution {request.execution_id} came to no pause {request.pause[:80]!r}")
        return _pause(record, found[0][1])

    async def list_pauses(self, request: ListPausesRequest, record: Record) -> ListPausesResponse:
        size = requests.page_size(request)
        binding = f"pauses|{request.execution_id}"
        after = requests.sequence_token(request.page_token, binding)
        found, is_all = await self.items(record, PAUSES, after, size)
        return ListPausesResponse(
            pauses=[_pause(record, value) for _, value in found], next_page_token=next_token(found, is_all, binding)
        )

    async def _payload(self, name: str, record: Record) -> Any:
        if name == "input":
            return record.head.get("input")
        if name == "output":
            return await self.output(record)
        if not (name.isascii() and name.isdecimal() and len(name) < 10):
            raise InvalidArgument(
                f"payload: expected input, output or the sequence of an event, got {name[:80]!r}", field="payload"
            )
        found, _ = await self.items(record, EVENTS, int(name) - 1, 1)
        return found[0][1].get("output") if found and found[0][0] == int(name) else None


def _frame(record: Record, value: Any) -> lists.RecordedFrame:
    event, plan = message_of(Event, value["event"]), record.artifact.plan
    frame = lists.RecordedFrame(
        frame_index=event.frame_index,
        sequence=event.sequence,
        time=event.time,
        payload_type=plan.nodes[plan.terminal].output_type,
    )
    if (payload := struct_of(value.get("output"))) is not None:
        frame.payload.CopyFrom(payload)
    if event.provisional:
        frame.provisional = True
    return frame


def _line(event: Event) -> lists.LogLine:
    said = event.report.log
    return lists.LogLine(
        sequence=event.sequence,
        time=event.time,
        node=event.node,
        attempt=event.attempt,
        level=said.level,
        message=said.message,
    )


def _pause(record: Record, value: Any) -> Pause:
    """Under the id that the execution has here."""
    pause: Pause = message_of(Pause, value)
    pause.execution_id = record.imported.execution.execution_id
    return pause
