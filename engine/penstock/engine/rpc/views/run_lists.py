"""Pages of what one execution has: lines of logs, frames, executions of its sub-flows."""

from __future__ import annotations

from penstock.engine.domain import limits, page
from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.event import Event
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.explain.surroundings import SurroundingsReader
from penstock.engine.rpc.views.payload_parts import link, shown_bytes_max
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.run_lists import NOBODY, Cut, RunLists
from penstock.wire.gen.event_pb2 import NodeReport
from penstock.wire.gen.execution_lists_pb2 import (
    ListChildExecutionsRequest,
    ListChildExecutionsResponse,
    ListFramesRequest,
    ListFramesResponse,
    ListLogsRequest,
    ListLogsResponse,
    LogLine,
    RecordedFrame,
)
from penstock.wire.scopes import Grants
from penstock.wire.service import Caller

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_LOT = 1_000
_LOTS_MAX = 20
"""Lots of lines that one page looks at: few of many may be of the level that is asked for."""


class RunListsReader:
    """Reads what is committed, whichever process drives the execution."""

    def __init__(self, runtime: Runtime, lists: RunLists, surroundings: SurroundingsReader) -> None:
        self._runtime = runtime
        self._lists = lists
        self._surroundings = surroundings

    async def logs(self, request: ListLogsRequest, caller: Caller) -> ListLogsResponse:
        """See ExecutionService.ListLogs."""
        execution_id = requests.execution_id(request)
        size = requests.page_size(request, limits.PAGE_SIZE_MAX)
        levels = _levels(request.level)
        binding = f"logs|{execution_id}|{request.node}|{request.level}"
        after = requests.sequence_token(request.page_token, binding)
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        program = await self._runtime.catalog.program(row.account, row.graph_id)
        node = node_index(program, request.node) if request.node else None
        lines: list[LogLine] = []
        for _ in range(_LOTS_MAX):
            lot = await self._lists.logs(execution_id, node, after, _LOT)
            for event in lot:
                if len(lines) == size:
                    break
                after = event.sequence
                line = _line(event, program)
                if line.level in levels:
                    lines.append(line)
            else:
                if len(lot) < _LOT:
                    return ListLogsResponse(lines=lines)
                continue
            break
        return ListLogsResponse(lines=lines, next_page_token=page.encode(str(after), binding))

    async def frames(self, request: ListFramesRequest, caller: Caller) -> ListFramesResponse:
        """See ExecutionService.ListFrames."""
        execution_id = requests.execution_id(request)
        size = requests.page_size(request)
        bytes_max = shown_bytes_max(request.payload_bytes_max, "payload_bytes_max")
        binding = f"frames|{execution_id}|{request.payload_bytes_max}"
        after = requests.sequence_token(request.page_token, binding)
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        program = await self._runtime.catalog.program(row.account, row.graph_id)
        if program.mode is Mode.UNARY:
            only = await self._runtime.executions.checkpoint(execution_id, program.graph.terminal)
            found = [] if only is None else [Cut(only._replace(frame_index=0), len(only.payload or b""))]
            has_more = False
        else:
            found, has_more = await self._lists.frames(execution_id, after, bytes_max, size)
        return ListFramesResponse(
            frames=[_frame(execution_id, each, program, bytes_max, caller.grants) for each in found],
            next_page_token=page.encode(str(found[-1].event.sequence), binding) if has_more else "",
        )

    async def children(self, request: ListChildExecutionsRequest, caller: Caller) -> ListChildExecutionsResponse:
        """See ExecutionService.ListChildExecutions."""
        execution_id = requests.execution_id(request)
        size = requests.page_size(request)
        binding = f"children|{execution_id}"
        after = requests.execution_token(request.page_token, binding) or NOBODY
        await followers.get_row(self._runtime, execution_id, caller.account)
        rows = await self._lists.children(execution_id, caller.account, after, size + 1)
        live = [row.execution_id for row in rows[:size] if row.complete_us is None]
        progress = await self._runtime.executions.progress(live) if live else {}
        now_us = self._runtime.clock.now_us()
        return ListChildExecutionsResponse(
            executions=[
                messages.execution(row, progress.get(row.execution_id), now_us, await self._surroundings.read(row))
                for row in rows[:size]
            ],
            next_page_token=page.encode(rows[size - 1].execution_id, binding) if len(rows) > size else "",
        )


def node_index(program: Program, name: str) -> int:
    """Raises InvalidArgument naming the nodes that there are."""
    try:
        return program.graph.names.index(name)
    except ValueError:
        known = ", ".join(program.graph.names)
        raise InvalidArgument(f"node: expected one of {known}, got {name[:80]!r}", field="node") from None


def _levels(level: str) -> tuple[str, ...]:
    """The level and those above it."""
    if not level:
        return _LEVELS
    if level not in _LEVELS:
        raise InvalidArgument(f"level: expected one of {', '.join(_LEVELS)}, got {level[:80]!r}", field="level")
    return _LEVELS[_LEVELS.index(level) :]


def _line(event: Event, program: Program) -> LogLine:
    said = NodeReport.FromString(event.payload or b"").log
    return LogLine(
        sequence=event.sequence,
        time=messages.timestamp(event.time_us),
        node=program.graph.names[event.node],
        attempt=event.attempt or 1,
        level=said.level,
        message=said.message,
    )


def _frame(execution_id: str, cut: Cut, program: Program, bytes_max: int, grants: Grants) -> RecordedFrame:
    event, size = cut
    message = RecordedFrame(
        frame_index=event.frame_index,
        sequence=event.sequence,
        time=messages.timestamp(event.time_us),
        payload_type=program.artifact.output_type,
        payload_bytes_size=size or 0,
    )
    if event.detail is not None and event.detail.is_provisional:
        message.provisional = True
    if size is not None and size > bytes_max:
        message.payload_link = link(execution_id, event.sequence)
    else:
        payload = messages.payload_struct(program, message.payload_type, event.payload or b"", grants)
        message.payload.CopyFrom(payload)
    return message
