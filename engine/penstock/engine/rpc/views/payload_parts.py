"""Gives payloads of executions in parts, and says in lists where those are that were left out."""

from __future__ import annotations

from google.protobuf.message import Message

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.access.showing import shown
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.run_lists import Cut, RunLists
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.checkpoint_pb2 import Checkpoint
from penstock.wire.gen.payload_pb2 import GetPayloadRequest, Payload
from penstock.wire.json import JsonError, dumps
from penstock.wire.scopes import Grants
from penstock.wire.service import Caller

PART_BYTES_DEFAULT = 1024 * 1024
SHOWN_BYTES_DEFAULT = 64 * 1024
"""A payload that is larger makes a list hard to read, and slow."""
_INPUT, _OUTPUT = "input", "output"
_SEQUENCE_DIGITS_MAX = 9


def link(execution_id: str, sequence: int) -> str:
    """Where a payload is."""
    return f"/invocations/v1/executions/{execution_id}/payloads/{sequence}"


def shown_bytes_max(size: int, field: str) -> int:
    """How large a payload may be that a list shows. Raises InvalidArgument."""
    if not 0 <= size <= limits.PAYLOAD_BYTES_MAX:
        raise InvalidArgument(f"{field}: expected 1 to {limits.PAYLOAD_BYTES_MAX:,}, got {size}", field=field)
    return size or SHOWN_BYTES_DEFAULT


def checkpoint(execution_id: str, cut: Cut, program: Program, grants: Grants) -> Checkpoint:
    """A checkpoint as lists show it."""
    event, size = cut
    is_left_out = size is not None and event.payload is None
    message = messages.checkpoint(event, program, grants, size=size if is_left_out else None)
    if is_left_out:
        message.output_link = link(execution_id, event.sequence)
    return message


class PayloadReader:
    """Reads single payloads."""

    def __init__(self, runtime: Runtime, lists: RunLists) -> None:
        self._runtime = runtime
        self._lists = lists

    async def part(self, request: GetPayloadRequest, caller: Caller) -> Payload:
        """See ExecutionService.GetPayload."""
        execution_id = requests.execution_id(request)
        size = _part_size(request)
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        program = await self._runtime.catalog.program(row.account, row.graph_id)
        type_name, data = await self._payload(row, program, request.payload)
        data = shown(program, type_name, data, caller.grants)
        if not request.payload_bytes:
            data = _json(program, type_name, data)
        if request.offset and request.offset >= len(data):
            raise InvalidArgument(
                f"offset: expected less than {len(data)}, the size of the payload, got {request.offset}",
                field="offset",
                reason="BEHIND_THE_END",
                facts={"size": str(len(data))},
            )
        part = data[request.offset : request.offset + size]
        return Payload(data=part, offset=request.offset, size=len(data), type=type_name)

    async def _payload(self, row: ExecutionRow, program: Program, name: str) -> tuple[str, bytes]:
        """Message type and bytes of what was asked for."""
        if name == _INPUT:
            return program.artifact.input_type, await self._runtime.executions.input(row.execution_id)
        if name == _OUTPUT:
            return program.artifact.output_type, await self._output(row, program)
        if not (name.isascii() and name.isdecimal() and len(name) <= _SEQUENCE_DIGITS_MAX):
            raise InvalidArgument(
                f"payload: expected {_INPUT}, {_OUTPUT} or the sequence of an event, got {name[:80]!r}", field="payload"
            )
        event = await self._lists.event(row.execution_id, int(name))
        found = None if event is None else payload_of(program, event)
        if found is None:
            raise NotFound(f"event {name} of execution {row.execution_id} has no payload", reason="NO_PAYLOAD")
        return found

    async def _output(self, row: ExecutionRow, program: Program) -> bytes:
        if program.mode is Mode.PIPELINE:
            raise NotFound("a pipeline gives frames in place of an output", reason="NO_PAYLOAD")
        if row.status is not ExecutionStatus.COMPLETED:
            name = row.status.name
            raise Conflict(f"the execution has no output: it is {name}", facts={"status": name})
        checkpoint = await self._runtime.executions.checkpoint(row.execution_id, program.graph.terminal)
        assert checkpoint is not None
        return checkpoint.payload or b""


def payload_of(program: Program, event: Event) -> tuple[str, bytes] | None:
    """Message type and bytes of what an event holds; None for nothing that people may ask for."""
    payload, plan = event.payload, program.artifact.plan
    match event.type:
        case EventType.NODE_SUCCEEDED | EventType.NODE_RECOVERED if payload is not None:
            return plan.nodes[event.node].output_type, payload
        case EventType.FRAME_EMITTED:
            return program.artifact.output_type, payload or b""
        case EventType.ITEM_SUCCEEDED:
            return plan.nodes[event.node].map.result_type, payload or b""
        case EventType.SIGNAL_RECEIVED if event.detail is not None:
            types = {signal.name: signal.type for node in plan.nodes for signal in node.signals}
            if event.detail.signal in types:
                return types[event.detail.signal], payload or b""
    return None


def _part_size(request: GetPayloadRequest) -> int:
    if request.offset < 0:
        raise InvalidArgument(f"offset: expected 0 or more, got {request.offset}", field="offset")
    if not 0 <= request.limit <= limits.PAYLOAD_BYTES_MAX:
        raise InvalidArgument(f"limit: expected 1 to {limits.PAYLOAD_BYTES_MAX:,}, got {request.limit}", field="limit")
    return request.limit or PART_BYTES_DEFAULT


def _json(program: Program, type_name: str, data: bytes) -> bytes:
    message: Message = program.types.message(type_name).FromString(data)
    try:
        return dumps(program.types.json.encoder(program.types.descriptor(type_name))(message))
    except JsonError as error:
        raise error.under("payload") from None
