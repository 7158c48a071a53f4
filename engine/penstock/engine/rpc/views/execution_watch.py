"""Streams what one execution records, and shows it as it stood after each event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.event import STATUS_EVENTS, TERMINAL_EVENTS, Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.explain.surroundings import SurroundingsReader
from penstock.engine.rpc.messages import Surroundings
from penstock.engine.rpc.views.frames import FrameReader
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen import execution_service_pb2 as pb
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.service import Caller

_STATUS_EVENTS = TERMINAL_EVENTS | {
    EventType.EXECUTION_ACCEPTED,
    EventType.EXECUTION_STARTED,
    EventType.EXECUTION_RESUMED,
    *STATUS_EVENTS,
}
"""Events after which a watcher is shown the execution."""


class ExecutionWatch:
    """Reads what is committed, whichever process drives the execution."""

    def __init__(self, runtime: Runtime, views: Views, surroundings: SurroundingsReader) -> None:
        self._runtime = runtime
        self._views = views
        self._surroundings = surroundings

    async def watch(
        self, request: pb.WatchExecutionRequest, caller: Caller
    ) -> AsyncIterator[pb.WatchExecutionResponse]:
        """See ExecutionService.WatchExecution."""
        execution_id = requests.execution_id(request)
        after = request.after_sequence
        if after < 0:
            raise InvalidArgument(f"after_sequence: expected 0 or more, got {after}", field="after_sequence")
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        program = await self._runtime.catalog.program(row.account, row.graph_id)
        frame_count = await self.frames_up_to(execution_id, program, after) if after else 0
        is_json = not request.payload_bytes
        reader = FrameReader(execution_id, program, caller.grants, is_json=is_json, frame_count=frame_count)
        surroundings = await self._surroundings.read(row)
        async with aclosing(followers.follow(self._runtime, execution_id, caller.account, after)) as log:
            async for events in log:
                for event in events:
                    async for update in self._updates(event, row, program, reader, surroundings):
                        yield update

    async def as_it_stands(self, row: ExecutionRow) -> Execution:
        return await self._as_it_stands(row, await self._surroundings.read(row))

    async def frames_up_to(self, execution_id: str, program: Program, sequence: int) -> int:
        """Number of frames up to a sequence that count."""
        terminal = program.graph.terminal if program.mode is Mode.UNARY else None
        return await self._runtime.executions.frames_up_to(execution_id, sequence, terminal)

    async def _as_it_stands(self, row: ExecutionRow, surroundings: Surroundings) -> Execution:
        progress = None
        if row.complete_us is None:
            progress = (await self._runtime.executions.progress([row.execution_id])).get(row.execution_id)
        return messages.execution(row, progress, self._runtime.clock.now_us(), surroundings)

    async def _as_of(self, event: Event, row: ExecutionRow, surroundings: Surroundings) -> Execution:
        """The execution as it stood after a change of its status."""
        if event.type in TERMINAL_EVENTS:
            now = await followers.get_row(self._runtime, row.execution_id, row.account)
            return await self._as_it_stands(now, surroundings)
        if event.type is EventType.EXECUTION_ACCEPTED:
            status = ExecutionStatus.QUEUED
        elif event.type is EventType.EXECUTION_STARTED:
            status = ExecutionStatus.RUNNING
        else:
            status = await self._views.status_up_to(row.execution_id, event.sequence)
        started = await self._runtime.executions.attempts_up_to(row.execution_id, event.sequence)
        return messages.execution_as_of(row, event, status, started, surroundings)

    async def _updates(
        self, event: Event, row: ExecutionRow, program: Program, reader: FrameReader, surroundings: Surroundings
    ) -> AsyncIterator[pb.WatchExecutionResponse]:
        frame = reader.read(event)
        if event.type in _STATUS_EVENTS:
            # Its id resumes before the final frame, which must not be lost between the two.
            sequence = event.sequence - 1 if frame is not None else event.sequence
            yield pb.WatchExecutionResponse(status=await self._as_of(event, row, surroundings), sequence=sequence)
        elif event.type is EventType.SIGNAL_RECEIVED or (event.node >= 0 and event.type is not EventType.FRAME_EMITTED):
            sequence = event.sequence - 1 if frame is not None else event.sequence
            yield pb.WatchExecutionResponse(node=messages.event(event, program.graph), sequence=sequence)
        if frame is not None:
            yield pb.WatchExecutionResponse(frame=frame, sequence=event.sequence)
